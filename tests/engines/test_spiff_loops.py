"""Activities that are done again as long as a condition holds."""

from __future__ import annotations

from tests.engines.world import World, bpmn, flows


def looping(said: str) -> bytes:
    body = f'<startEvent id="s"/><userTask id="t"><standardLoopCharacteristics {said}</userTask><userTask id="x"/>'
    return bpmn(body + flows("s", "t", "x"))


UNTIL = 'loopMaximum="3"><loopCondition>${again}</loopCondition></standardLoopCharacteristics>'


def test_as_long_as_the_condition_holds() -> None:
    world = World(looping(UNTIL))
    world.start()
    for again, next_task in ((True, "t"), (False, "x")):
        world.complete("t", again=again)
        assert world.keys() == [next_task]


def test_not_more_often_than_said() -> None:
    world = World(looping(UNTIL))
    world.start()
    for next_task in ("t", "t", "x"):
        world.complete("t", again=True)
        assert world.keys() == [next_task]


def test_a_condition_that_cannot_be_told_is_an_incident_behind_whoever_has_ended_one_time() -> None:
    world = World(looping(UNTIL))
    world.start()
    world.complete("t")
    assert (world.keys(), world.incidents()) == ([], {"t": "'${again}': there is no variable 'again'"})
    world.act(lambda engine: engine.set_variables(world.instance, {"again": True}))
    world.retry()
    assert (world.keys(), world.incidents()) == (["t"], {})
    world.complete("t", again=False)
    assert world.keys() == ["x"]


def test_a_loop_that_does_not_say_when_it_ends_is_done_once_and_told() -> None:
    world = World(looping('testBefore="true"/>'))
    deployed = world.act(lambda engine: engine.deploy(looping('testBefore="true"/>')))
    assert [(one.element, one.text) for one in deployed.warnings] == [("t", "its loop does not say when it ends")]
    world.start()
    world.complete("t")
    assert world.keys() == ["x"]
