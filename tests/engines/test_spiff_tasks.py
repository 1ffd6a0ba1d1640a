"""Starting and completing: what is said, in which order, with which attributes."""

# ruff: noqa: E501 - BPMN reads better on one line

from __future__ import annotations

import pytest

from domain.aggregates.process_instance import StartInstance
from domain.aggregates.task import CompleteTask, CreateTask
from domain.errors import AlreadyCompleted, NotFound, TaskNotFound
from engines.spiff import steps
from tests.engines.world import World, bpmn, flows, one_task

FULL = one_task(
    '<userTask id="t" name="Approve ${subject}" camunda:assignee="${boss}" camunda:candidateUsers="b, a ,${more}"'
    ' camunda:candidateGroups="${groups}" camunda:dueDate="${dateTime().plusDays(2).toDate()}" camunda:followUpDate="PT2H"'
    ' camunda:priority="${prio}" camunda:formKey="approve-${subject}">'
    "<documentation>About ${subject}</documentation><extensionElements><camunda:formData>"
    '<camunda:formField id="decision" label="Decision" type="enum" defaultValue="${empty x ? 1 : 2}">'
    '<camunda:value id="Y" name="Yes"/><camunda:value id="N"/><camunda:validation><camunda:constraint name="required"/>'
    "</camunda:validation></camunda:formField></camunda:formData></extensionElements></userTask>"
)


def test_a_task_carries_everything_the_model_says() -> None:
    world = World(FULL)
    world.start(business_key="R-1", subject="chairs", boss="ann", more="d,c", groups=["g2", "g1"], prio="70")
    task = world.open()[0]
    assert (task.name, task.description, task.form_key) == ("Approve chairs", "About chairs", "approve-chairs")
    assert (task.assignee, task.candidate_users, task.candidate_groups) == ("ann", ("a", "b", "c", "d"), ("g1", "g2"))
    assert (task.priority, task.business_key, task.task_definition_key) == (70, "R-1", "t")
    assert (task.due_date, task.follow_up_date) == ("2026-11-24T10:00:00.000Z", "2026-11-22T12:00:00.000Z")
    assert task.create_time == "2026-11-22T10:00:00.000Z"
    assert task.payload["subject"] == "chairs"
    assert task.form_fields == (
        {
            "id": "decision",
            "label": "Decision",
            "type": "enum",
            "default": 1,
            "required": True,
            "values": [{"id": "Y", "name": "Yes"}, {"id": "N", "name": "N"}],
            "constraints": {},
        },
    )


def test_what_cannot_be_resolved_does_not_stop_the_task(caplog: pytest.LogCaptureFixture) -> None:
    world = World(FULL)
    world.start(more="x", groups="g", prio="high")
    task = world.open()[0]
    assert task.assignee is None
    assert task.name == "Approve ${subject}"
    assert task.candidate_users == ("a", "b", "x")
    assert task.priority is None
    assert {"attribute": "priority", "raw": "${prio}", "reason": "is no whole number"} in task.warnings
    assert {one["attribute"] for one in task.warnings} == {
        *("name", "documentation", "formKey", "assignee", "priority")
    }
    assert ("priority", "${prio}") in [(record.attribute, record.raw) for record in caplog.records]  # type: ignore[attr-defined]


@pytest.mark.parametrize("prefix", ["camunda", "activiti", "flowable"])
def test_every_vendor_is_read(prefix: str) -> None:
    world = World(
        one_task(f'<userTask id="t" {prefix}:candidateGroups="g" {prefix}:priority="3" {prefix}:dueDate="soon"/>')
    )
    world.start()
    assert (world.open()[0].candidate_groups, world.open()[0].priority, world.open()[0].due_date) == (("g",), 3, None)


def test_standard_owners_are_read() -> None:
    def owner(role: str, text: str) -> str:
        expression = (
            f"<resourceAssignmentExpression><formalExpression>{text}</formalExpression></resourceAssignmentExpression>"
        )
        return f"<{role}>{expression}</{role}>"

    roles = owner("humanPerformer", "ann") + owner("potentialOwner", "user(bob), group(sales), staff")
    world = World(one_task(f'<userTask id="t">{roles}</userTask>'))
    world.start()
    task = world.open()[0]
    assert (task.assignee, task.candidate_users, task.candidate_groups) == ("ann", ("bob",), ("sales", "staff"))


