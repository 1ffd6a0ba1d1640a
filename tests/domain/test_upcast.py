"""Old versions of events become today's, one step after the other; newer ones are recognised as such."""

import pytest

from domain.aggregates.advance import Head, Origin, advance, restate
from domain.aggregates.data_entry import DataEntry
from domain.aggregates.process_definition import ProcessDefinition
from domain.aggregates.process_instance import ProcessInstance
from domain.aggregates.register import KINDS, event_types
from domain.aggregates.task import AssignTask, CreateTask, UserTask
from domain.errors import MalformedMessage, UnknownEventType
from domain.events.envelope import from_cloudevent, to_cloudevent
from domain.events.project import project
from domain.events.upcast import UPCASTERS, current_version, upcast, upcast_state
from domain.identity import Key
from domain.wire import dump, load

ORIGIN = Origin("2026-01-01T00:00:00.000Z")
KEY = Key("app", "task", "t1")


def with_priority(_type, data):
    """A version 1 that had words for priorities."""
    words = {"high": 90, "low": 10}
    return {**data, "state": {**data["state"], "priority": words[data["state"]["priority"]]}}


def with_more(_type, data):
    return {**data, "state": {**data["state"], "priority": data["state"]["priority"] + 1}}


def event(version, **state):
    made = advance(Head(KEY, 1, 0, None), [CreateTask(UserTask("t1", "app"))], ORIGIN)[1][0]
    wire = to_cloudevent(made)
    wire["type"] = f"taskpool.task.created.v{version}"
    wire["data"]["state"] |= state
    return wire


@pytest.fixture
def third_version(monkeypatch):
    monkeypatch.setitem(UPCASTERS, "task", (with_priority, with_more))


def test_without_upcasters_everything_is_version_one():
    assert {current_version(aggregate) for aggregate in KINDS} == {len(UPCASTERS.get(name, ())) + 1 for name in KINDS}
    data = {"changes": {}, "state": {"name": "x"}}
    assert upcast("planet.discovered", 1, data) == data


@pytest.mark.parametrize(("version", "priority", "expected"), [(1, "high", 91), (2, 50, 51), (3, 50, 50)])
@pytest.mark.usefixtures("third_version")
def test_every_older_version_is_read_as_todays(version, priority, expected):
    envelope = from_cloudevent(event(version, priority=priority))
    assert (envelope.version, envelope.state["priority"]) == (3, expected)
    assert project(envelope)[0].document["priority"] == expected


@pytest.mark.usefixtures("third_version")
def test_what_is_written_today_says_so():
    head, made = advance(Head(KEY, 1, 0, None), [CreateTask(UserTask("t1", "app")), AssignTask("ann")], ORIGIN)
    assert [to_cloudevent(envelope)["type"][-2:] for envelope in made] == ["v3", "v3"]
    assert to_cloudevent(restate(head, 2, ORIGIN)[1])["type"] == "taskpool.task.restated.v3"


@pytest.mark.usefixtures("third_version")
def test_a_newer_version_is_left_as_it_is_and_not_projected():
    envelope = from_cloudevent(event(4, priority="{}"))
    assert (envelope.version, envelope.state["priority"]) == (4, "{}")
    with pytest.raises(UnknownEventType, match="version 4"):
        project(envelope)


@pytest.mark.usefixtures("third_version")
@pytest.mark.parametrize(("version", "priority"), [(1, "no such word"), (2, None), (0, 1), (-1, 1)])
def test_an_old_event_that_is_not_what_it_says_is_malformed(version, priority):
    with pytest.raises(MalformedMessage):
        from_cloudevent(event(version, priority=priority))


@pytest.mark.usefixtures("third_version")
def test_the_state_of_an_old_head_is_read_as_todays():
    assert upcast_state("task", 1, {"priority": "low"}) == {"priority": 11}
    assert upcast_state("task", 3, {"priority": 11}) == {"priority": 11}


def test_a_task_of_before_delegation_is_held_by_nobody_and_part_of_nothing():
    first = event(1)
    for name in ("parentTaskId", "delegationState", "suspended", "excludedUsers"):
        del first["data"]["state"][name]
    envelope = from_cloudevent(first)
    assert envelope.version == current_version("task")
    assert load(UserTask, envelope.state) == UserTask("t1", "app")
    shown = project(envelope)[0].document
    assert (shown["parentTaskId"], shown["delegationState"], shown["suspended"]) == (None, None, False)


@pytest.mark.parametrize(
    ("state", "version"),
    [
        (DataEntry("order", "o1", "app"), 1),
        (ProcessDefinition("p:1", "app", "p"), 2),
        (ProcessInstance("i1", "app"), 1),
    ],
)
def test_what_is_of_before_tenants_is_of_none(state, version):
    kind = next(kind for kind in KINDS.values() if kind.state is type(state))
    old = {name: value for name, value in dump(state).items() if name != "tenantId"}
    assert current_version(kind.name) == version + 1
    assert upcast_state(kind.name, version, old) == dump(state)


def test_an_unknown_type_of_a_known_aggregate_is_not_projected():
    assert "task.created" in event_types()
    with pytest.raises(UnknownEventType, match=r"task\.escalated"):
        project(from_cloudevent({**event(1), "type": "taskpool.task.escalated.v1"}))


@pytest.mark.parametrize("source", ["app", "/applications/", "/elsewhere/app", "/applications/app/more"])
def test_a_source_that_names_no_application_is_malformed(source):
    with pytest.raises(MalformedMessage, match="source"):
        from_cloudevent({**event(1), "source": source})
