"""A process with several start events begins at one of them, and ends when what began there has ended."""

from __future__ import annotations

from tests.engines.world import World, bpmn, flows

TWO = bpmn(
    f'<startEvent id="s"/><userTask id="a"/><endEvent id="e"/>{flows("s", "a", "e")}'
    '<startEvent id="t"><messageEventDefinition messageRef="go"/></startEvent><userTask id="b"/><endEvent id="f"/>'
    f"{flows('t', 'b', 'f')}"
).replace(b"<process", b'<message id="go" name="go"/><process', 1)


def test_by_its_name() -> None:
    world = World(TWO)
    world.start()
    world.complete("a")
    assert world.ends() == ["FINISHED"]


def test_by_a_message() -> None:
    world = World(TWO)
    world.instance = world.act(lambda engine: engine.correlate("go"))["processInstanceId"]
    world.complete("b")
    assert world.ends() == ["FINISHED"]
