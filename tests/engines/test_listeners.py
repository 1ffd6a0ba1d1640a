"""Listeners of user tasks: what becomes of a task is told, and what fails in that hits nobody."""

# ruff: noqa: E501 - BPMN reads better on one line

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from domain.aggregates.task import AssignTask, ChangeCandidates, ChangeTask, TaskCommand
from domain.errors import AlreadyCompleted, BpmnError, InvalidDefinition
from tests.engines.world import World, bpmn, flows

EVENTS = ("create", "assignment", "update", "complete", "delete")


def note(event: str) -> str:
    """A listener that keeps what it has heard, and of whom."""
    said = f"execution.setVariable('heard', execution.getVariable('heard') + ' {event}:' + task.assignee)"
    return f'<camunda:taskListener event="{event}" expression="${{{said}}}"/>'


def listening(listeners: str, said: str = "", around: str = "") -> bytes:
    task = f'<userTask id="x" {said}><extensionElements>{listeners}</extensionElements></userTask>'
    return bpmn(
        f'<startEvent id="s"/>{task}<userTask id="after"/><endEvent id="e"/>{flows("s", "x", "after", "e")}{around}'
    )


LATE = (
    '<boundaryEvent id="b" attachedToRef="x"><timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition></boundaryEvent><userTask id="late"/><endEvent id="be"/>'
    + flows("b", "late", "be")
)


def change(world: World, *commands: TaskCommand) -> None:
    task = world.task("x")
    world.act(lambda engine: engine.change(world.instance, task, list(commands)))


def heard(world: World) -> list[str]:
    return str(world.variables()["heard"]).split()


def all_of(events: Sequence[str] = EVENTS) -> str:
    return "".join(map(note, events))


def test_a_task_that_is_somebodys_is_created_and_then_assigned() -> None:
    world = World(listening(all_of(), 'camunda:assignee="${boss}"'))
    world.start(heard="", boss="ann")
    assert heard(world) == ["create:ann", "assignment:ann"]
    world = World(listening(all_of()))
    world.start(heard="")
    assert heard(world) == ["create:"]


def test_who_is_given_a_task_when_it_is_created_is_an_assignment() -> None:
    give = '<camunda:taskListener event="create" expression="${task.setAssignee(\'ann\')}"/>'
    world = World(listening(give + note("assignment")))
    world.start(heard="")
    assert heard(world) == ["assignment:ann"]
    assert world.task("x").assignee == "ann"


def test_claiming_giving_back_and_changing_are_told_in_order() -> None:
    world = World(listening(all_of()))
    world.start(heard="")
    change(world, AssignTask("ann"))
    assert world.words() == ["AssignTask", "ChangeTask"], "who has it, and the variable that has changed"
    change(world, ChangeTask({"follow_up_date": "2026-12-01T10:00:00.000Z"}))
    assert heard(world) == ["create:", "update:ann", "assignment:ann", "update:"]
    world = World(listening(all_of()))
    world.start(heard="")
    change(world, AssignTask(None))
    assert heard(world) == ["create:", "update:", "assignment:"]


def test_what_a_listener_changes_is_told_once() -> None:
    listener = (
        '<camunda:taskListener event="assignment" expression="${task.addCandidateGroup(\'clerks\')}"/>'
        '<camunda:taskListener event="assignment" expression="${task.setPriority(7)}"/>'
        '<camunda:taskListener event="update" expression="${task.setAssignee(\'bob\')}"/>'
    )
    world = World(listening(listener))
    world.start()
    change(world, AssignTask("ann"))
    said = [one for _, one in world.said[world.last :]]
    assert said == [
        AssignTask("ann"),
        AssignTask("bob"),
        ChangeTask({"priority": 7}),
        ChangeCandidates((), (), ("clerks",), ()),
    ]


