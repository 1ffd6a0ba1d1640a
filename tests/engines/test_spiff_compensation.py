"""Compensation: what has completed is undone by its handlers, the last first, once, and nothing else is."""

# ruff: noqa: E501 - BPMN reads better on one line

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from domain.aggregates.task import DeleteTask
from domain.errors import BpmnError, CannotMove, InvalidDefinition
from engines.spiff.saved import activities, with_data_changed
from tests.engines.world import World, bpmn, flows

ALL = '<intermediateThrowEvent id="{}"><compensateEventDefinition/></intermediateThrowEvent>'
MANY = '<multiInstanceLoopCharacteristics {}camunda:collection="items" camunda:elementVariable="item"/>'


def undoable(name: str, kind: str = "task", inside: str = "", handler: str = "") -> str:
    """An activity, and what undoes it: a service that is called `undo_` and its name."""
    undo = handler or f'<serviceTask id="undo_{name}" camunda:class="undo" isForCompensation="true"/>'
    return (
        f'<{kind} id="{name}">{inside}</{kind}>{undo}'
        f'<boundaryEvent id="on_{name}" attachedToRef="{name}"><compensateEventDefinition/></boundaryEvent>'
        f'<association id="as_{name}" sourceRef="on_{name}" targetRef="undo_{name}"/>'
    )


def asked(name: str) -> str:
    return f'<userTask id="undo_{name}" isForCompensation="true"/>'


def service(name: str, **more: str) -> str:
    said = "".join(f' {key}="{value}"' for key, value in more.items())
    return f'<serviceTask id="undo_{name}" camunda:class="undo_{name}" isForCompensation="true"{said}/>'


def called(name: str, kind: str = "task", inside: str = "") -> str:
    """An activity that is undone by a service of its own."""
    return undoable(name, kind, inside, service(name))


def throws(name: str, activity: str) -> str:
    return f'<intermediateThrowEvent id="{name}"><compensateEventDefinition activityRef="{activity}"/></intermediateThrowEvent>'


def ends(name: str, activity: str = "") -> str:
    ref = f' activityRef="{activity}"' if activity else ""
    return f'<endEvent id="{name}"><compensateEventDefinition{ref}/></endEvent>'


def inner(*names: str) -> str:
    """The flow of a sub-process."""
    around = f"{names[0]}_s", f"{names[-1]}_e"
    return f'<startEvent id="{around[0]}"/><endEvent id="{around[1]}"/>{flows(around[0], *names, around[1])}'


def process(body: str, *names: str, end: str = '<endEvent id="e"/>') -> bytes:
    return bpmn(f'<startEvent id="s"/>{body}{end}{flows("s", *names, "e")}')


class Undoing(World):
    """Notes which handlers were called, in order, and what they saw."""

    def __init__(self, source: bytes, *names: str, failing: Exception | None = None) -> None:
        self.undone: list[str] = []
        self.seen: list[Mapping[str, Any]] = []
        self.failing = failing
        super().__init__(source, {f"undo_{name}": self._note(name) for name in names})

    def _note(self, name: str) -> Callable[[Mapping[str, Any]], None]:
        def note(variables: Mapping[str, Any]) -> None:
            if self.failing is not None:
                raise self.failing
            self.undone.append(name)
            self.seen.append(dict(variables))

        return note

    def kept(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.memory.instances[self.instance].state)
        return found


def test_what_has_completed_is_undone_the_last_first_before_it_goes_on() -> None:
    body = called("a") + called("b") + called("c", "userTask") + ALL.format("t") + '<userTask id="after"/>'
    world = Undoing(process(body, "a", "b", "c", "t", "after"), "a", "b", "c")
    world.start()
    assert world.undone == []
    world.complete("c")
    assert (world.undone, world.keys()) == (["c", "b", "a"], ["after"])
    world.complete("after")
    assert world.ends() == ["FINISHED"]


def test_an_end_event_compensates_too() -> None:
    world = Undoing(process(called("a"), "a", end=ends("e")), "a")
    world.start()
    assert (world.undone, world.ends()) == (["a"], ["FINISHED"])


def test_only_the_activity_that_is_named_is_undone() -> None:
    body = called("a") + called("b") + throws("t", "a") + ALL.format("u") + ALL.format("v") + '<userTask id="after"/>'
    world = Undoing(process(body, "a", "b", "t", "after", "u", "v"), "a", "b")
    world.start()
    assert world.undone == ["a"]
    world.complete("after")
    assert world.undone == ["a", "b"], "and never twice"


