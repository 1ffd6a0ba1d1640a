"""What a deployment costs grows with what is drawn, and not with its square, whatever is drawn."""

import sys
from functools import partial

import pytest

from tests.engines.world import World, bpmn, flows
from tests.support.sizes import conditional

HOUR = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
MESSAGE = '<messageEventDefinition messageRef="Msg"/>'
TAKEN = '<extensionElements><camunda:executionListener expression="${true}"/></extensionElements>'
FORM = '<camunda:formData><camunda:formField id="f" type="string"/></camunda:formData>'
FIELD = f"<documentation>x</documentation><extensionElements>{FORM}</extensionElements>"
UNDONE = "<compensateEventDefinition/>"


def inner(name, attributes=""):
    body = f'<startEvent id="{name}_s"/><task id="{name}_t"/>{flows(f"{name}_s", f"{name}_t")}'
    return f'<subProcess id="{name}" {attributes}>{body}</subProcess>'


def event_sub_process(name, event):
    body = f'<startEvent id="{name}_s">{event}</startEvent><task id="{name}_t"/>{flows(f"{name}_s", f"{name}_t")}'
    return f'<subProcess id="{name}" triggeredByEvent="true">{body}</subProcess>'


def boundary(host, event):
    return f'<boundaryEvent id="{host}_b" attachedToRef="{host}">{event}</boundaryEvent>'


def forked(kind, name, *ways):
    tasks = "".join(f'<task id="{name}{way}"/>' for way in "ab")
    return f'<{kind} id="{name}"/>{tasks}<{kind} id="{name}z"/>' + "".join(ways)


# What is drawn, of a name, and where the way goes on: `z` behind the name, or the element itself.
KINDS = {
    "task": lambda n: f'<task id="{n}"/>',
    "user task": lambda n: (
        f'<userTask id="{n}" camunda:assignee="${{a}}"><documentation>x</documentation>{FIELD}</userTask>'
    ),
    "service": lambda n: f'<serviceTask id="{n}" camunda:type="external" camunda:topic="{n}"/>',
    "script": lambda n: f'<scriptTask id="{n}" scriptFormat="groovy"><script>x = "{n}"</script></scriptTask>',
    "call": lambda n: f'<callActivity id="{n}" calledElement="other_{n}"/>',
    "timer on a boundary": lambda n: (
        f'<userTask id="{n}"/>{boundary(n, HOUR)}<endEvent id="{n}_end"/>' + flows(f"{n}_b", f"{n}_end")
    ),
    "compensation": lambda n: (
        f'<task id="{n}"/>{boundary(n, UNDONE)}<task id="{n}_h" isForCompensation="true"/>'
        f'<association id="{n}_a" sourceRef="{n}_b" targetRef="{n}_h"/>'
    ),
    "compensating event sub-process": lambda n: inner(n).replace(
        "</subProcess>", event_sub_process(f"{n}_u", UNDONE) + "</subProcess>"
    ),
    "compensation thrown": lambda n: f'<intermediateThrowEvent id="{n}">{UNDONE}</intermediateThrowEvent>',
    "sub-process": inner,
    "event sub-process": lambda n: f'<task id="{n}"/>{event_sub_process(f"{n}_u", MESSAGE)}',
    "flow with a listener": lambda n: (
        f'<task id="{n}"/><task id="{n}z"/>'
        f'<sequenceFlow id="{n}_f" sourceRef="{n}" targetRef="{n}z">{TAKEN}</sequenceFlow>'
    ),
    "conditions behind a task": lambda n: (
        f'<task id="{n}"/><task id="{n}z"/><task id="{n}y"/>'
        + conditional(n, f"{n}z", "${a}")
        + conditional(n, f"{n}y", "${b}")
    ),
    "exclusive": lambda n: forked(
        "exclusiveGateway", n, conditional(n, f"{n}a", "${a == 1}"), flows(n, f"{n}b", f"{n}z"), flows(f"{n}a", f"{n}z")
    ),
    "inclusive": lambda n: forked(
        "inclusiveGateway", n, conditional(n, f"{n}a", "${a}"), flows(n, f"{n}b", f"{n}z"), flows(f"{n}a", f"{n}z")
    ),
    "parallel": lambda n: forked("parallelGateway", n, flows(n, f"{n}a", f"{n}z"), flows(n, f"{n}b", f"{n}z")),
    "events to wait for": lambda n: (
        f'<eventBasedGateway id="{n}"/><exclusiveGateway id="{n}z"/>'
        f'<intermediateCatchEvent id="{n}a">{HOUR}</intermediateCatchEvent>'
        f'<intermediateCatchEvent id="{n}b">{MESSAGE}</intermediateCatchEvent>'
        + flows(n, f"{n}a", f"{n}z")
        + flows(n, f"{n}b", f"{n}z")
    ),
    "link": lambda n: (
        f'<intermediateThrowEvent id="{n}"><linkEventDefinition name="{n}"/></intermediateThrowEvent>'
        f'<intermediateCatchEvent id="{n}z"><linkEventDefinition name="{n}"/></intermediateCatchEvent>'
    ),
    "several instances": lambda n: (
        f'<userTask id="{n}"><multiInstanceLoopCharacteristics camunda:collection="c" '
        'camunda:elementVariable="x"/></userTask>'
    ),
    "data and notes": lambda n: (
        f'<dataObject id="{n}_d"/><dataObjectReference id="{n}_r" dataObjectRef="{n}_d"/>'
        f'<task id="{n}"><dataOutputAssociation id="{n}_o"><targetRef>{n}_r</targetRef></dataOutputAssociation></task>'
        f'<textAnnotation id="{n}_n"><text>x</text></textAnnotation>'
        f'<association id="{n}_a" sourceRef="{n}" targetRef="{n}_n"/>'
    ),
}


def drawn(kind, count):
    names = [f"n{number:04}" for number in range(count)]
    body = "".join(KINDS[kind](name) for name in names)
    last = [f"{name}z" if f'id="{name}z"' in body else name for name in names]
    ways = "".join(flows(one, other) for one, other in zip(["s", *last], [*names, "e"], strict=True))
    source = bpmn(f'<startEvent id="s"/>{body}<endEvent id="e"/>{ways}')
    return source.replace(b"<process", b'<message id="Msg" name="m"/><process', 1)


def steps(work):
    """How many lines were run, each round of a loop within one counted."""
    count = 0

    def traced(_frame, event, _argument):
        nonlocal count
        count += event == "line"
        return traced

    before = sys.gettrace()
    sys.settrace(traced)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("kind", KINDS)
def test_twice_as_much_is_deployed_for_twice_the_price(kind):
    World(drawn(kind, 2))  # What is imported and made once.
    some, twice = (steps(partial(World, drawn(kind, count))) for count in (100, 200))
    assert twice < some * 2.1