def test_what_start_says_and_in_which_order() -> None:
    world = World(one_task('<userTask id="t"/>'))
    instance = world.start(business_key="B", amount=5)
    assert world.words() == ["StartInstance", "CreateTask"]
    (key, started), (task_key, created) = world.said[-2:]
    assert isinstance(started, StartInstance)
    assert isinstance(created, CreateTask)
    assert (key.aggregate, key.id, started.instance.start_user) == ("process_instance", instance, "kermit")
    assert (task_key.aggregate, task_key.id) == ("task", created.task.engine_task_id)
    assert created.task.payload == {"amount": 5}


def test_ended_is_said_before_created_and_the_instance_last() -> None:
    world = World(
        bpmn(f'<startEvent id="s"/><userTask id="a"/><userTask id="b"/><endEvent id="e"/>{flows("s", "a", "b", "e")}')
    )
    world.start()
    world.complete("a", x=1)
    assert world.words() == ["CompleteTask", "CreateTask"]
    assert world.task("b").payload == {"x": 1}
    world.complete("b")
    assert world.words() == ["CompleteTask", "MoveInstance"]
    assert world.ends() == ["FINISHED"]


def test_a_task_completes_once() -> None:
    world = World(
        bpmn(f'<startEvent id="s"/><userTask id="a"/><userTask id="b"/><endEvent id="e"/>{flows("s", "a", "b", "e")}')
    )
    world.start()
    first = world.open()[0].engine_task_id
    world.complete("a")
    for _ in range(2):
        with pytest.raises(AlreadyCompleted):
            world.complete_id(first)
    assert world.words() == []
    assert world.keys() == ["b"]
    second = world.open()[0].engine_task_id
    world.complete("b")
    with pytest.raises(AlreadyCompleted):
        world.complete_id(second)
    assert sum(isinstance(said, CompleteTask) for _, said in world.said) == 2


def test_completing_twice_in_one_unit_of_work() -> None:
    world = World(one_task('<userTask id="t"/>'))
    world.start()
    engine, task_id = world.engine(), world.open()[0].engine_task_id
    engine.complete(world.instance, task_id, {})
    with pytest.raises(AlreadyCompleted):
        engine.complete(world.instance, task_id, {})


def test_unknown_things() -> None:
    world = World(one_task('<userTask id="t"/>'))
    world.start()
    with pytest.raises(NotFound):
        world.start("nothing")
    with pytest.raises(TaskNotFound):
        world.complete_id("no-uuid")
    with pytest.raises(NotFound):
        world.act(lambda engine: engine.complete("nothing", "t", {}))
    world.act(lambda engine: engine.hold("nothing"))


def test_a_process_that_never_waits_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "MAX_STEPS", 40)
    body = '<startEvent id="s"/><exclusiveGateway id="g"/><task id="x"/>' + flows("s", "g", "x", "g")
    world = World(bpmn(body))
    world.start()
    for _ in range(steps.MOST_ROUNDS):
        world.pass_time(seconds=1)
    assert list(world.incidents().values()) == [steps.CIRCLES]


@pytest.mark.parametrize("kind", ["task", "subProcess"])
def test_who_completes_a_task_is_not_told_of_what_runs_very_long_behind_it(
    monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """It goes on in other units of work, and ends where it really is that long."""
    monkeypatch.setattr(steps, "MAX_STEPS", 80)
    within = f'<startEvent id="{{0}}s"/><task id="{{0}}t"/>{flows("{0}s", "{0}t")}' if kind == "subProcess" else ""
    names = [f"n{number}" for number in range(90)]
    body = "".join(f'<{kind} id="{name}">{within.replace("{0}", name)}</{kind}>' for name in names)
    world = World(bpmn(f'<startEvent id="s"/><userTask id="t"/>{body}<endEvent id="e"/>{flows("s", "t", *names, "e")}'))
    world.start()
    world.complete("t", done=True)
    while not world.ends():
        assert world.memory.instances[world.instance].due
        world.pass_time(seconds=1)
    assert (world.ends(), world.incidents(), world.variables()) == (["FINISHED"], {}, {"done": True})


def test_manual_tasks_pass_and_conditions_on_activities_hold() -> None:
    body = (
        '<startEvent id="s"/><manualTask id="m"/><task id="x" default="d"/><userTask id="a"/><userTask id="b"/><endEvent id="e"/>'
        + flows("s", "m", "x")
        + '<sequenceFlow id="c" sourceRef="x" targetRef="a"><conditionExpression>${n > 1}</conditionExpression></sequenceFlow>'
        '<sequenceFlow id="d" sourceRef="x" targetRef="b"/>' + flows("a", "e") + flows("b", "e")
    )
    world = World(bpmn(body))
    world.start(n=2)
    assert world.keys() == ["a"]
    world = World(bpmn(body))
    world.start(n=1)
    assert world.keys() == ["b"]
