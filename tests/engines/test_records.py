"""Records from outside engines: what each type becomes, and what is refused with the field named."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.aggregates import command, data_entry, process_definition, process_instance, task
from domain.errors import MalformedMessage, Permanent, UnknownEventType
from domain.identity import Key
from engines.formats.records import read, validate

TIME = "2026-11-22T10:00:00.000Z"


def record(kind: str, data: Any = None, **more: Any) -> dict[str, Any]:
    return {"id": "1", "type": kind, "time": TIME, "subject": "7", "data": data or {}, **more}


def only(kind: str, data: Any = None, **more: Any) -> Any:
    ((key, read_command),) = read("app", record(kind, data, **more))
    assert key == Key("app", kind.partition(".")[0], "7")
    return read_command


ENTRY = {"entryType": "request", "entryId": "R/1"}


def test_a_data_entry_is_named_by_what_is_in_it_and_authorized_in_order() -> None:
    data = {
        **ENTRY,
        "name": "Request 1",
        "payload": {"amount": 1},
        "state": {"processingType": "IN_PROGRESS", "state": "Submitted"},
        "correlations": [{"entryType": "customer", "entryId": 7}],
        "log": {"user": " ann ", "message": "sent"},
        "tenantId": "north",
        "authorizedGroups": ["g"],
        "authorizations": [{"add": {"users": ["b", "a"]}}, {"remove": {"users": ["a"], "groups": ["g"]}}],
    }
    made = {**record("data_entry.saved", data), "subject": None}
    [(key, saved)] = read("app", made)
    assert key == Key("app", "data_entry", "request/R/1")
    assert (saved.entry.name, saved.entry.type, saved.entry.state["state"]) == ("Request 1", "request", "Submitted")
    assert saved.entry.correlations == ({"application": "app", "entryType": "customer", "entryId": "7"},)
    assert (saved.log.user, saved.log.message, saved.log.time) == ("ann", "sent", TIME)
    [event] = data_entry.decide(None, saved)
    assert (event.entry.authorized_users, event.entry.authorized_groups) == (("b",), ())
    assert event.entry.tenant_id == "north"
    [(_, deleted)] = read("app", record("data_entry.deleted", ENTRY))
    assert (deleted.time, deleted.log.time) == (TIME, TIME)


def test_a_created_task() -> None:
    data = {
        "name": "Check",
        "taskDefinitionKey": "check",
        "processInstanceId": "i",
        "priority": 5,
        "assignee": "",
        "candidateUsers": ["b", " a ", "a"],
        "candidateGroups": None,
        "dueDate": "2026-11-23T10:00:00+0100",
        "payload": {"amount": 5},
        "correlations": [{"entryType": "request", "entryId": "R-1"}],
        "unknown": 1,
        "interaction": "engine",
        "description": None,
        "state": "completed",
        "revision": 9,
        "parentTaskId": "6",
        "delegationState": "PENDING",
        "suspended": None,
        "excludedUsers": ["c", " c"],
    }
    found = only("task.created", data).task
    assert (found.engine_task_id, found.application, found.state) == ("7", "app", "open")
    assert (found.assignee, found.candidate_users, found.candidate_groups) == (None, ("a", "b"), ())
    assert (found.due_date, found.create_time) == ("2026-11-23T09:00:00.000Z", TIME)
    assert found.correlations == ({"application": "app", "entryType": "request", "entryId": "R-1"},)
    assert (found.interaction, found.payload) == ("engine", {"amount": 5})
    assert (found.parent_task_id, found.delegation_state, found.suspended) == ("6", "PENDING", False)
    assert found.excluded_users == ("c",)


def test_absent_is_unchanged_and_null_is_cleared() -> None:
    resolved = {"suspended": True, "delegationState": "RESOLVED"}
    assert only("task.attributes_changed", resolved) == task.ChangeTask(
        {"suspended": True, "delegation_state": "RESOLVED"}
    )
    assert only("task.attributes_changed", {"dueDate": None, "priority": 3}) == task.ChangeTask(
        {"due_date": None, "priority": 3}
    )
    changed = only("task.attributes_changed", {"payload": None, "correlations": None, "formKey": None})
    assert changed == task.ChangeTask({"form_key": None, "payload": {}, "correlations": ()})
    assert read("app", record("task.attributes_changed", {"other": 1})) == []


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        ("task.assigned", {"assignee": "ann"}, task.AssignTask("ann")),
        ("task.assigned", {"assignee": None}, task.AssignTask(None)),
        ("task.candidates_changed", {"addUsers": ["b", "a"]}, task.ChangeCandidates(add_users=("a", "b"))),
        ("task.candidates_changed", {"removeGroups": ["g"]}, task.ChangeCandidates(remove_groups=("g",))),
        ("task.completed", {}, task.CompleteTask(None, TIME)),
        ("task.deleted", {"reason": "gone"}, task.DeleteTask("gone", TIME)),
        ("process_definition.removed", {}, process_definition.RemoveDefinition()),
        ("process_instance.suspended", {}, process_instance.MoveInstance("SUSPENDED", TIME)),
        ("process_instance.resumed", {}, process_instance.MoveInstance("RUNNING", TIME)),
        ("process_instance.ended", {}, process_instance.MoveInstance("FINISHED", TIME)),
        ("process_instance.cancelled", {"reason": "r"}, process_instance.MoveInstance("CANCELLED", TIME, "r")),
        ("command.outcome", {"status": "accepted"}, command.RecordOutcome(command.Outcome("7", "app", "accepted"))),
    ],
)
def test_each_type(kind: str, data: Any, expected: Any) -> None:
    assert only(kind, data) == expected


def test_definitions_and_instances() -> None:
    found = only(
        "process_definition.registered",
        {"key": "p", "version": 3, "candidateStarterGroups": ["b", "a"], "startable": None, "tenantId": "north "},
    )
    assert found.definition == process_definition.ProcessDefinition(
        "7", "app", "p", 3, candidate_starter_groups=("a", "b"), tenant_id="north"
    )
    started = only(
        "process_instance.started",
        {"processDefinitionKey": "p", "businessKey": 12, "startUser": "ann", "tenantId": " north"},
    ).instance
    assert started.tenant_id == "north"
    assert (started.process_instance_id, started.business_key, started.start_time) == ("7", "12", TIME)


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (None, "record"),
        ([], "record"),
        ({}, "id"),
        (record("task.created", time="yesterday"), "time.*yesterday"),
        (record("task.created", time=None), "time"),
        (record("task.created", subject=""), "subject"),
        (record("task.created", subject=None), "subject"),
        (record("task.created", id=""), "id"),
        (record("task.created", data=[1]), "data"),
        (record("task.created", {"priority": "high"}), r"data\.priority"),
        (record("task.created", {"priority": 2**40}), r"data\.priority"),
        (record("task.created", {"dueDate": "soon"}), r"data\.dueDate.*soon"),
        (record("task.created", {"dueDate": 5}), r"data\.dueDate"),
        (record("task.created", {"candidateUsers": "ann"}), r"data\.candidateUsers"),
        (record("task.created", {"candidateUsers": [{}]}), r"data\.candidateUsers"),
        (record("task.created", {"payload": [1]}), r"data\.payload"),
        (record("task.created", {"payload": {"a": 2**70}}), r"data\.payload\.a"),
        (record("task.created", {"payload": {"a": "\ud800"}}), r"data\.payload\.a"),
        (record("task.created", {"payload": {"a\0": 1}}), "NUL"),
        (record("task.created", {"interaction": "both"}), r"data\.interaction"),
        (record("task.created", {"correlations": [{"entryType": "x"}]}), r"data\.correlations\.0\.entryId"),
        (record("task.assigned"), r"data\.assignee"),
        (record("process_definition.registered"), r"data\.key"),
        (record("process_variable.set", {"processInstanceId": "i", "name": "a"}), r"data\.value"),
        (record("data_entry.saved", {"entryType": "request"}), r"data\.entryId"),
        (record("data_entry.saved", {"entryType": "r" * 101, "entryId": "1"}), r"data\.entryType"),
        (record("data_entry.saved", {**ENTRY, "state": {"processingType": "DONE"}}), r"data\.state\.processingType"),
        (record("data_entry.saved", {**ENTRY, "authorizations": [{"add": {"users": "ann"}}]}), r"data\.authorizations"),
        (record("data_entry.deleted", {**ENTRY, "log": 1}), r"data\.log"),
        (record("process_variable.set", {"processInstanceId": "i", "value": 1}), r"data\.name"),
        (record("command.outcome", {"status": "pending"}), r"data\.status"),
    ],
)
def test_what_cannot_be_read_names_the_field(bad: Any, said: str) -> None:
    with pytest.raises(MalformedMessage, match=said) as failure:
        read("app", bad)
    assert validate(bad) == str(failure.value)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("task.exploded", "not known"),
        ("data_entry.erased", "not known"),
    ],
)
def test_types_we_do_not_know(kind: str, said: str) -> None:
    with pytest.raises(UnknownEventType, match=said):
        read("app", record(kind))
    assert said in str(validate(record(kind)))


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(
    [
        "name",
        "priority",
        "dueDate",
        "payload",
        "correlations",
        "candidateUsers",
        "assignee",
        "addUsers",
        "key",
        "version",
        "status",
    ]
)
TYPES = st.sampled_from(
    [
        "task.created",
        "task.assigned",
        "task.attributes_changed",
        "task.candidates_changed",
        "process_definition.registered",
        "process_variable.set",
        "data_entry.saved",
        "command.outcome",
        "x",
    ]
)


@given(TYPES, st.dictionaries(NAMES, PLAIN, max_size=4), PLAIN)
def test_validate_and_read_agree_on_anything(kind: str, data: dict[str, Any], time: Any) -> None:
    for moment in (TIME, time):
        candidate = record(kind, data, time=moment)
        assert validate(candidate) == complaint(candidate)


def complaint(candidate: Any) -> str | None:
    try:
        read("app", candidate)
    except Permanent as failure:
        return str(failure)
    return None


def told(kind, data):
    return {"id": "1", "type": kind, "time": "2026-01-01T00:00:00Z", "subject": "s", "data": data}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("formFields", [{"label": "no id"}]),
        ("formFields", [{"id": "a", "values": [1]}]),
        ("formFields", [{"id": "a", "required": "perhaps"}]),
        ("formFields", ["a"]),
        ("formFields", [{"id": "a", "constraints": {"min": "1"}}]),
        ("formFields", [{"id": "a", "constraints": {"maxlength": -1}}]),
        ("formFields", [{"id": "a", "constraints": {"pattern": "(a+)+b"}}]),
        ("formUrl", "javascript:alert(1)"),
        ("formUrl", "//elsewhere.example/a"),
        ("formUrl", "data:text/html,x"),
        ("formUrl", "/a\\b"),
        ("dueDate", "0001-01-01T00:00:00+23:59"),
        ("dueDate", "9999-12-31T23:59:59-23:59"),
        ("correlations", [{"application": "É", "entryType": "t", "entryId": "1"}]),
    ],
)
def test_what_could_not_be_used_later_is_rejected_at_the_door(name, data):
    assert name in (validate(told("task.created", {name: data})) or "")


@pytest.mark.parametrize("address", ["https://forms.example/a?b=1", "HTTP://x/y", "/forms/7", None, ""])
def test_addresses_of_forms(address):
    assert validate(told("task.created", {"formUrl": address})) is None


def test_form_fields_are_read_in_the_shape_they_are_used_in():
    fields = [{"id": "a", "values": [{"id": "x"}], "type": None, "more": 1}]
    [(_, made)] = read("warehouse", told("task.created", {"formFields": fields}))
    [field] = made.task.form_fields
    assert field == {
        "id": "a",
        "label": None,
        "type": "string",
        "default": None,
        "required": False,
        "values": [{"id": "x", "name": None}],
        "constraints": {},
    }


def test_constraints_of_form_fields_are_kept():
    said = {"readonly": True, "min": 1.5, "max": None, "maxlength": 9, "pattern": "x+", "colour": "red"}
    [(_, made)] = read("warehouse", told("task.created", {"formFields": [{"id": "a", "constraints": said}]}))
    kept = {"readonly": True, "min": 1.5, "maxlength": 9, "pattern": "x+"}
    assert made.task.form_fields[0]["constraints"] == kept


@pytest.mark.parametrize("status", ["404", 302, 200, 500, None, True, 4.5])
def test_an_engine_outside_does_not_choose_our_status(status):
    assert "status" in (validate(told("command.outcome", {"status": "rejected", "problem": {"status": status}})) or "")


def test_an_engine_outside_says_why():
    problem = {"type": "urn:x", "status": 422, "detail": "no", "field": "amount"}
    [(_, made)] = read("warehouse", told("command.outcome", {"status": "rejected", "problem": problem}))
    assert made.outcome.problem == {"title": "The engine refused", **problem}


def test_names_are_trimmed_and_an_empty_one_is_nobody():
    [(_, made)] = read("warehouse", told("task.created", {"assignee": "  ", "owner": " ann "}))
    assert (made.task.assignee, made.task.owner) == (None, "ann")