def test_what_has_not_completed_is_not_undone() -> None:
    fork = '<parallelGateway id="f"/><userTask id="w"/>' + flows("f", "b", "x") + '<endEvent id="x"/>'
    body = called("a", "userTask") + called("b", "userTask") + fork + ALL.format("t") + '<userTask id="after"/>'
    world = Undoing(process(body, "f", "a", "t", "after"), "a", "b")
    world.start()
    world.complete("a")
    assert (world.undone, world.keys()) == (["a"], ["after", "b"])


def test_what_was_interrupted_is_not_undone() -> None:
    timer = '<boundaryEvent id="late" attachedToRef="a"><timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition></boundaryEvent>'
    body = called("a", "userTask") + timer + ALL.format("t") + flows("late", "t")
    world = Undoing(process(body, "a", "t"), "a")
    world.start()
    world.pass_time(hours=2)
    assert (world.undone, world.ends()) == ([], ["FINISHED"])


def test_the_association_may_be_drawn_the_other_way() -> None:
    body = called("a").replace('sourceRef="on_a" targetRef="undo_a"', 'sourceRef="undo_a" targetRef="on_a"')
    world = Undoing(process(body, "a", end=ends("e")), "a")
    world.start()
    assert world.undone == ["a"]


def test_nothing_to_undo_is_passed() -> None:
    world = Undoing(process(ALL.format("t"), "t"))
    world.start()
    assert world.ends() == ["FINISHED"]


def test_people_undo_as_well_and_the_event_waits_for_all_of_them() -> None:
    body = (
        undoable("a", handler=asked("a"))
        + undoable("b", handler=asked("b"))
        + ALL.format("t")
        + '<userTask id="after"/>'
    )
    world = World(process(body, "a", "b", "t", "after"))
    world.start()
    assert world.keys() == ["undo_a", "undo_b"]
    assert [task.task_definition_key for task in world.open()] == ["undo_b", "undo_a"]
    world.complete("undo_b")
    assert world.keys() == ["undo_a"]
    world.complete("undo_a")
    assert world.keys() == ["after"]


@pytest.mark.parametrize("way", ["", 'isSequential="true" '])
def test_each_instance_of_an_activity_is_undone_with_what_it_had(way: str) -> None:
    body = called("a", "userTask", MANY.format(way)) + ALL.format("t") + '<userTask id="after"/>'
    world = Undoing(process(body, "a", "t", "after"), "a")
    world.start(items=["x", "y", "z"])
    for _ in range(3):
        assert world.undone == []
        world.complete("a")
    assert [one["item"] for one in world.seen] == ["z", "y", "x"]
    assert world.keys() == ["after"]
    assert (world.variables(), world.kept()["local"]) == ({"items": ["x", "y", "z"]}, {})


def test_several_may_undo_one_instance() -> None:
    handler = '<userTask id="undo_a" isForCompensation="true"><multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics></userTask>'
    world = World(process(undoable("a", "task", MANY.format(""), handler) + ALL.format("t"), "a", "t"))
    world.start(items=["x"])
    assert [task.payload["item"] for task in world.open()] == ["x", "x"]


def test_instances_are_not_undone_before_all_have_completed() -> None:
    fork = (
        '<parallelGateway id="f"/>'
        + flows("f", "w", "t", "after", "x")
        + '<userTask id="w"/><userTask id="after"/><endEvent id="x"/>'
    )
    world = Undoing(process(called("a", "userTask", MANY.format("")) + fork + ALL.format("t"), "f", "a"), "a")
    world.start(items=["x", "y"])
    world.complete("a")
    world.complete("w")
    assert (world.undone, world.keys()) == ([], ["a", "after"])


def test_a_sub_process_that_has_completed_is_undone_from_within_with_the_variables_it_had() -> None:
    seen = '<extensionElements><camunda:inputOutput><camunda:inputParameter name="mine">${given}</camunda:inputParameter></camunda:inputOutput></extensionElements>'
    sub = f'<subProcess id="sub">{seen}{called("b") + called("c", "userTask") + inner("b", "c")}</subProcess>'
    body = called("a") + sub + called("d") + '<userTask id="w"/>' + ALL.format("t") + '<userTask id="after"/>'
    world = Undoing(process(body, "a", "sub", "d", "w", "t", "after"), "a", "b", "c", "d")
    world.start(given="before")
    world.complete("c", mine="inside")
    world.complete("w", given="later")
    assert world.undone == ["d", "c", "b", "a"]
    assert [one.get("mine") for one in world.seen] == [None, "inside", "inside", None]
    assert {one["given"] for one in world.seen} == {"later"}
    assert world.keys() == ["after"]
    assert world.task("after").payload == {"given": "later"}


