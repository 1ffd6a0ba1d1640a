"""One transaction: everything or nothing, on SQLite in memory, SQLite in a file and PostgreSQL alike."""

import contextlib
import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, ProgrammingError

from domain.aggregates.accumulate import accumulate
from domain.aggregates.task import AssignTask, ChangeTask, CompleteTask, CreateTask, UserTask
from domain.errors import InvalidValue, StoreUnavailable
from domain.identity import Key
from store.sql.errors import ConcurrentUpdate
from tests.store.databases import each_database, rows


def key(name="t1"):
    return Key("app", "task", name)


def create(work, name="t1", **fields):
    work.collect(key(name), CreateTask(UserTask(name, "app", **fields)))


class FakeEngine:
    def __init__(self):
        self.held, self.saved, self.forgotten = {"i1"}, [], []

    def touched(self):
        return frozenset(self.held)

    def flush(self):
        self.saved.append(sorted(self.held))

    def forget(self, names):
        self.forgotten.append(sorted(names))
        self.held -= names


@each_database
def test_events_heads_and_outbox_commit_together(store):
    with store.begin() as work:
        create(work)
        work.collect(key(), AssignTask("ann"))
    assert rows(store, "SELECT routing_key, revision FROM event") == [("task.created.app", 1)]
    assert rows(store, "SELECT revision FROM aggregate") == [(1,)]
    assert rows(store, "SELECT e.position = o.position FROM event e, outbox o") == [(True,)]
    assert rows(store, "SELECT lane, key FROM outbox") == [(key().lane, key().opaque)]


@each_database
def test_an_error_leaves_nothing(store):
    with pytest.raises(RuntimeError), store.begin() as work:
        create(work)
        work.decide_and_write()
        raise RuntimeError
    for table in ("event", "outbox", "aggregate"):
        assert rows(store, f"SELECT count(*) FROM {table}") == [(0,)]


@each_database
def test_an_undecidable_value_leaves_nothing(store):
    with pytest.raises(InvalidValue, match="payload"), store.begin() as work:
        create(work, "good")
        create(work, "bad", payload={"n": 2**64})
    assert rows(store, "SELECT count(*) FROM event") == [(0,)]


@each_database
def test_a_savepoint_drops_what_was_collected_in_it_and_forgets_what_it_touched(store):
    engine = FakeEngine()
    with store.begin() as work:
        work.join(engine)
        create(work, "kept")
        with pytest.raises(RuntimeError), work.savepoint():
            create(work, "dropped")
            work.decide_and_write()
            raise RuntimeError
        create(work, "later")
    assert rows(store, "SELECT aggregate_id FROM event ORDER BY position") == [("kept",), ("later",)]
    assert engine.forgotten == [["i1"]]
    assert engine.saved[0] == ["i1"], "saved before the savepoint, so that what came before it is not lost"


@each_database
def test_heads_are_read_again_after_a_savepoint_rolled_back(store):
    with store.begin() as work:
        create(work)
        work.decide_and_write()
        with pytest.raises(RuntimeError), work.savepoint():
            work.collect(key(), AssignTask("ann"))
            work.decide_and_write()
            raise RuntimeError
        work.collect(key(), ChangeTask({"name": "x"}))
    assert rows(store, "SELECT revision FROM event ORDER BY position") == [(1,), (2,)]
    assert rows(store, "SELECT state FROM aggregate")[0][0].count('"assignee":null') == 1


@each_database
@pytest.mark.parametrize("before", [False, True], ids=["first within", "before"])
@pytest.mark.parametrize("ends", ["well", "badly", "in the database"])
def test_a_session_is_usable_within_a_savepoint_before_and_after_it(store, before, ends):
    """A service's tables, in a step that goes well or fails: what is in the savepoint is kept or dropped with it."""

    def add(name):
        work.session.execute(text(f"INSERT INTO request VALUES ('{name}')"))

    with store.begin() as work:
        work.session.execute(text("CREATE TABLE request (id TEXT)"))
    with store.begin() as work:
        if before:
            add("before")
        with contextlib.suppress(RuntimeError, OperationalError, ProgrammingError, StoreUnavailable), work.savepoint():
            add("within")
            create(work, "within")
            if ends == "in the database":
                work.session.execute(text("SELECT * FROM nowhere"))
            if ends == "badly":
                raise RuntimeError
        add("after")
        create(work, "after")
    kept = {"within"} if ends == "well" else set()
    earlier = {"before"} if before else set()
    assert {name for (name,) in rows(store, "SELECT id FROM request")} == kept | {"after"} | earlier
    assert {name for (name,) in rows(store, "SELECT id FROM aggregate")} == kept | {"after"}


@each_database
def test_a_session_shares_the_transaction_but_cannot_end_it(store):
    with store.begin() as work:
        work.connection.execute(text("CREATE TABLE request (id VARCHAR(10))"))
    with pytest.raises(RuntimeError), store.begin() as work:
        work.session.execute(text("INSERT INTO request VALUES ('r1')"))
        work.session.commit()
        create(work)
        raise RuntimeError
    assert rows(store, "SELECT * FROM request") == []
    with store.begin() as work:
        work.session.execute(text("INSERT INTO request VALUES ('r2')"))
        create(work)
    assert rows(store, "SELECT * FROM request") == [("r2",)]


@each_database
def test_revisions_stay_gapless_under_concurrent_writers(store, kind):
    if kind == "memory":
        pytest.skip("one connection, one thread")
    with store.begin() as work:
        create(work)

    def assign(name):
        for number in range(10):
            with store.begin() as work:
                work.collect(key(), AssignTask(f"{name}{number}"))

    threads = [threading.Thread(target=assign, args=(name,)) for name in ("a", "b", "c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [row[0] for row in rows(store, "SELECT revision FROM event ORDER BY position")] == list(range(1, 32))


@each_database
def test_two_who_create_the_same_aggregate_at_once(store):
    if store.database.is_sqlite:
        pytest.skip("one writer at a time: the second sees the first's")
    with pytest.raises(ConcurrentUpdate), store.begin() as first:
        create(first)
        assert first.heads.lock([key()])[key()].revision == 0
        with store.begin() as second:
            create(second)
    assert rows(store, "SELECT revision FROM event") == [(1,)]


@each_database
def test_a_commit_with_events_wakes_the_publisher_and_one_without_does_not(store, woken):
    with store.begin() as work:
        work.collect(key(), CompleteTask())
    assert woken == []
    with store.begin() as work:
        create(work)
    assert woken == [1]


def test_nothing_said_is_nothing_to_accumulate():
    assert accumulate([]) == []
