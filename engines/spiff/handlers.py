"""Compensation as it is drawn: which activity has which handler, written onto the activity before it is parsed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

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
    drawing = _drawing(root)
    for process in root.iterfind("bpmn:process", NAMES):
        if is_run(process):
            _join(drawing, process)


@dataclass(frozen=True, slots=True)
class _Drawing:
    """What a document joins, by ids."""

    nodes: Mapping[str, Node]
    associated: Mapping[str, list[str]]
    """In whichever direction associations are drawn."""
    in_flows: frozenset[str]
    with_events: frozenset[str]

    def beside(self, around: Node, name: str | None) -> Node | None:
        """The element of this name that stands in `around` itself."""
        found = self.nodes.get(name) if name else None
        return found if found is not None and found.getparent() is around else None


def associated(root: Node) -> dict[str, list[str]]:
    """What associations join to what, by ids and in both directions."""
    found: dict[str, list[str]] = {}
    for line in root.iter(tag("association")):
        ends = line.get("sourceRef") or "", line.get("targetRef") or ""
        for one, other in (ends, ends[::-1]):
            found.setdefault(one, []).append(other)
    return found


def _drawing(root: Node) -> _Drawing:
    nodes: dict[str, Node] = {}
    for node in root.iter(f"{{{NAMES['bpmn']}}}*"):
        nodes.setdefault(node.get("id") or "", node)
    flows = (flow.get(end) for flow in root.iter(tag("sequenceFlow")) for end in ("sourceRef", "targetRef"))
    attached = (event.get("attachedToRef") for event in root.iter(tag("boundaryEvent")))
    return _Drawing(nodes, associated(root), frozenset(flows), frozenset(attached))


def _join(drawing: _Drawing, process: Node) -> None:
    for event in _compensating(process, "boundaryEvent"):
        _boundary(drawing, event)
    for event in _compensating(process, "startEvent"):
        _start(event)
    for event in _compensating(process, "intermediateThrowEvent", "endEvent"):
        _throw(drawing, event)
    for name in _SCOPES:
        for scope in process.iter(tag(name)):
            if not scope.get(COMPENSATION) and not scope.get(IS_HANDLER) and _has_compensation(scope):
                scope.set(COMPENSATION, f"{scope.get('id')}{UNDO}")


def _compensating(process: Node, *kinds: str) -> list[Node]:
    return [event for event in process.iter(*map(tag, kinds)) if event.find(_EVENT, NAMES) is not None]


def _boundary(drawing: _Drawing, event: Node) -> None:
    """The handler takes the place of the event, which is never waited at."""
    around = event.getparent()
    activity = drawing.beside(around, event.get("attachedToRef"))
    if activity is None or not _is(activity, *_HANDLERS):
        raise refused(event, f"its attachedToRef names {event.get('attachedToRef')!r}, which is no activity beside it")
    found = [drawing.beside(around, name) for name in drawing.associated.get(event.get("id"), ())]
    handlers = [one for one in found if one is not None and one.get("isForCompensation") == "true"]
    if len(handlers) != 1:
        raise refused(event, "it must be joined by one association to an activity beside it that is for compensation")
    if activity.get(COMPENSATION) is not None:
        raise refused(event, f"{activity.get('id')!r} has more than one compensation event")
    if event.get("id") in drawing.in_flows:
        raise refused(event, "no sequence flow leaves it: what compensates is joined by an association")
    _check_handler(drawing, handlers[0])
    handlers[0].set(IS_HANDLER, "true")
    activity.set(COMPENSATION, handlers[0].get("id"))
    around.remove(event)


def _check_handler(drawing: _Drawing, handler: Node) -> None:
    name = handler.get("id")
    if not _is(handler, *_HANDLERS) or handler.get("triggeredByEvent") == "true":
        raise refused(handler, "it cannot compensate an activity")
    if name in drawing.in_flows:
        raise refused(handler, "it is for compensation, and has sequence flows")
    if name in drawing.with_events:
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


def _throw(drawing: _Drawing, event: Node) -> None:
    if len([one for one in event if isinstance(one.tag, str) and one.tag.endswith("EventDefinition")]) > 1:
        raise refused(event, "it throws more than compensation")
    name = event.find(_EVENT, NAMES).get("activityRef")
    if name and all(drawing.beside(scope, name) is None for scope in _scopes(event)):
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


def _is(node: Node, *kinds: str) -> bool:
    return etree.QName(node).localname in kinds
