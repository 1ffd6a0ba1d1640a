"""Processes that a run deploys for itself: each does one thing that must happen once, whatever is broken meanwhile."""

# ruff: noqa: E501 - BPMN reads better on one line

from tests.engines.world import bpmn, flows

QUESTION, REPLY, LETTER, BELL, TOPIC = "the_question", "the_reply", "the_letter", "the_bell", "errand"
FOLDER = "TASKPOOL_FAULTS_ERRANDS"
EFFECTS, CALM = "effects", "calm"
"""Files in that folder: a line for each effect, and a mark that nothing is to fail any more."""
COUNT = '<scriptTask id="count"><script>applied = applied + 1</script></scriptTask>'
BORDER = 'camunda:asyncBefore="true"'


def _chain(*elements, key):
    """From a start to an end through these elements, whose ids come first in their text."""
    ids = [element.split('id="', 1)[1].split('"', 1)[0] for element in elements]
    return _named(bpmn(f'<startEvent id="s"/>{"".join(elements)}<endEvent id="e"/>{flows("s", *ids, "e")}', key=key))


def _named(source):
    said = "".join(f'<message id="{name}" name="{name}"/>' for name in (QUESTION, REPLY, LETTER))
    return source.replace(b"<process", f'{said}<signal id="{BELL}" name="{BELL}"/><process'.encode(), 1)


def _step(number, more=""):
    return f'<scriptTask id="step{number}" {more}><script>applied = applied + 1</script></scriptTask>'


def _event(kind, name, element="intermediateCatchEvent"):
    return f'<{element} id="at_{name}"><{kind}EventDefinition {kind}Ref="{name}"/></{element}>'


def _boundary(name, timer, *, interrupts):
    cancels = str(interrupts).lower()
    return f'<boundaryEvent id="{name}" attachedToRef="ask" cancelActivity="{cancels}"><timerEventDefinition>{timer}</timerEventDefinition></boundaryEvent>'


MODELS = {
    "errand_flaky": _chain(
        _step(1, BORDER),
        f'<serviceTask id="call" camunda:delegateExpression="${{errand_service}}" {BORDER}/>',
        _step(2, 'camunda:asyncAfter="true"'),
        key="errand_flaky",
    ),
    "errand_job": _chain(
        f'<serviceTask id="work" camunda:delegateExpression="${{errand_work}}" {BORDER}/>', COUNT, key="errand_job"
    ),
    "errand_external": _chain(
        f'<serviceTask id="out" camunda:type="external" camunda:topic="{TOPIC}"/>', COUNT, key="errand_external"
    ),
    "errand_timers": bpmn(
        '<startEvent id="s"/><userTask id="ask" name="An errand" camunda:candidateGroups="approvers"/>'
        + _boundary("late", "<timeDuration>PT8S</timeDuration>", interrupts=True)
        + _boundary("again", "<timeCycle>R3/PT1S</timeCycle>", interrupts=False)
        + '<scriptTask id="done"><script>applied = applied + 1</script></scriptTask><endEvent id="e"/>'
        '<scriptTask id="passed"><script>applied = applied + 1</script></scriptTask><endEvent id="f"/>'
        '<scriptTask id="round"><script>rounds = rounds + 1</script></scriptTask><endEvent id="g"/>'
        + flows("s", "ask", "done", "e")
        + flows("late", "passed", "f")
        + flows("again", "round", "g"),
        key="errand_timers",
    ),
    "errand_clock": bpmn(
        '<startEvent id="s"><timerEventDefinition><timeCycle>R4/PT5S</timeCycle></timerEventDefinition></startEvent>'
        f'<scriptTask id="count" {BORDER}><script>applied = 1</script></scriptTask><endEvent id="e"/>'
        + flows("s", "count", "e"),
        key="errand_clock",
    ),
    "errand_answer": _named(
        bpmn(
            f"{_event('message', QUESTION, 'startEvent')}"
            f'<scriptTask id="count" {BORDER}><script>applied = 1</script></scriptTask>'
            f"{_event('message', REPLY, 'endEvent')}{flows(f'at_{QUESTION}', 'count', f'at_{REPLY}')}",
            key="errand_answer",
        )
    ),
    "errand_ask": _chain(
        _event("message", QUESTION, "intermediateThrowEvent"), _event("message", REPLY), COUNT, key="errand_ask"
    ),
    "errand_letter": _chain(_event("message", LETTER), COUNT, key="errand_letter"),
    "errand_gather": _chain(_event("signal", BELL), COUNT, key="errand_gather"),
    "errand_leg": bpmn(
        f'<startEvent id="s"/><scriptTask id="double" {BORDER}><script>doubled = n * 2\nsecret = 1</script></scriptTask>'
        f'<endEvent id="e"/>{flows("s", "double", "e")}',
        key="errand_leg",
    ),
    "errand_trip": _chain(
        '<callActivity id="call" calledElement="errand_leg"><extensionElements><camunda:in source="number" target="n"/>'
        '<camunda:in businessKey="#{execution.processBusinessKey}"/><camunda:out source="doubled" target="result"/>'
        "</extensionElements></callActivity>",
        COUNT,
        key="errand_trip",
    ),
}
"""By key, what is called or answers before what calls it or asks."""
STARTED = ("flaky", "flaky", "job", "external", "timers", "ask", "letter", "gather", "trip")
"""What somebody starts; the others are started by these, and one by the clock."""
