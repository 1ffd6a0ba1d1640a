"""Compensation as it is drawn: which activity has which handler, written onto the activity before it is parsed."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engines.documents import Node
from engines.spiff.source import NAMES, is_run, refused, tag

COMPENSATION = "{urn:taskpool:bpmn}compensation"
"""The element that compensates an activity; of a sub-process without a handler its own name with `UNDO` behind it."""
UNDO = ".compensation"
IS_HANDLER = "{urn:taskpool:bpmn}isHandler"
OWN = "{urn:taskpool:bpmn}ownCompensation"
"""The event sub-process within a sub-process that compensates it."""
OUTWARD = "{urn:taskpool:bpmn}outward"
"""Mark of such an event sub-process: what it throws compensates what is around it."""
_MARKS = (COMPENSATION, IS_HANDLER, OWN, OUTWARD)
_EVENT = "bpmn:compensateEventDefinition"
_SCOPES = ("subProcess", "transaction")
_HANDLERS = (
    *("task", "userTask", "manualTask", "serviceTask", "sendTask", "receiveTask", "scriptTask", "businessRuleTask"),
    *("callActivity", *_SCOPES),
)


def join_handlers(root: Node) -> None:
    """Rewrite compensation of a document in place; raises `InvalidDefinition` where it can never work."""
    for node in root.iter(f"{{{NAMES['bpmn']}}}*"):
        for mark in _MARKS:
            node.attrib.pop(mark, None)
    for process in root.iterfind("bpmn:process", NAMES):
        if is_run(process):
            _join(root, process)


def _join(root: Node, process: Node) -> None:
    flows = [flow.get(end) for flow in process.iter(tag("sequenceFlow")) for end in ("sourceRef", "targetRef")]
    for event in _compensating(process, "boundaryEvent"):
        _boundary(root, event, frozenset(flows))
    for event in _compensating(process, "startEvent"):
        _start(event)
    for event in _compensating(process, "intermediateThrowEvent", "endEvent"):
        _throw(event)
    for name in _SCOPES:
        for scope in process.iter(tag(name)):
            if not scope.get(COMPENSATION) and not scope.get(IS_HANDLER) and _has_compensation(scope):
                scope.set(COMPENSATION, f"{scope.get('id')}{UNDO}")


def _compensating(process: Node, *kinds: str) -> list[Node]:
    return [event for event in process.iter(*map(tag, kinds)) if event.find(_EVENT, NAMES) is not None]


def _boundary(root: Node, event: Node, flows: frozenset[str | None]) -> None:
    """The handler takes the place of the event, which is never waited at."""
    around = event.getparent()
    activity = _named(around, event.get("attachedToRef"))
    if activity is None or not _is(activity, *_HANDLERS):
        raise refused(event, f"its attachedToRef names {event.get('attachedToRef')!r}, which is no activity beside it")
    found = [_named(around, name) for name in _joined(root, event.get("id"))]
    handlers = [one for one in found if one is not None and one.get("isForCompensation") == "true"]
    if len(handlers) != 1:
        raise refused(event, "it must be joined by one association to an activity beside it that is for compensation")
    if activity.get(COMPENSATION) is not None:
        raise refused(event, f"{activity.get('id')!r} has more than one compensation event")
    if event.get("id") in flows:
        raise refused(event, "no sequence flow leaves it: what compensates is joined by an association")
    _check_handler(handlers[0], flows)
    handlers[0].set(IS_HANDLER, "true")
    activity.set(COMPENSATION, handlers[0].get("id"))
    around.remove(event)


def _check_handler(handler: Node, flows: frozenset[str | None]) -> None:
    name = handler.get("id")
    if not _is(handler, *_HANDLERS) or handler.get("triggeredByEvent") == "true":
        raise refused(handler, "it cannot compensate an activity")
    if name in flows:
        raise refused(handler, "it is for compensation, and has sequence flows")
    if any(one.get("attachedToRef") == name for one in handler.getparent().iterfind("bpmn:boundaryEvent", NAMES)):
        raise refused(handler, "it is for compensation, and has events on its boundary; draw a sub-process around it")


def _start(start: Node) -> None:
    """An event sub-process that compensates is not waited in: the sub-process around it begins it when it is undone."""
    inner = start.getparent()
    around = inner.getparent()
    if inner.get("triggeredByEvent") != "true":
        raise refused(start, "compensation starts event sub-processes only")
    if not _is(around, *_SCOPES):
        raise refused(start, "it compensates a sub-process, and stands in the process itself")
    if around.get(OWN) is not None or around.get(COMPENSATION) is not None:
        raise refused(start, f"{around.get('id')!r} has more than one compensation event")
    start.remove(start.find(_EVENT, NAMES))
    del inner.attrib["triggeredByEvent"]
    inner.set("isForCompensation", "true")
    inner.set(IS_HANDLER, "true")
    inner.set(OUTWARD, "true")
    around.set(OWN, inner.get("id"))


def _throw(event: Node) -> None:
    if len([one for one in event if isinstance(one.tag, str) and one.tag.endswith("EventDefinition")]) > 1:
        raise refused(event, "it throws more than compensation")
    name = event.find(_EVENT, NAMES).get("activityRef")
    if name and all(_named(scope, name) is None for scope in _scopes(event)):
        raise refused(event, f"its activityRef names {name!r}, which is not beside it")


def _scopes(event: Node) -> Iterator[Node]:
    """The sub-process a throw event is in, and what is around it where that is an event sub-process."""
    scope = event.getparent()
    yield scope
    while scope.get("triggeredByEvent") == "true" or scope.get(OUTWARD):
        scope = scope.getparent()
        yield scope


def _has_compensation(scope: Node) -> bool:
    return scope.get(OWN) is not None or any(inner.get(COMPENSATION) or inner.get(OWN) for inner in scope.iter())


def _joined(root: Node, name: str | None) -> Iterator[str | None]:
    """What associations join to an element, in whichever direction they are drawn."""
    for line in root.iter(tag("association")):
        ends = (line.get("sourceRef"), line.get("targetRef"))
        if name in ends:
            yield ends[1] if ends[0] == name else ends[0]


def _named(around: Node, name: str | None) -> Node | None:
    return next((one for one in around if isinstance(one.tag, str) and name and one.get("id") == name), None)


def _is(node: Node, *kinds: str) -> bool:
    return etree.QName(node).localname in kinds