def test_a_sub_process_that_has_not_completed_is_left_alone() -> None:
    inside = called("b") + '<userTask id="wait"/>' + inner("b", "wait")
    sub = f'<subProcess id="sub">{inside}</subProcess>'
    fork = '<parallelGateway id="f"/>' + flows("f", "sub", "x") + '<endEvent id="x"/>'
    world = Undoing(
        process(called("a") + fork + sub + ALL.format("t") + '<userTask id="after"/>', "f", "a", "t", "after"), "a", "b"
    )
    world.start()
    assert world.undone == ["a"]


def test_what_is_thrown_within_stays_within() -> None:
    sub = f'<subProcess id="sub">{called("b") + ALL.format("t") + inner("b", "t")}</subProcess>'
    world = Undoing(process(called("a") + sub + '<userTask id="after"/>', "a", "sub", "after"), "a", "b")
    world.start()
    assert (world.undone, world.keys()) == (["b"], ["after"])


def test_sub_processes_of_sub_processes_and_of_several_instances_are_undone() -> None:
    deep = f'<subProcess id="deep">{called("b", "userTask") + inner("b")}</subProcess>'
    sub = f'<subProcess id="sub">{MANY.format("")}{deep + called("c") + inner("deep", "c")}</subProcess>'
    world = Undoing(process(sub + ALL.format("t") + '<userTask id="after"/>', "sub", "t", "after"), "b", "c")
    world.start(items=["x", "y"])
    for task in world.open():
        world.complete_id(task.engine_task_id)
    assert world.undone == ["c", "b", "c", "b"]
    assert [one["item"] for one in world.seen] == ["y", "y", "x", "x"]
    assert world.keys() == ["after"]


def test_a_sub_process_with_a_handler_beside_it_is_undone_by_that_alone() -> None:
    sub = called("sub", "subProcess", called("b") + inner("b"))
    world = Undoing(process(sub + ALL.format("t"), "sub", "t"), "sub", "b")
    world.start()
    assert (world.undone, world.ends()) == (["sub"], ["FINISHED"])


def own(*names: str) -> str:
    """An event sub-process that compensates."""
    return f'<subProcess id="own" triggeredByEvent="true"><startEvent id="os"><compensateEventDefinition/></startEvent><endEvent id="oe"/>{flows("os", *names, "oe")}'


@pytest.mark.parametrize("inside", [called("b"), '<task id="b"/>'])
def test_an_event_sub_process_undoes_the_sub_process_it_is_in(inside: str) -> None:
    asks = own("ask") + '<userTask id="ask"/></subProcess>'
    sub = f'<subProcess id="sub">{inside + inner("b") + asks}</subProcess>'
    world = Undoing(process(sub + ALL.format("t") + '<userTask id="after"/>', "sub", "t", "after"), "b")
    world.start()
    assert (world.undone, world.keys()) == ([], ["ask"])
    world.complete("ask")
    assert (world.undone, world.keys()) == ([], ["after"])


def test_what_it_throws_undoes_what_is_around_it() -> None:
    throwing = own("ask", "u") + '<userTask id="ask"/>' + throws("u", "b") + "</subProcess>"
    sub = f'<subProcess id="sub">{called("b") + called("c") + inner("b", "c") + throwing}</subProcess>'
    world = Undoing(process(sub + throws("t", "sub") + '<userTask id="after"/>', "sub", "t", "after"), "b", "c")
    world.start()
    assert world.keys() == ["ask"]
    world.complete("ask")
    assert (world.undone, world.keys()) == (["b"], ["after"])


def test_an_event_sub_process_of_an_error_undoes_what_is_around_it() -> None:
    catches = (
        '<subProcess id="caught" triggeredByEvent="true"><startEvent id="cs"><errorEventDefinition/></startEvent>'
        f'{ALL.format("t")}<userTask id="after"/><endEvent id="ce"/>{flows("cs", "t", "after", "ce")}</subProcess>'
    )
    body = called("a") + undoable("b", handler=asked("b")) + '<userTask id="w"/>' + catches
    failing = '<endEvent id="e"><errorEventDefinition/></endEvent>'
    world = Undoing(process(body, "a", "b", "w", end=failing), "a")
    world.start()
    world.complete("w")
    assert (world.undone, world.keys()) == (["a"], ["undo_b"])
    world.complete("undo_b")
    assert world.keys() == ["after"]