def test_a_task_that_is_not_completed_is_told_to_be_deleted() -> None:
    world = World(listening(all_of(("complete", "delete")), around=LATE))
    world.start(heard="")
    world.pass_time(hours=1)
    assert heard(world) == ["delete:"]
    assert world.keys() == ["late"]
    world = World(listening(all_of(("complete", "delete")), around=LATE))
    world.start(heard="")
    held = world.task("x")
    world.act(lambda engine: engine.complete(world.instance, held.engine_task_id, {}, replace(held, assignee="ann")))
    assert heard(world) == ["complete:ann"]


def test_a_task_is_told_to_be_deleted_when_it_is_moved_from_or_its_instance_cancelled() -> None:
    world = World(listening(note("delete")))
    world.start(heard="")
    world.act(lambda engine: engine.move(world.instance, "x", "after"))
    assert heard(world) == ["delete:"]
    told: list[str] = []
    world = World(
        listening('<camunda:taskListener event="delete" class="note"/>'), {"note": lambda _: told.append("x")}
    )
    world.start()
    world.act(lambda engine: engine.cancel(world.instance, "over"))
    assert (told, world.ends()) == (["x"], ["CANCELLED"])


@pytest.mark.parametrize("event", ["assignment", "update"])
def test_a_listener_that_fails_leaves_the_claim_and_is_tried_again_alone(event: str) -> None:
    script = 'execution.setVariable("half", 1); execution.setVariable("found", gone)'
    failing = f'<camunda:taskListener event="{event}"><camunda:script scriptFormat="javascript">{script}</camunda:script></camunda:taskListener>'
    world = World(listening(all_of(("update", "assignment")) + failing))
    world.start(heard="")
    change(world, AssignTask("ann"))
    assert "AssignTask" in world.words()
    assert list(world.incidents()) == ["x"]
    assert world.keys() == ["x"], "it still waits for people"
    assert "half" not in world.variables()
    world.act(lambda engine: engine.set_variables(world.instance, {"gone": 1}))
    world.retry()
    assert world.incidents() == {}
    assert (world.variables()["found"], heard(world)) == (1, ["update:ann", "assignment:ann"])
    world.complete("x")
    assert world.keys() == ["after"]


def test_completing_ends_what_has_failed_beside_a_task() -> None:
    world = World(listening('<camunda:taskListener event="update" class="missing"/>'))
    world.start()
    change(world, AssignTask("ann"))
    assert list(world.incidents()) == ["x"]
    world.complete("x")
    assert (world.keys(), world.incidents()) == (["after"], {})


def test_a_listener_of_a_task_that_is_gone_can_be_mended_too() -> None:
    world = World(listening('<camunda:taskListener event="delete" class="note"/>', around=LATE))
    world.start()
    world.pass_time(hours=1)
    assert (world.keys(), list(world.incidents())) == (["late"], ["x"])
    told: list[int] = []
    world.services.by_name["note"] = lambda _: told.append(1)  # type: ignore[index]
    world.retry()
    assert (world.incidents(), told) == ({}, [1])


def test_a_service_that_fails_while_a_task_waits_is_tried_again_by_the_clock() -> None:
    tries: list[int] = []

    def shaky(_: Any) -> None:
        tries.append(1)
        if len(tries) < 3:
            raise ConnectionError

    world = World(listening('<camunda:taskListener event="assignment" class="shaky"/>'), {"shaky": shaky})
    world.start()
    change(world, AssignTask("ann"))
    assert world.incidents() == {}
    world.pass_time(seconds=2)
    world.pass_time(seconds=5)
    world.pass_time(hours=1)
    assert len(tries) == 3
    assert world.keys() == ["x"]


def test_a_listener_may_raise_a_bpmn_error() -> None:
    def refuse(_: Any) -> None:
        raise BpmnError("no")

    caught = '<boundaryEvent id="b" attachedToRef="x"><errorEventDefinition/></boundaryEvent><userTask id="late"/><endEvent id="be"/>'
    listener = '<camunda:taskListener event="assignment" class="refuse"/>'
    world = World(listening(listener, around=caught + flows("b", "late", "be")), {"refuse": refuse})
    world.start()
    change(world, AssignTask("ann"))
    assert world.words() == ["AssignTask", "DeleteTask", "CreateTask"]
    assert world.keys() == ["late"]
    world = World(listening(listener), {"refuse": refuse})
    world.start()
    change(world, AssignTask("ann"))
    assert "nothing catches" in world.incidents()["x"]


