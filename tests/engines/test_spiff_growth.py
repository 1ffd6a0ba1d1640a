"""What a step costs and what an instance keeps does not grow with what is behind it or may come."""

import gzip
import json
from pathlib import Path

import pytest

from domain.aggregates.process_definition import ProcessDefinition
from domain.deployment import StoredDefinition, StoredInstance
from domain.wire import load
from engines.spiff.saved import ready_tasks
from engines.spiff.steps import CIRCLES, MOST_ROUNDS
from tests.engines.world import World, bpmn, flows
from tests.support.sizes import ASK_AGAIN, chain, conditional, diamonds, size

POLL = bpmn(
    '<startEvent id="s"/><exclusiveGateway id="j"/><intermediateCatchEvent id="c"><timerEventDefinition>'
    "<timeDuration>PT1H</timeDuration></timerEventDefinition></intermediateCatchEvent>"
    '<exclusiveGateway id="g" default="g_j"/><endEvent id="e"/>'
    + conditional("g", "e", "${done}")
    + flows("s", "j", "c", "g", "j")
)


def test_a_loop_through_a_timer_goes_on_for_ever():
    world, sizes = World(POLL), set()
    world.start(done=False)
    for _ in range(1_200):
        world.pass_time(hours=2)
        sizes.add(size(world))
    assert world.ends() == []
    assert max(sizes) - min(sizes) < 20
    state = json.loads(world.memory.instances[world.instance].state)
    assert len(state["workflow"]["tasks"]) < 10


def test_a_loop_through_tasks_joins_and_sub_processes_goes_on_for_ever():
    world, sizes = World(ASK_AGAIN), []
    world.start(done=False)
    for _ in range(200):
        world.complete("a")
        assert world.keys() == ["b"]
        world.complete("b")
        assert world.keys() == ["i"]
        world.complete("i")
        assert world.keys() == ["a", "b"]
        sizes.append(size(world))
    assert max(sizes) - min(sizes) < 50
    world.complete("b")
    world.complete("a")
    world.complete("i", done=True)
    assert world.ends() == ["FINISHED"]


@pytest.mark.parametrize("count", [1, 5, 40, 200])
def test_many_diamonds_cost_what_they_are(count):
    world = World(diamonds(count))
    world.start()
    before = size(world)
    world.complete("first")
    assert (world.keys(), world.words()) == (["last"], ["CompleteTask", "CreateTask"])
    assert size(world) < before * 1.5
    world.complete("last")
    assert world.ends() == ["FINISHED"]


@pytest.mark.parametrize("kind", ["task", "userTask"])
def test_a_very_long_process_is_deployed_and_runs(kind):
    world = World(chain(kind, 3_000))
    world.start()
    if kind == "userTask":
        world.complete("t0")
        world.complete("t1")
        assert world.keys() == ["t2"]
    else:
        assert world.keys() == ["last"]
    assert size(world) < 6_000


def test_an_inclusive_gateway_waits_for_what_is_two_steps_before_it():
    body = (
        '<startEvent id="s"/><inclusiveGateway id="f"/><userTask id="a"/><subProcess id="sub"><startEvent id="is"/>'
        '<userTask id="i"/><endEvent id="ie"/>' + flows("is", "i", "ie") + '</subProcess><userTask id="b"/>'
        '<inclusiveGateway id="w"/><userTask id="last"/>'
        + conditional("f", "a", "${true}")
        + conditional("f", "sub", "${both}")
    )
    source = bpmn(body + flows("s", "f") + flows("a", "w", "last") + flows("sub", "b", "w"))
    world = World(source)
    world.start(both=True)
    world.complete("a")
    assert world.keys() == ["i"]
    world.complete("i")
    assert world.keys() == ["b"]
    world.complete("b")
    assert world.keys() == ["last"]
    world.start(both=False)
    world.complete("a")
    assert world.words() == ["CompleteTask", "CreateTask"]


def test_a_gateway_that_flows_back_does_not_go_on_for_ever():
    body = '<startEvent id="s"/><exclusiveGateway id="a"/><exclusiveGateway id="b"/>'
    world = World(bpmn(body + flows("s", "a", "b", "a")))
    world.start()
    for _ in range(MOST_ROUNDS):
        assert world.incidents() == {}
        world.pass_time(seconds=1)
    [(element, reason)] = world.incidents().items()
    assert (element in {"a", "b"}, reason) == (True, CIRCLES)
    world.pass_time(hours=1)
    assert size(world) < 3_000
    world.retry()
    assert world.incidents() == {}, "it goes round again"


def test_processes_that_call_each_other_end_at_a_depth():
    body = '<startEvent id="s"/><callActivity id="call" calledElement="p"/>' + flows("s", "call")
    world = World(bpmn(body))
    world.start()
    assert world.incidents() == {"call": "call: processes call each other more than 50 deep"}
    assert len(world.memory.instances) == 51


@pytest.mark.parametrize(("interrupting", "left"), [("true", ["inside"]), ("false", ["inside", "main"])])
def test_a_signal_thrown_inside_starts_an_event_sub_process(interrupting, left):
    body = (
        '<startEvent id="s"/><parallelGateway id="f"/><userTask id="main"/><userTask id="trigger"/>'
        '<intermediateThrowEvent id="throw"><signalEventDefinition signalRef="sig"/></intermediateThrowEvent>'
        f'<subProcess id="es" triggeredByEvent="true"><startEvent id="ess" isInterrupting="{interrupting}">'
        '<signalEventDefinition signalRef="sig"/></startEvent><userTask id="inside"/>'
        + flows("ess", "inside")
        + "</subProcess>"
    )
    source = bpmn(body + flows("s", "f", "main") + flows("f", "trigger", "throw"))
    world = World(source.replace(b"<process", b'<signal id="sig" name="alarm"/><process'))
    world.start()
    world.complete("trigger")
    assert world.keys() == left
    for name in left:
        world.complete(name)
    assert world.ends() == ["FINISHED"]


def saved_before(name):
    """A world with an instance, and its definition, as engines saved them before they forgot history."""
    kept = json.loads(gzip.decompress((Path(__file__).parent / "saved" / f"{name}.json.gz").read_bytes()))
    world = World()
    definition = load(ProcessDefinition, kept["definition"])
    stored = StoredDefinition(definition, kept["source"].encode(), kept["compiled"])
    world.memory.save_definition(stored)
    world.instance = kept["instance"]["instance_id"]
    world.memory.instances[world.instance] = StoredInstance(**kept["instance"])
    ready = ready_tasks(kept["instance"]["state"])
    return world, ready


def test_an_instance_that_history_had_stopped_goes_on():
    """It had gone round 332 times, and its next step was too deep in the tree to be found."""
    world, [task] = saved_before("loop_of_332_rounds")
    world.complete_id(task)
    assert world.keys() == ["t"]
    assert size(world) < 5000


def test_what_arrived_in_rounds_before_history_was_forgotten_does_not_count():
    """It waits in the fourth round for both branches; in each round before `a` had arrived first."""
    world, ready = saved_before("join_in_a_loop")
    assert len(ready) == 2
    for task in sorted(ready, key=lambda task: element_of(world, task), reverse=True):
        assert world.keys() == []
        world.complete_id(task)
    assert world.keys() == ["a", "b"]
    world.complete("b")
    world.complete("a", done=True)
    assert world.ends() == ["FINISHED"]


def element_of(world, task_id):
    return json.loads(world.memory.instances[world.instance].state)["workflow"]["tasks"][task_id]["task_spec"]