def transaction(more: str = "") -> bytes:
    inside = (
        '<startEvent id="ts"/><parallelGateway id="f"/>'
        + called("a")
        + undoable("b", handler=asked("b"))
        + '<userTask id="other"/><userTask id="w"/><endEvent id="te"/><endEvent id="stop"><cancelEventDefinition/></endEvent>'
        + flows("ts", "a", "b", "f", "other", "te")
        + flows("f", "w", "stop")
    )
    boundary = '<boundaryEvent id="on" attachedToRef="tx"><cancelEventDefinition/></boundaryEvent><userTask id="cancelled"/><endEvent id="ce"/>'
    return process(f'<transaction id="tx">{inside}</transaction>{boundary}{flows("on", "cancelled", "ce")}{more}', "tx")


def test_a_transaction_that_is_cancelled_is_undone_before_it_goes_on() -> None:
    world = Undoing(transaction(), "a")
    world.start()
    assert world.keys() == ["other", "w"]
    world.complete("w")
    assert world.keys() == ["undo_b"], "all else in it has stopped"
    world.complete("undo_b")
    assert (world.undone, world.keys()) == (["a"], ["cancelled"])
    world.complete("cancelled")
    assert world.ends() == ["FINISHED"]


def test_a_called_process_is_undone_by_the_handler_of_its_call() -> None:
    world = Undoing(bpmn(f"{called('deep')}{inner('deep')}", key="q"), "call", "deep")
    call = f"{called('call', 'callActivity')}{ALL.format('t')}".replace('id="call"', 'id="call" calledElement="q"', 1)
    world.act(lambda engine: engine.deploy(process(call + '<userTask id="after"/>', "call", "t", "after")))
    world.start()
    assert (world.undone, world.keys()) == (["call"], ["after"])


def test_a_called_process_compensates_by_itself() -> None:
    world = Undoing(bpmn(f"{called('deep')}{ALL.format('t')}{inner('deep', 't')}", key="q"), "a", "deep")
    call = called("a") + '<callActivity id="call" calledElement="q"/>'
    world.act(lambda engine: engine.deploy(process(call, "a", "call")))
    world.start()
    assert (world.undone, world.ends()) == (["deep"], ["FINISHED", "FINISHED"])


def test_a_handler_that_fails_is_an_incident_and_is_tried_again() -> None:
    body = undoable("a", handler=asked("a")) + called("b") + ALL.format("t")
    world = Undoing(process(body, "a", "b", "t"), "b", failing=ValueError("no"))
    world.start()
    for _ in range(5):
        world.pass_time(minutes=1)
    assert list(world.incidents()) == ["undo_b"]
    assert (world.undone, world.keys()) == ([], ["undo_a"])
    world.complete("undo_a")
    assert world.ends() == []
    world.failing = None
    world.memory.incidents.clear()
    world.act(lambda engine: engine.retry(world.instance))
    assert (world.undone, world.ends()) == (["b"], ["FINISHED"])


def test_an_error_of_a_handler_goes_outward() -> None:
    caught = '<boundaryEvent id="bad" attachedToRef="sub"><errorEventDefinition/></boundaryEvent><userTask id="mend"/><endEvent id="me"/>'
    inside = undoable("a", handler=asked("a")) + called("b") + ALL.format("t") + inner("a", "b", "t")
    body = f'<subProcess id="sub">{inside}</subProcess>{caught}{flows("bad", "mend", "me")}'
    world = Undoing(process(body, "sub"), "b", failing=BpmnError("lost"))
    world.start()
    assert world.keys() == ["mend"]
    kept = world.kept()
    assert (kept["completed"], kept["undoing"]) == ({}, {})


