"""A task's life: what its engine may say, and when it makes a difference."""

from dataclasses import replace

from domain.aggregates.advance import Head, Origin, advance
from domain.aggregates.task import (
    AssignTask,
    ChangeCandidates,
    ChangeTask,
    CompleteTask,
    CreateTask,
    DeleteTask,
    MigrateTask,
    TaskCreated,
    UserTask,
    decide,
    evolve,
)
from domain.identity import Key
from domain.wire import dump, load

TASK = UserTask("t1", "app", assignee="ann", candidate_groups=("approvers",))
ORIGIN = Origin("2026-01-01T00:00:00.000Z")


def test_a_repeated_creation_changes_nothing():
    assert decide(TASK, CreateTask(UserTask("t1", "app"))) == []
    assert decide(None, CreateTask(TASK)) == [TaskCreated(TASK)]


def test_what_is_so_already_makes_no_event():
    assert decide(TASK, AssignTask("ann")) == []
    assert decide(TASK, ChangeTask({"name": None})) == []
    assert decide(TASK, ChangeCandidates(add_groups=("approvers",))) == []


def test_a_task_becomes_one_of_another_version():
    [event] = decide(TASK, MigrateTask("p:2"))
    assert event.changes() == {"processDefinitionId": "p:2"}
    after = evolve(TASK, event)
    assert after == replace(TASK, process_definition_id="p:2")
    assert decide(after, MigrateTask("p:2")) == []


def test_an_ended_task_stays_ended():
    ended = advance(Head(Key("app", "task", "t1"), 1, 0, None), [CreateTask(TASK), CompleteTask()], ORIGIN)[0]
    again = [CreateTask(TASK), AssignTask("bob"), ChangeTask({"name": "x"}), CompleteTask(), DeleteTask()]
    assert advance(ended, again, ORIGIN) == (ended, [])


def test_nothing_happens_to_a_task_nobody_created():
    assert decide(None, AssignTask("ann")) == []


def test_completion_names_the_assignee_when_the_engine_does_not_say_who():
    (event,) = decide(TASK, CompleteTask())
    assert event.changes() == {"completedBy": "ann"}


def test_revisions_are_gapless_and_every_event_carries_the_whole_state():
    head, events = advance(
        Head(Key("app", "task", "t1"), 1, 0, None), [CreateTask(TASK), AssignTask(None), CompleteTask("bob")], ORIGIN
    )
    assert [event.revision for event in events] == [1, 2, 3]
    assert head.revision == 3
    assert events[1].changes == {"assignee": None}
    assert events[1].state["assignee"] is None
    assert events[1].state["candidateGroups"] == ["approvers"]
    assert [event.state["state"] for event in events] == ["open", "open", "completed"]


def test_a_task_from_before_there_were_warnings_has_none():
    state = dump(UserTask("t1", "app"))
    del state["warnings"]
    assert load(UserTask, state) == UserTask("t1", "app")
