"""However often something happens to an instance, what is saved of it stays as large; large models run, too."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from domain.errors import InvalidDefinition, InvalidVariables
from engines.documents import MAX_BYTES
from engines.spiff.vendor import LONGEST_DOCUMENTATION
from tests.engines.world import World, bpmn, flows
from tests.support.sizes import size

ROUNDS = 60
NAMED = b'<message id="Msg" name="m"/><signal id="Sig" name="g"/><process'
HOST = f'<startEvent id="s"/><userTask id="t"/><endEvent id="e"/>{flows("s", "t", "e")}'
EVENTS = {
    "message": '<messageEventDefinition messageRef="Msg"/>',
    "signal": '<signalEventDefinition signalRef="Sig"/>',
    "cycle": "<timerEventDefinition><timeCycle>R/PT1H</timeCycle></timerEventDefinition>",
    "condition": "<conditionalEventDefinition><condition>${n > 0}</condition></conditionalEventDefinition>",
}
PLACES = {
    "boundary": '<boundaryEvent id="b" attachedToRef="t" cancelActivity="false">{}</boundaryEvent>'
    f'<subProcess id="x"><startEvent id="xs"/><task id="xt"/>{flows("xs", "xt")}</subProcess>{flows("b", "x")}',
    "event sub-process": '<subProcess id="es" triggeredByEvent="true"><startEvent id="es_s" isInterrupting="false">{}'
    f'</startEvent><task id="x"/>{flows("es_s", "x")}</subProcess>',
}


def named(body: str) -> bytes:
    return bpmn(body).replace(b"<process", NAMED, 1)


def happens(world: World, kind: str, number: int) -> None:
    if kind == "message":
        world.act(lambda engine: engine.correlate("m"))
    elif kind == "signal":
        world.act(lambda engine: engine.signal("g"))
    elif kind == "cycle":
        world.pass_time(hours=1)
    else:
        world.act(lambda engine: engine.set_variables(world.instance, {"n": number + 10}))


def stays(world: World, each: Callable[[int], None], spare: int = 600) -> None:
    """After a few rounds it is as large as after many, but for digits."""
    sizes = []
    for number in range(ROUNDS):
        each(number)
        sizes.append(size(world))
    assert world.incidents() == {}
    assert max(sizes[10:]) - min(sizes[5:15]) < spare, sizes


@pytest.mark.parametrize("kind", EVENTS)
@pytest.mark.parametrize("place", PLACES)
def test_events_that_do_not_interrupt_may_fire_for_ever(place: str, kind: str) -> None:
    world = World(named(HOST + PLACES[place].format(EVENTS[kind])))
    world.start(n=0)
    stays(world, lambda number: happens(world, kind, number))
    assert world.keys() == ["t"]
    world.complete("t")
    assert world.ends() == ["FINISHED"]


def test_jobs_leave_nothing_of_their_own_behind() -> None:
    job = '<serviceTask id="x" camunda:type="external" camunda:topic="t"/>'
    world = World(bpmn(f'<startEvent id="s"/><exclusiveGateway id="j"/>{job}{flows("s", "j", "x", "j")}'))
    world.start()

    def done(number: int) -> None:
        [found] = world.memory.jobs.values()
        world.act(lambda engine: engine.finish_job(world.instance, found.job_id, {"n": number}, {"l": number}))

    stays(world, done, spare=60)


def test_called_processes_and_failures_leave_nothing_behind() -> None:
    body = (
        '<startEvent id="s"/><exclusiveGateway id="j"/><serviceTask id="x" camunda:class="x"/><userTask id="t"/>'
        f'<callActivity id="c" calledElement="q"/>{flows("s", "j", "x", "c", "t", "j")}'
    )
    called = f'<process id="q" isExecutable="true"><startEvent id="qs"/><userTask id="i"/>{flows("qs", "i")}</process>'
    world = World(bpmn(body).replace(b"</definitions>", called.encode() + b"</definitions>"))
    failing = {"times": 0}

    def sometimes(_variables: object) -> None:
        failing["times"] += 1
        if failing["times"] % 4:
            raise ValueError("no")

    world.services.by_name["x"] = sometimes  # type: ignore[index]
    world.start()

    def around(_number: int) -> None:
        while not world.open():
            world.pass_time(minutes=1)
        world.complete("i")
        world.complete("t")

    stays(world, around)


def test_what_several_instances_give_is_collected_where_each_has_parameters_of_its_own() -> None:
    several = (
        '<multiInstanceLoopCharacteristics camunda:collection="xs" camunda:elementVariable="x"'
        ' camunda:outputCollection="ys" camunda:outputElement="${x * 2}"/>'
    )
    given = (
        '<extensionElements><camunda:inputOutput><camunda:inputParameter name="i">${x}</camunda:inputParameter>'
        "</camunda:inputOutput></extensionElements>"
    )
    body = f'<startEvent id="s"/><task id="a">{given}{several}</task><userTask id="t"/>{flows("s", "a", "t")}'
    world = World(bpmn(body))
    world.start(xs=[1, 2, 3])
    assert world.variables()["ys"] == [2, 4, 6]


@pytest.mark.parametrize("interrupting", ["true", "false"])
def test_an_event_sub_process_that_runs_through_at_once_interrupts_or_waits_again(interrupting: str) -> None:
    beside = PLACES["event sub-process"].replace('isInterrupting="false"', f'isInterrupting="{interrupting}"')
    world = World(named(HOST + beside.format(EVENTS["message"])))
    world.start()
    happens(world, "message", 0)
    assert (world.keys(), world.ends()) == (([], ["FINISHED"]) if interrupting == "true" else (["t"], []))


def chain(count: int, element: str) -> bytes:
    names = [f"t{number}" for number in range(count)]
    body = "".join(element.format(name) for name in names)
    return bpmn(f'<startEvent id="s"/>{body}<endEvent id="e"/>{flows("s", *names, "e")}')


def test_a_chain_of_five_thousand_elements_runs_to_its_end() -> None:
    world = World(chain(5_000, '<task id="{}"/>'))
    world.start()
    assert world.ends() == ["FINISHED"]


def test_a_gateway_a_thousand_wide_is_passed_in_the_time_of_a_step() -> None:
    names = [f"t{number}" for number in range(1_000)]
    ways = "".join(f'<task id="{name}"/>{flows("f", name, "j")}' for name in names)
    gateways = '<parallelGateway id="f"/><parallelGateway id="j"/>'
    world = World(bpmn(f'<startEvent id="s"/>{gateways}{ways}<endEvent id="e"/>{flows("s", "f")}{flows("j", "e")}'))
    begun = time.process_time()
    world.start()
    assert world.ends() == ["FINISHED"]
    assert time.process_time() - begun < 10


def test_files_of_nearly_five_megabytes_are_deployed_and_larger_ones_are_refused() -> None:
    model = f'<startEvent id="s"/><userTask id="t"><documentation>{{}}</documentation></userTask>{flows("s", "t")}'
    about = "x" * (MAX_BYTES - len(bpmn(model)))
    world = World(bpmn(model.format(about)))
    world.start()
    assert size(world) < 3_000
    with pytest.raises(InvalidDefinition, match="larger than 5 MB"):
        World(bpmn(model.format(about + "xxx")))


def test_callers_and_elements_are_told_when_variables_become_too_large() -> None:
    body = f'<startEvent id="s"/><userTask id="t"/><serviceTask id="x" camunda:class="x"/>{flows("s", "t", "x")}'
    world = World(bpmn(body), {"x": lambda _: {"big": "x" * 900_000}})
    world.start(other="y" * 300_000)
    for do in (
        lambda engine: engine.start("p", {"big": "x" * 900_000}),
        lambda engine: engine.complete(world.instance, world.task("t").engine_task_id, {"big": "x" * 600_000}),
        lambda engine: engine.set_variables(world.instance, {"big": "x" * 600_000}),
    ):
        with pytest.raises(InvalidVariables, match="800000 characters"):
            world.act(do)
    assert world.keys() == ["t"]
    world.complete("t", other="short")
    assert "800000 characters" in world.incidents()["x"]
    assert size(world) < 10_000
    world.services.by_name["x"] = lambda _: {"big": "x" * 600_000}  # type: ignore[index]
    world.retry()
    assert world.ends() == ["FINISHED"]


def test_a_variable_that_is_overwritten_does_not_count_twice() -> None:
    world = World(bpmn(f'<startEvent id="s"/><userTask id="t"/>{flows("s", "t")}'))
    world.start()
    for letter in "abc":
        world.act(lambda engine, letter=letter: engine.set_variables(world.instance, {"big": letter * 600_000}))
    assert size(world) < 610_000


def test_of_a_very_long_documentation_people_read_the_beginning() -> None:
    model = '<startEvent id="s"/><userTask id="t"><documentation>{}</documentation></userTask>' + flows("s", "t")
    world = World(bpmn(model.format("x" * 3_000_000)))
    world.start()
    assert len(str(world.task("t").description)) == LONGEST_DOCUMENTATION


@pytest.mark.parametrize("in_turn", ["true", "false"])
def test_a_thousand_instances_of_an_activity_leave_nothing_behind(in_turn: str) -> None:
    several = (
        f'<multiInstanceLoopCharacteristics isSequential="{in_turn}"><loopCardinality>1000</loopCardinality>'
        "</multiInstanceLoopCharacteristics>"
    )
    body = f'<startEvent id="s"/><task id="a">{several}</task><userTask id="t"/>{flows("s", "a", "t")}'
    world = World(bpmn(body))
    world.start()
    assert world.keys() == ["t"]
    assert size(world) < 3_000


@pytest.mark.parametrize(
    "several",
    [
        (
            '<multiInstanceLoopCharacteristics isSequential="true"><loopCardinality>500</loopCardinality>'
            "<completionCondition>${nrOfCompletedInstances >= 400 and loopCounter >= 0}</completionCondition>"
            "</multiInstanceLoopCharacteristics>"
        ),
        "<standardLoopCharacteristics><loopCondition>${true}</loopCondition></standardLoopCharacteristics>",
    ],
)
@pytest.mark.parametrize("element", ["userTask", "subProcess"])
def test_instances_one_after_the_other_leave_nothing_behind(element: str, several: str) -> None:
    inner = f'<startEvent id="is"/><userTask id="i"/>{flows("is", "i")}' if element == "subProcess" else ""
    body = f'<startEvent id="s"/><{element} id="a">{several}{inner}</{element}>{flows("s", "a")}'
    world = World(bpmn(body))
    world.start()
    stays(world, lambda _: world.complete_id(world.open()[0].engine_task_id))


def test_sequential_instances_end_by_their_condition_though_those_before_are_forgotten() -> None:
    several = (
        '<multiInstanceLoopCharacteristics isSequential="true" camunda:collection="xs" camunda:elementVariable="x"'
        ' camunda:outputCollection="ys" camunda:outputElement="${x}"><completionCondition>${x == 30}'
        "</completionCondition></multiInstanceLoopCharacteristics>"
    )
    world = World(bpmn(f'<startEvent id="s"/><userTask id="a">{several}</userTask>{flows("s", "a")}'))
    world.start(xs=list(range(50)))
    for _ in range(31):
        world.complete("a")
    assert world.ends() == ["FINISHED"]
    assert world.variables()["ys"] == list(range(31))