@pytest.mark.parametrize(
    "handler",
    [
        '<subProcess id="undo_a" isForCompensation="true"><startEvent id="us"/><userTask id="in"/><endEvent id="ue"/><sequenceFlow id="u1" sourceRef="us" targetRef="in"/><sequenceFlow id="u2" sourceRef="in" targetRef="ue"/></subProcess>',
        '<userTask id="undo_a" isForCompensation="true"><multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics></userTask>',
        '<receiveTask id="undo_a" isForCompensation="true"/>',
        '<scriptTask id="undo_a" isForCompensation="true" scriptFormat="groovy"><script>x = 1</script></scriptTask>',
        '<serviceTask id="undo_a" isForCompensation="true" camunda:expression="${1}" camunda:resultVariable="x" camunda:asyncBefore="true"/>',
    ],
)
def test_whatever_undoes_it_is_waited_for(handler: str) -> None:
    world = World(
        process(undoable("a", handler=handler) + ALL.format("t") + '<userTask id="after"/>', "a", "t", "after")
    )
    world.start()
    for _ in range(2):
        if "receiveTask" in handler and world.keys() == []:
            world.act(lambda engine: engine.correlate("undo_a"))
        for task in [task for task in world.open() if task.task_definition_key != "after"]:
            world.complete_id(task.engine_task_id)
        world.pass_time(seconds=1)
    assert (world.keys(), world.incidents()) == (["after"], {})


def test_compensation_that_is_interrupted_ends_with_its_tasks() -> None:
    late = '<boundaryEvent id="late" attachedToRef="around"><timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition></boundaryEvent><userTask id="mend"/><endEvent id="me"/>'
    sub = f'<subProcess id="sub">{undoable("a", handler=asked("a")) + inner("a")}</subProcess>'
    around = f'<subProcess id="around">{sub + ALL.format("t") + inner("sub", "t")}</subProcess>'
    world = World(process(around + late + flows("late", "mend", "me"), "around"))
    world.start()
    assert world.keys() == ["undo_a"]
    world.pass_time(hours=2)
    assert world.keys() == ["mend"]
    assert [type(said) for _, said in world.said].count(DeleteTask) == 1


LOOP = (
    '<exclusiveGateway id="j"/><exclusiveGateway id="g" default="g_t"/><scriptTask id="n" scriptFormat="groovy" camunda:resultVariable="count"><script>count + 1</script></scriptTask>'
    '<sequenceFlow id="back" sourceRef="g" targetRef="j"><conditionExpression>${count &lt; most}</conditionExpression></sequenceFlow>'
)


def test_an_instance_grows_by_nothing_where_an_activity_completes_again_and_again() -> None:
    body = LOOP + called("a") + called("b") + '<userTask id="t"/>' + throws("u", "a")
    world = Undoing(process(body, "j", "n", "a", "g", "t", "u"), "a")
    sizes = []
    for most in (1, 1000):
        world.start(count=0, most=most)
        sizes.append(len(world.memory.instances[world.instance].state))
        world.complete("t")
    assert sizes[1] - sizes[0] < 100
    assert world.undone == ["a"] * 1001


def test_many_sub_processes_and_others_in_turn_stay_small() -> None:
    sub = f'<subProcess id="sub">{called("b") + inner("b")}</subProcess>'
    body = LOOP + called("a") + sub + '<userTask id="t"/>' + ALL.format("u")
    world = Undoing(process(body, "j", "n", "a", "sub", "g", "t", "u"), "a", "b")
    world.start(count=0, most=300)
    assert len(world.memory.instances[world.instance].state) < 30_000
    world.complete("t")
    assert world.undone == ["b", "a"] * 300
    assert world.ends() == ["FINISHED"]


def test_what_it_keeps_is_erased_and_told_of_with_the_rest() -> None:
    sub = f'<subProcess id="sub">{MANY.format("")}{undoable("b", handler=asked("b")) + inner("b")}</subProcess>'
    world = World(process(sub + '<userTask id="w"/>' + ALL.format("t"), "sub", "w", "t"))
    world.start(items=["secret"])
    world.complete("w", items=[])
    state = world.memory.instances[world.instance].state
    compiled = lambda _: json.loads(world.memory.definition(world.definitions[0].definition_id).compiled)  # noqa: E731
    shown = activities(state, world.definitions[0].definition_id, world.instance, compiled)
    assert [(one["element"], one["type"]) for one in shown] == [("sub", "subProcess"), ("undo_b", "userTask")]
    world.start(items=["secret"])
    state = world.memory.instances[world.instance].state
    changed = with_data_changed(state, lambda data, _: dict.fromkeys(data))
    assert changed is not None
    assert "secret" in state
    assert "secret" not in changed


