"""Records from outside engines: each once, in order, the bad ones set aside alone."""

import copy
from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, text

from domain.aggregates.command import Outcome, RecordOutcome
from domain.aggregates.data_subject import DataSubject, EraseSubject
from domain.aggregates.process_instance import AlterInstance
from domain.aggregates.task import MigrateTask
from domain.errors import NewerState, StoreUnavailable
from domain.identity import Key
from engines.formats.records import read, validate
from store.engine.received import Received
from store.sql.database import schema_name
from tasks.collect import collect
from tests.store.databases import KINDS, each_database, rows
from workers.cli.event_schemas import schemas

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


class Trouble:
    """Happens to a record of this id while it is read."""

    def __init__(self, monkeypatch, number, happen):
        self.record_id, self.happen = f"r{number}", happen
        monkeypatch.setattr("tasks.collect.read", self)

    def __call__(self, application, found):
        if found["id"] == self.record_id:
            self.happen()
        return read(application, found)


@each_database
def test_a_bug_about_one_record_does_not_stop_the_others(store, monkeypatch, caplog):
    receive(store, record(1), record(2, subject="43"), record(3, subject="44"), record(4, "task.completed"))
    Trouble(monkeypatch, 2, lambda: {}["nobody thought of this"])
    assert drain(store) == 3
    assert rows(store, "SELECT record_id, state, problem FROM received ORDER BY position") == [
        ("r1", "done", None),
        ("r2", "quarantined", "KeyError: 'nobody thought of this'"),
        ("r3", "done", None),
        ("r4", "done", None),
    ]
    assert [(one.levelname, one.message, one.position) for one in caplog.records] == [("ERROR", "record_failed", 2)]
    assert rows(store, "SELECT DISTINCT aggregate_id FROM event ORDER BY aggregate_id") == [("42",), ("44",)]


@each_database
def test_what_passes_sets_no_record_aside(store, monkeypatch):
    receive(store, record(1), record(2, subject="43"), record(3, subject="44"))
    trouble = Trouble(monkeypatch, 2, not_now)
    for _ in range(3):
        with pytest.raises(NewerState):
            drain(store)
    assert rows(store, "SELECT DISTINCT state, problem FROM received") == [("new", None)]
    trouble.happen = dict
    assert drain(store) == 3


def not_now():
    raise NewerState


@pytest.mark.parametrize("kind", KINDS[2:], indirect=True)
@pytest.mark.parametrize("one_by_one", [False, True])
def test_a_store_that_dies_in_the_middle_sets_no_record_aside(store, monkeypatch, one_by_one):
    """They are tried one by one when there is one among them that cannot be applied."""
    kind = "nothing.known" if one_by_one else "task.created"
    receive(store, record(1), record(2, kind, "43"), record(3, subject="44"))
    read_before = iter([True] * one_by_one)
    trouble = Trouble(monkeypatch, 1, lambda: next(read_before, False) or cut_all_connections(store))
    with pytest.raises(StoreUnavailable):
        drain(store)
    assert rows(store, "SELECT DISTINCT state, problem FROM received") == [("new", None)]
    trouble.happen = dict
    assert drain(store) == 3 - one_by_one
    assert rows(store, "SELECT record_id FROM received WHERE state = 'quarantined'") == [("r2",)] * one_by_one


def cut_all_connections(store):
    engine = create_engine(store.database.engine.url)
    with engine.begin() as connection:
        assert connection.scalars(WHO_WORKS, {"schema": schema_name(store.database.application)}).all() == [True]
    engine.dispose()


WHO_WORKS = text(
    "SELECT pg_terminate_backend(pid) FROM (SELECT DISTINCT pid FROM pg_locks JOIN pg_class c ON relation = c.oid"
    " JOIN pg_namespace n ON relnamespace = n.oid WHERE nspname = :schema) AS busy"
)


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
    "e": [
        ("data_entry.saved", {"entryType": "request", "entryId": "R-1", "authorizedGroups": ["g"]}),
        (
            "data_entry.anonymised",
            {"entryType": "request", "entryId": "R-1", "username": "ann", "replacement": "somebody"},
        ),
        ("data_entry.deleted", {"entryType": "request", "entryId": "R-1", "log": {"user": "ann", "message": "moot"}}),
    ],
    "v": [
        *(
            ("process_variable.set", {"processInstanceId": "i", "name": "a", "value": value})
            for value in (1, {"b": [None]})
        ),
        ("process_variable.removed", {}),
    ],
    "c": [("command.outcome", {"status": "rejected", "problem": {"title": "no"}})],
}
AGGREGATES = [("task", "1"), ("process_definition", "d"), ("process_instance", "i"), ("process_variable", "v")]
ENTRY = Key("legacy", "data_entry", "request/R-1")
SOMEBODY = Key("legacy", "data_subject", "0" * 32)


