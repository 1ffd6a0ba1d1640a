"""Records from outside engines: each once, in order, the bad ones set aside alone."""

from datetime import UTC, datetime

from domain.identity import Key
from domain.outcome import Outcome, RecordOutcome
from store.received import Received
from tasks.collect import collect
from tests.store.databases import each_database, rows
from workers.event_schemas import schemas

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def record(number, kind="task.created", subject="42", **data):
    return {"id": f"r{number}", "type": kind, "time": "2026-01-01T00:00:00Z", "subject": subject, "data": data}


def receive(store, *records):
    with store.begin() as work:
        return Received(work.connection).add("legacy", records)


def drain(store):
    return collect(store.begin, lambda: NOW, batch=3)


@each_database
def test_records_become_events_in_order(store):
    assert (
        receive(store, record(1, name="Pay"), record(2, "task.assigned", assignee="ann"), record(3, "task.completed"))
        == 3
    )
    assert drain(store) == 3
    assert rows(store, "SELECT routing_key FROM event ORDER BY position") == [
        ("task.created.legacy",),
        ("task.completed.legacy",),
    ]
    assert rows(store, "SELECT DISTINCT state FROM received") == [("done",)]


@each_database
def test_a_repeated_record_is_a_duplicate(store):
    assert receive(store, record(1), record(1)) == 1
    assert receive(store, record(1), record(2, "task.assigned", assignee="ann")) == 1
    drain(store)
    assert drain(store) == 0
    assert rows(store, "SELECT revision FROM aggregate") == [(1,)]


@each_database
def test_one_bad_record_does_not_stop_the_others(store):
    bad = record(2, "task.created", "43", payload={"n": 2**60})
    bad["data"]["priority"] = {"not": "a number"}
    receive(store, record(1), bad, record(3, "task.created", "44"))
    drain(store)
    assert rows(store, "SELECT record_id, state FROM received ORDER BY position") == [
        ("r1", "done"),
        ("r2", "quarantined"),
        ("r3", "done"),
    ]
    assert "priority" in rows(store, "SELECT problem FROM received WHERE record_id = 'r2'")[0][0]


@each_database
def test_a_record_for_an_ended_task_is_taken_and_changes_nothing(store):
    receive(store, record(1), record(2, "task.deleted", reason="gone"))
    drain(store)
    receive(store, record(3, "task.created"), record(4, "task.assigned", assignee="ann"))
    assert drain(store) == 2
    assert rows(store, "SELECT count(*) FROM event") == [(2,)]


STORIES = {
    "1": [
        ("task.created", {"name": "Pay"}),
        ("task.assigned", {"assignee": "ann"}),
        ("task.attributes_changed", {"dueDate": None, "priority": 7, "payload": {"n": [1, {"m": None}]}}),
        ("task.attributes_changed", {"correlations": [{"entryType": "request", "entryId": "R-1"}], "owner": "bob"}),
        ("task.candidates_changed", {"addUsers": ["bob"], "removeGroups": ["g"]}),
        ("task.completed", {}),
    ],
    "2": [("task.created", {}), ("task.deleted", {"reason": "moot"})],
    "d": [("process_definition.registered", {"key": "pay", "version": 1}), ("process_definition.removed", {})],
    "i": [(f"process_instance.{name}", {}) for name in ("started", "suspended", "resumed", "ended")],
    "j": [("process_instance.started", {}), ("process_instance.cancelled", {"reason": "moot"})],
    "c": [("command.outcome", {"status": "rejected", "problem": {"title": "no"}})],
}
AGGREGATES = [("task", "1"), ("process_definition", "d"), ("process_instance", "i")]


@each_database
def test_every_type_of_event_there_is_keeps_its_schema_when_it_is_really_emitted(store, emitted):
    key = Key("legacy", "command", "c")
    with store.begin() as work:
        work.collect(key, RecordOutcome(Outcome("c", "legacy", "pending", "claim", "ann")))
    for subject, story in STORIES.items():
        for number, (kind, data) in enumerate(story):
            receive(store, record(f"{subject}-{number}", kind, subject, **data))
            drain(store)
    with store.begin() as work:
        work.restate([key, *(Key("legacy", name, one) for name, one in AGGREGATES)])
    assert rows(store, "SELECT problem FROM received WHERE problem IS NOT NULL") == []
    assert set(emitted.seen) == {f"taskpool.{name.removesuffix('.json')}" for name in schemas()}