def test_a_handler_is_skipped_and_nothing_is_moved_into_it_or_elsewhere() -> None:
    body = undoable("a", handler=asked("a")) + '<userTask id="w"/>' + ALL.format("t") + '<userTask id="after"/>'
    world = World(process(body, "a", "w", "t", "after"))
    world.start()
    with pytest.raises(CannotMove, match="compensates"):
        world.act(lambda engine: engine.move(world.instance, "w", "undo_a"))
    world.complete("w")
    with pytest.raises(CannotMove, match="compensates"):
        world.act(lambda engine: engine.move(world.instance, "undo_a", "after"))
    world.act(lambda engine: engine.move(world.instance, "undo_a"))
    assert world.keys() == ["after"]


def test_another_version_must_have_what_may_still_be_undone() -> None:
    first = process(undoable("a", handler=asked("a")) + '<userTask id="w"/>' + ALL.format("t"), "a", "w", "t")
    world = World(first)
    world.start()
    plain = process('<task id="a"/><userTask id="w"/>' + ALL.format("t"), "a", "w", "t")
    two = world.act(lambda engine: engine.deploy(plain)).definitions[0].definition_id
    same = world.act(lambda engine: engine.deploy(first)).definitions[0].definition_id
    assert world.act(lambda engine: engine.migrate(world.instance, two)) == [
        "'a' has completed and is not compensated in version 2"
    ]
    assert world.act(lambda engine: engine.migrate(world.instance, same)) == []
    world.complete("w")
    assert world.keys() == ["undo_a"]


def drawn(body: str) -> bytes:
    return process(f'{body}<userTask id="x"/>', "x")


BOUNDARY = '\n<boundaryEvent id="b" attachedToRef="x"><compensateEventDefinition/></boundaryEvent>'
UNDO = '<task id="u" isForCompensation="true"/>'
JOIN = '<association id="as" sourceRef="b" targetRef="u"/>'
REFUSED = {
    "no handler": (BOUNDARY, "b", "joined by one association"),
    "a handler that is none": (BOUNDARY + JOIN + '<task id="u"/>', "b", "joined by one association"),
    "a handler with flows": (BOUNDARY + JOIN + UNDO + flows("u", "x"), "u", "sequence flows"),
    "a handler that waits for events": (
        BOUNDARY + JOIN + '<subProcess id="u" isForCompensation="true" triggeredByEvent="true"><startEvent id="us">'
        "<conditionalEventDefinition><condition>${x}</condition></conditionalEventDefinition></startEvent></subProcess>",
        "u",
        "cannot compensate",
    ),
    "a handler with events": (
        BOUNDARY + JOIN + UNDO + '<boundaryEvent id="c" attachedToRef="u"><errorEventDefinition/></boundaryEvent>',
        "u",
        "boundary",
    ),
    "an event with flows": (BOUNDARY + JOIN + UNDO + flows("b", "x"), "b", "no sequence flow"),
    "two handlers": (
        BOUNDARY + JOIN + UNDO + BOUNDARY.replace('"b"', '"c"') + '<association id="d" sourceRef="c" targetRef="u"/>',
        "c",
        "more than one",
    ),
    "a ghost": (BOUNDARY.replace('"x"', '"ghost"') + JOIN + UNDO, "b", "'ghost'"),
    "an activity that is elsewhere": (throws("t", "ghost"), "t", "'ghost', which is not beside it"),
    "a catch": (ALL.format("t").replace("Throw", "Catch"), "t", "cannot be one of compensate"),
    "a start of the process": (own() + "</subProcess>", "os", "stands in the process itself"),
    "a plain start": (
        '<subProcess id="sub"><startEvent id="os"><compensateEventDefinition/></startEvent></subProcess>',
        "os",
        "event sub-processes only",
    ),
    "two ways": (
        f'<subProcess id="sub">{inner("i")}<task id="i"/>{own()}</subProcess></subProcess><boundaryEvent id="b" attachedToRef="sub"><compensateEventDefinition/></boundaryEvent>'
        + JOIN
        + UNDO,
        "os",
        "more than one",
    ),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_what_can_never_work_is_refused(case: tuple[str, str, str]) -> None:
    body, element, reason = case
    with pytest.raises(InvalidDefinition, match=reason) as refusal:
        World(drawn(body))
    assert refusal.value.facts["element"] == element
    assert refusal.value.facts["line"] is not None


def test_what_is_not_done_as_drawn_is_warned_of() -> None:
    early = ALL.format("t").replace("Definition/", 'Definition waitForCompletion="false"/')
    world = World()
    found = world.act(lambda engine: engine.deploy(drawn(UNDO + early))).warnings
    assert [(one.element, one.text) for one in found] == [
        ("u", "nothing joins it to an activity"),
        ("t", "compensation is waited for"),
    ]
