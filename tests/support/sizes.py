"""Loops and rows of gateways, and how large an instance of them is."""

from tests.engines.world import bpmn, flows


def conditional(source, target, condition):
    flow = f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">'
    return f"{flow}<conditionExpression>{condition}</conditionExpression></sequenceFlow>"


def size(world):
    return len(world.memory.instances[world.instance].state)


ASK_AGAIN = bpmn(
    '<startEvent id="s"/><exclusiveGateway id="j"/><parallelGateway id="f"/><userTask id="a"/><userTask id="b"/>'
    '<parallelGateway id="w"/><subProcess id="sub"><startEvent id="is"/><userTask id="i"/><endEvent id="ie"/>'
    + flows("is", "i", "ie")
    + '</subProcess><exclusiveGateway id="g" default="g_j"/><endEvent id="e"/>'
    + conditional("g", "e", "${done}")
    + flows("s", "j", "f", "a", "w", "sub", "g", "j")
    + flows("f", "b", "w")
)


def diamonds(count):
    """A task, so many parallel diamonds, a task."""
    body, links, before = (
        '<startEvent id="s"/><userTask id="first"/><userTask id="last"/>',
        flows("s", "first"),
        "first",
    )
    for k in range(count):
        body += f'<parallelGateway id="f{k}"/><task id="a{k}"/><task id="b{k}"/><parallelGateway id="j{k}"/>'
        links += flows(before, f"f{k}", f"a{k}", f"j{k}") + flows(f"f{k}", f"b{k}", f"j{k}")
        before = f"j{k}"
    return bpmn(body + links + flows(before, "last"))


def chain(kind, count):
    names = [f"t{k}" for k in range(count)]
    body = "".join(f'<{kind} id="{name}"/>' for name in names)
    return bpmn(f'<startEvent id="s"/>{body}<userTask id="last"/>' + flows("s", *names, "last"))
