"""Heads are looked up one by one, whatever PostgreSQL knows about the table."""

import json

import pytest
from sqlalchemy import event as listener

from domain.aggregates.task import CreateTask, UserTask
from domain.identity import Key
from store.events.heads import Heads
from tests.store.databases import each_database, rows


def made(store, names):
    with store.begin() as work:
        for name in names:
            work.collect(Key("app", "task", name), CreateTask(UserTask(name, "app")))


@each_database
def test_heads_are_found_by_their_whole_key(store):
    made(store, ["b", "a", "c"])
    wanted = [Key("app", "task", "c"), Key("other", "task", "a"), Key("app", "task", "a"), Key("app", "command", "b")]
    with store.begin() as work:
        found = {key.id: head.revision for key, head in work.heads.lock(wanted).items() if head.revision}
    assert found == {"a": 1, "c": 1}


@pytest.mark.servers
@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_without_statistics_no_head_is_read_that_nobody_asked_for(store):
    """As in a store's first minute: the planner knows nothing yet, and must not read all heads of the application."""
    made(store, [f"t{number}" for number in range(3000)])
    assert rows(
        store, "SELECT count(*) FROM pg_stats WHERE tablename = 'aggregate' AND schemaname = current_schema()"
    ) == [(0,)]
    plans = []

    def explain(_connection, cursor, statement, parameters, *_more):
        if statement.startswith("SELECT") and "FROM aggregate" in statement:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters)
            plans.append(cursor.fetchone()[0][0]["Plan"])

    listener.listen(store.database.engine, "before_cursor_execute", explain)
    with store.database.transaction() as connection:
        Heads(connection).lock(Key("app", "task", f"t{number}") for number in range(0, 3000, 30))
    nodes = [node for plan in plans for node in _nodes(plan)]
    read = [node for node in nodes if node.get("Relation Name") == "aggregate"]
    assert read, json.dumps(plans)
    assert {node["Node Type"] for node in read} == {"Index Scan"}
    assert sum(node.get("Rows Removed by Filter", 0) for node in read) == 0


def _nodes(plan):
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)
