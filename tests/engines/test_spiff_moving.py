"""Operators move instances by hand, and hold them: tokens end at one element and go on before or behind another."""

from dataclasses import replace

import pytest

from domain.aggregates.task import DeleteTask
from domain.errors import AlreadyCompleted, CannotMove, NotFound, Suspended
from tests.engines.world import World, bpmn, flows

TIMER = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
LOOP = "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
SUB = (
    '<subProcess id="sub"><startEvent id="s1"/><userTask id="in"/><userTask id="in2"/><endEvent id="e1"/>'
    + flows("s1", "in", "in2", "e1")
    + "</subProcess>"
)
BROAD = bpmn(
    '<startEvent id="s"/><parallelGateway id="f"/><parallelGateway id="j"/><userTask id="last"/><endEvent id="e"/>'
    f'<userTask id="t"/><boundaryEvent id="b" attachedToRef="t">{TIMER}</boundaryEvent><userTask id="late"/>'
    f'<endEvent id="e2"/><userTask id="m">{LOOP}</userTask>{SUB}<receiveTask id="r"/>'
    + flows("s", "f", "t", "j", "last", "e")
    + flows("b", "late", "e2")
    + flows("f", "m", "j")
    + flows("f", "sub", "j")
    + flows("f", "r", "j")
)


def move(world, *elements, reason="why"):
    world.act(lambda engine: engine.move(world.instance, *elements, reason=reason))


@pytest.fixture
def world():
    world = World(BROAD)
    world.start()
    return world


def test_elements_of_every_kind_are_passed(world):
    for element, left in (("t", ["in", "m", "m"]), ("m", ["in"]), ("sub", []), ("r", ["last"])):
        move(world, element)
        assert world.keys() == left, element
    reasons = [said.reason for _, said in world.said if isinstance(said, DeleteTask)]
    assert reasons == ["why"] * 4
    world.pass_time(hours=2)
    assert world.keys() == ["last"], "the timer has gone with its task"
    move(world, "last")
    assert world.ends() == ["FINISHED"]


def test_to_another_element_and_back_with_a_timer_of_its_own(world):
    for element in ("m", "sub", "r", "t"):
        move(world, element)
    move(world, "last", "t")
    assert (world.keys(), world.words()) == (["t"], ["DeleteTask", "CreateTask"])
    world.pass_time(hours=2)
    assert world.keys() == ["late"]


def test_within_a_sub_process(world):
    move(world, "in", "in2")
    assert world.keys() == ["in2", "m", "m", "t"]
    move(world, "in2")
    assert world.keys() == ["m", "m", "t"]
    move(world, "t", "last")
    assert world.keys() == ["last", "m", "m"]


@pytest.mark.parametrize(
    ("elements", "reason"),
    [
        (("late",), "nothing of this instance is at 'late'"),
        (("nowhere",), "nothing of this instance"),
        (("b",), "nothing of this instance"),
        (("t", "in"), "there is no 'in' in the"),
        (("t", "s"), "begins by an event"),
        (("t", "b"), "begins by an event"),
        (("t", "j"), "waits for several tokens"),
    ],
)
def test_what_cannot_be_moved_changes_nothing(world, elements, reason):
    saved = world.memory.instances[world.instance]
    with pytest.raises(CannotMove, match=reason):
        move(world, *elements)
    assert world.memory.instances[world.instance] == saved


def test_an_incident_is_passed_or_gone_back_from():
    source = bpmn(
        '<startEvent id="s"/><userTask id="a"/><serviceTask id="bad" camunda:expression="${nothing}"/>'
        '<userTask id="b"/><endEvent id="e"/>' + flows("s", "a", "bad", "b", "e")
    )
    for elements, left in ((("bad",), ["b"]), (("bad", "a"), ["a"])):
        world = World(source)
        world.start()
        world.complete("a")
        assert list(world.incidents()) == ["bad"]
        move(world, *elements)
        assert (world.incidents(), world.keys()) == ({}, left)


def test_a_choice_that_fails_needs_to_be_told_where_to_go_on():
    condition = "<conditionExpression>${nothing}</conditionExpression></sequenceFlow>"
    source = bpmn(
        '<startEvent id="s"/><exclusiveGateway id="x"/><userTask id="a"/><userTask id="b"/>'
        + flows("s", "x")
        + f'<sequenceFlow id="f1" sourceRef="x" targetRef="a">{condition}'
        + f'<sequenceFlow id="f2" sourceRef="x" targetRef="b">{condition}'
    )
    world = World(source)
    world.start()
    assert list(world.incidents()) == ["x"]
    with pytest.raises(CannotMove, match="several ways"):
        move(world, "x")
    move(world, "x", "b")
    assert world.keys() == ["b"]


def test_a_called_process_ends_with_the_call():
    called = bpmn('<startEvent id="s"/><userTask id="t"/><endEvent id="e"/>' + flows("s", "t", "e"), key="q")
    world = World(called)
    world.act(
        lambda engine: engine.deploy(
            bpmn(
                '<startEvent id="s"/><callActivity id="c" calledElement="q"/><userTask id="u"/><endEvent id="e"/>'
                + flows("s", "c", "u", "e")
            )
        )
    )
    world.start()
    with pytest.raises(CannotMove):
        move(world, "t")
    move(world, "c")
    assert (world.keys(), world.ends()) == (["u"], ["CANCELLED"])


def test_only_what_runs(world):
    with pytest.raises(NotFound):
        world.act(lambda engine: engine.move("nothing", "t"))
    world.act(lambda engine: engine.cancel(world.instance, None))
    with pytest.raises(AlreadyCompleted):
        move(world, "t")


def suspend(world, suspended=True):
    memory = world.memory
    memory.instances[world.instance] = replace(memory.instances[world.instance], suspended=suspended)


def test_nothing_in_a_suspended_instance_goes_on(world):
    suspend(world)
    world.pass_time(hours=2)
    assert (world.words(), world.keys()) == ([], ["in", "m", "m", "t"])
    with pytest.raises(Suspended):
        world.complete("t")
    with pytest.raises(NotFound):
        world.act(lambda engine: engine.correlate("r"))
    suspend(world, suspended=False)
    world.act(lambda engine: engine.correlate("r"))
    world.pass_time(seconds=1)
    assert world.keys() == ["in", "late", "m", "m"]


def test_a_suspended_instance_is_mended_and_goes_on_when_it_is_resumed(world):
    suspend(world)
    world.act(lambda engine: engine.set_variables(world.instance, {"amount": 5}, ["x"]))
    move(world, "t", "last")
    assert world.keys() == ["in", "m", "m"]
    assert world.variables() == {"amount": 5}
    assert not world.incidents()
    suspend(world, suspended=False)
    world.pass_time(seconds=1)
    assert world.keys() == ["in", "last", "m", "m"]
    assert world.task("last").payload == {"amount": 5}


def test_signals_pass_a_suspended_instance_by():
    source = bpmn(
        '<startEvent id="s"/><intermediateCatchEvent id="c"><signalEventDefinition signalRef="g"/>'
        '</intermediateCatchEvent><endEvent id="e"/>' + flows("s", "c", "e")
    ).replace(b"</definitions>", b'<signal id="g" name="go"/></definitions>')
    world = World(source)
    world.start()
    suspend(world)
    assert world.act(lambda engine: engine.signal("go")) == {"processInstanceIds": [], "started": []}
    suspend(world, suspended=False)
    assert world.act(lambda engine: engine.signal("go"))["processInstanceIds"] == [world.instance]
    assert world.ends() == ["FINISHED"]