def timeout(timer: str, do: str = "${execution.setVariable('late', late + 1)}") -> str:
    timed = f"<timerEventDefinition>{timer}</timerEventDefinition>"
    return f'<camunda:taskListener id="t" event="timeout" expression="{do}">{timed}</camunda:taskListener>'


@pytest.mark.parametrize(
    ("timer", "after"),
    [
        ("<timeDuration>PT1H</timeDuration>", [1, 1, 1]),
        ("<timeDate>${due}</timeDate>", [1, 1, 1]),
        ("<timeCycle>R2/PT1H</timeCycle>", [1, 2, 2]),
        ("<timeCycle>R/PT1H</timeCycle>", [1, 2, 3]),
    ],
)
def test_a_timeout_fires_once_each_time_it_is_due(timer: str, after: list[int]) -> None:
    world = World(listening(timeout(timer)))
    world.start(late=0, due="2026-11-22T11:00:00Z")
    world.pass_time(minutes=59)
    assert world.variables()["late"] == 0
    assert world.memory.instances[world.instance].due == "2026-11-22T11:00:00.000Z"
    world.pass_time(minutes=1)
    found = [world.variables()["late"]]
    for _ in range(2):
        world.pass_time(hours=1)
        found.append(world.variables()["late"])
    assert found == after
    assert world.keys() == ["x"]
    world.complete("x")
    assert world.memory.instances[world.instance].due is None
    world.pass_time(hours=1)
    assert world.variables()["late"] == after[-1]


def test_a_timeout_that_fails_is_an_incident_and_fires_again_when_it_is_due() -> None:
    world = World(listening(timeout("<timeCycle>R/PT1H</timeCycle>", "${execution.setVariable('late', gone)}")))
    world.start()
    world.pass_time(hours=1)
    assert (world.keys(), list(world.incidents())) == (["x"], ["x"])
    world.act(lambda engine: engine.set_variables(world.instance, {"gone": 1}))
    world.pass_time(hours=1)
    assert world.variables()["late"] == 1
    assert world.incidents() == {}


def test_a_timeout_knows_who_has_the_task_now() -> None:
    world = World(
        listening(timeout("<timeDuration>PT1H</timeDuration>", "${execution.setVariable('who', task.assignee)}"))
    )
    world.start()
    change(world, AssignTask("ann"))
    world.pass_time(hours=1)
    assert world.variables()["who"] == "ann"


def test_a_timeout_without_a_timer_is_refused() -> None:
    with pytest.raises(InvalidDefinition, match="does not say when"):
        World(listening('<camunda:taskListener event="timeout" class="c"/>'))


def test_only_tasks_with_listeners_are_heard_and_only_while_they_wait() -> None:
    world = World(listening(note("update")))
    world.start(heard="")
    definition = world.task("x").process_definition_id or ""
    assert [world.engine().hears(definition, element) for element in ("x", "after", "none")] == [True, False, False]
    assert not world.engine().hears("gone", "x")
    task = world.task("x")
    world.complete("x")
    with pytest.raises(AlreadyCompleted):
        world.act(lambda engine: engine.change(world.instance, task, [AssignTask("ann")]))


def test_a_suspended_instance_hears_when_it_is_resumed() -> None:
    world = World(listening(note("update")))
    world.start(heard="")
    suspend(world, suspended=True)
    change(world, AssignTask("ann"))
    assert heard(world) == []
    suspend(world, suspended=False)
    world.pass_time(seconds=1)
    assert heard(world) == ["update:ann"]


def suspend(world: World, *, suspended: bool) -> None:
    found = world.memory.instances[world.instance]
    world.memory.instances[world.instance] = replace(found, suspended=suspended)