@each_database
def test_every_type_of_event_there_is_keeps_its_schema_when_it_is_really_emitted(store, emitted):
    key = Key("legacy", "command", "c")
    with store.begin() as work:
        work.collect(key, RecordOutcome(Outcome("c", "legacy", "pending", "claim", "ann")))
    for subject, story in STORIES.items():
        for number, (kind, data) in enumerate(story):
            receive(store, record(f"{subject}-{number}", kind, subject, **data))
            drain(store)
            if (subject, number) == ("2", 0):
                with store.begin() as work:
                    work.collect(Key("legacy", "task", "2"), MigrateTask("pay:2"))
            if (subject, number) == ("i", 0):
                with store.begin() as work:
                    changed = AlterInstance("move", "admin", "2026-11-22T10:00:00.000Z", details={"from": "a"})
                    work.collect(Key("legacy", "process_instance", "i"), changed)
    with store.begin() as work:
        work.collect(SOMEBODY, EraseSubject(DataSubject(SOMEBODY.id, "legacy")))
    with store.begin() as work:
        work.restate([key, ENTRY, SOMEBODY, *(Key("legacy", name, one) for name, one in AGGREGATES)])
    assert rows(store, "SELECT problem FROM received WHERE problem IS NOT NULL") == []
    assert set(emitted.seen) == {f"taskpool.{name.removesuffix('.json')}" for name in schemas()}


def texts_in(value, path=()):
    """Where in plain data there is text, each place as the way to it."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from texts_in(inner, (*path, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from texts_in(inner, (*path, index))
    elif isinstance(value, str):
        yield path


def with_text(value, path, text):
    changed = copy.deepcopy(value)
    inner = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = text
    return changed


FULL = {
    **dict.fromkeys(("name", "description", "formKey", "businessKey", "owner", "assignee", "processName"), "a"),
    **dict.fromkeys(("processDefinitionId", "processDefinitionKey", "processInstanceId", "taskDefinitionKey"), "a"),
    "candidateUsers": ["a"],
    "candidateGroups": ["a"],
    "formUrl": "/a",
    "payload": {"a": {"b": ["a"]}},
    "correlations": [{"application": "a", "entryType": "a", "entryId": "a"}],
}
TALES = {
    **STORIES,
    "1": [("task.created", FULL), ("task.attributes_changed", FULL), *STORIES["1"]],
    "d": [("process_definition.registered", FULL | {"key": "a", "version": 1, "versionTag": "a"})],
    "e": [
        (
            "data_entry.saved",
            {
                **dict.fromkeys(("entryType", "entryId", "type", "name", "description", "formKey"), "a"),
                "payload": {"a": "a"},
                "state": {"state": "a"},
                "authorizedUsers": ["a"],
                "formUrl": "/a",
                "log": {"user": "a", "message": "a", "details": "a"},
                "authorizations": [{"remove": {"users": ["a"], "groups": ["a"]}}],
            },
        )
    ],
    "v": [("process_variable.set", {"processInstanceId": "a", "name": "a", "value": {"a": ["a"]}})],
    "i": [("process_instance.started", FULL | {"startUser": "a", "superInstanceId": "a"})],
}


@each_database
@pytest.mark.parametrize(
    "hostile",
    ["a\0b", "\ud800", "é" * 600, "a\nb\u2028", "x" * 9000],
    ids=["a NUL", "half a character", "many bytes", "lines", "long"],
)
def test_every_text_of_a_record_is_refused_at_the_door_or_reaches_the_wire(store, hostile):
    number = 0
    for subject, tale in TALES.items():
        for kind, data in tale:
            good = record(0, kind, subject, **data)
            for path in texts_in(good):
                number += 1
                one = with_text(with_text(good, ("id",), f"r{number}"), path, hostile)
                if path != ("subject",):
                    # Each about something of its own, so that it is not the second of its kind.
                    one["subject"] = f"{subject}-{number}"
                if validate(one) is None:
                    receive(store, one)
    drain(store)
    assert rows(store, "SELECT problem, body FROM received WHERE state <> 'done'") == []
    with store.database.reading() as connection:
        for name, key, body in connection.execute(text("SELECT event_id, routing_key, body FROM event")):
            assert len(name.encode()) < 256
            assert len(key.encode()) < 256
            assert body.encode()
    assert number > 100
