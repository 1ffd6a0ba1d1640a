"""Read a BPMN file safely, and rewrite what SpiffWorkflow refuses but execution does not need."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TypeAlias

from lxml import etree

from domain.errors import InvalidDefinition
from engines.documents import Node, parsed, text_of
from engines.expressions.scripting.language import NAMES as NAMES_OF_LANGUAGES

Flows: TypeAlias = defaultdict[str, list[Node]]
"""Sequence flows by the id of the node they leave."""

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
NAMES = {"bpmn": MODEL}
_DATA = (
    *("dataStore", "dataStoreReference", "dataObject", "dataObjectReference", "ioSpecification", "property"),
    *("dataInputAssociation", "dataOutputAssociation", "dataInput", "dataOutput"),
)
_AS_SERVICE = ("businessRuleTask", "sendTask")
_THROWING = ("intermediateThrowEvent", "endEvent")
_ACTIVITIES = ("task", "userTask", "serviceTask", "scriptTask", "manualTask", "subProcess", "callActivity")
_FLOW_NODES = (
    *(
        *_ACTIVITIES,
        *_AS_SERVICE,
        "receiveTask",
        "transaction",
        "eventBasedGateway",
        "exclusiveGateway",
        "inclusiveGateway",
    ),
    *("parallelGateway", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent", "startEvent"),
)
TAKEN_FROM = "{urn:taskpool:bpmn}takenFrom"
"""Mark of a step that stands for a flow with listeners, which names the element the flow leaves."""
CONDITIONS = ("conditionExpression", "completionCondition", "loopCondition", "condition")
SCRIPT = "#!"
"""Begins a condition that is a script, before its language."""
LANGUAGES = frozenset(name for name, language in NAMES_OF_LANGUAGES.items() if language)
ONLY_WHEN_CALLED_FOR = "{urn:taskpool:bpmn}notByName"
"""Mark of a start event that whoever starts the process by its name does not begin at."""
_CONDITIONAL = ("exclusiveGateway", "inclusiveGateway")


def process_ids(root: Node) -> list[str]:
    """The processes of a document."""
    return [node.get("id") for node in root.iterfind("bpmn:process", NAMES) if node.get("id")]


def is_decision(root: Node) -> bool:
    """Whether a document is DMN."""
    name = etree.QName(root)
    return name.localname == "definitions" and name.namespace != MODEL and next(_decisions(root), None) is not None


def _decisions(root: Node) -> Iterator[Node]:
    return (one for one in root if isinstance(one.tag, str) and etree.QName(one).localname == "decision")


def read(source: bytes) -> Node:
    """The root element of a BPMN document; raises `InvalidDefinition` with reason and line."""
    return as_bpmn(parsed(source))


def as_bpmn(root: Node) -> Node:
    """The same root element; raises `InvalidDefinition` unless it is that of a BPMN document."""
    if root.tag != tag("definitions"):
        raise InvalidDefinition(f"the root element is {root.tag}, not BPMN 2.0 definitions", line=root.sourceline)
    return root


def identify(root: Node) -> None:
    """Give every element an id, in place."""
    for number, node in enumerate(root.iter(*map(tag, (*_FLOW_NODES, "endEvent", "sequenceFlow")))):
        if not node.get("id"):
            node.set("id", f"{etree.QName(node).localname}_{number}")


def prepare(root: Node) -> list[str]:
    """Rewrite the document in place; the ids of the processes to deploy; raises `InvalidDefinition`."""
    _drop_data(root)
    _name_languages(root)
    _loop_once(root)
    _join_links(root)
    for node in list(root.iter(*map(tag, _AS_SERVICE))):
        sends = node.tag == tag("sendTask") and (node.get("messageRef") or _sent(node) is not None)
        if not sends or _has_implementation(node):
            node.tag = tag("serviceTask")
    for node in list(root.iter(*map(tag, _THROWING))):
        if _sent(node) is not None and _has_implementation(node):
            # The service takes the place of the event; behind an end event there is nothing.
            node.tag = tag("serviceTask")
    flows = flows_by_source(root)
    for node in list(root.iter(*map(tag, _FLOW_NODES))):
        _end_implicitly(node, flows)
    flows = flows_by_source(root)
    for node in list(root.iter(*map(tag, _ACTIVITIES))):
        _split_conditional_flows(node, flows)
    flows = flows_by_source(root)
    for node in root.iter(*map(tag, _CONDITIONAL)):
        _choose_default(node, flows)
    for process in root.iterfind("bpmn:process", NAMES):
        _start_plainly(process)
    nodes = {node.get("id"): node for node in root.iter(*map(tag, _FLOW_NODES))}
    for flow in list(root.iter(tag("sequenceFlow"))):
        _listen_to(flow, nodes.get(flow.get("sourceRef")))
    _refuse_repeated_ids(root)
    return _executable(root)


def is_run(process: Node) -> bool:
    """Whether a process is run, and not only drawn."""
    return process.get("isExecutable", "true") != "false" and process.find("bpmn:startEvent", NAMES) is not None


def refused(node: Node, reason: str, at: Node | None = None) -> InvalidDefinition:
    """The refusal of an element, with its line or that of what is said within it."""
    name, element = etree.QName(node).localname, node.get("id")
    line = (node if at is None else at).sourceline
    return InvalidDefinition(f"{name} {element!r}: {reason}", line=line, element=element)


def tag(name: str) -> str:
    """A BPMN element name with its namespace."""
    return f"{{{MODEL}}}{name}"


def line_of(root: Node, element_id: str) -> int | None:
    """Where in the file an element stands."""
    found = [node for node in root.iter() if element_id and node.get("id") == element_id]
    return found[0].sourceline if found else None


def _drop_data(root: Node) -> None:
    for node in list(root.iter(*map(tag, _DATA))):
        node.getparent().remove(node)


def _name_languages(root: Node) -> None:
    """A condition is only text to the engine: one in a language of its own says so in its first line."""
    for node in root.iter(*map(tag, CONDITIONS)):
        language, text = (node.get("language") or "").lower(), (node.text or "").strip()
        if text and language == "feel":
            node.text = f"={text.removeprefix('=')}"
        elif text and language in LANGUAGES:
            node.text = f"{SCRIPT}{language}\n{text}"


def _loop_once(root: Node) -> None:
    """A loop that does not say when it ends is drawn for people."""
    for loop in list(root.iter(tag("standardLoopCharacteristics"))):
        if is_endless(loop):
            loop.getparent().remove(loop)


def is_endless(loop: Node) -> bool:
    """Whether a loop has neither a condition nor a greatest number."""
    return loop.get("loopMaximum") is None and not text_of(loop.find("bpmn:loopCondition", NAMES))


def _start_plainly(process: Node) -> None:
    """Who starts the process is known before it begins: nothing within waits for a message or timer to start it."""
    starts = process.findall("bpmn:startEvent", NAMES)
    triggers = {start: [one for one in start if str(one.tag).endswith("EventDefinition")] for start in starts}
    plain = next((start for start in starts if not triggers[start]), starts[0] if starts else None)
    for start in starts:
        if start is not plain:
            start.set(ONLY_WHEN_CALLED_FOR, "true")
        for inner in triggers[start]:
            start.remove(inner)


def _join_links(root: Node) -> None:
    """A link is a sequence flow that is not drawn; raises `InvalidDefinition` where it leads nowhere."""
    catches: dict[tuple[Node, str], Node] = {}
    found = list(root.iter(tag("linkEventDefinition")))
    for link in found:
        event = link.getparent()
        if event.tag == tag("intermediateCatchEvent"):
            catches[event.getparent(), _link_name(link)] = event
    for link in found:
        event = link.getparent()
        event.remove(link)
        if event.tag == tag("intermediateCatchEvent"):
            event.tag = tag("intermediateThrowEvent")
            continue
        target = catches.get((event.getparent(), _link_name(link)))
        if target is None:
            name = _link_name(link)
            raise InvalidDefinition(f"{event.get('id')}: no link event catches {name!r}", line=event.sourceline)
        flow = etree.SubElement(event.getparent(), tag("sequenceFlow"), id=f"{event.get('id')}_link")
        flow.set("sourceRef", event.get("id"))
        flow.set("targetRef", target.get("id"))


def _link_name(link: Node) -> str:
    return link.get("name") or link.getparent().get("name") or ""


def is_sent_by_service(definition: Node) -> bool:
    """Whether a message is thrown, and a service does it."""
    event = definition.getparent()
    return event.tag in map(tag, _THROWING) and _has_implementation(event)


def implementation_of(node: Node) -> str | None:
    """What BPMN's own attribute names as implementation, if anything."""
    said: str = (node.get("implementation") or "").removeprefix("##")
    return None if said.lower() == "unspecified" else said or None


def _has_implementation(node: Node) -> bool:
    """Whether a message is sent by a service, as vendors let models say."""
    named = ("class", "delegateExpression", "expression", "type", "topic", "connectorId")
    owners = (node, *node.iterfind("bpmn:messageEventDefinition", NAMES))
    said = {etree.QName(name).localname for owner in owners for name in owner.attrib if name.startswith("{")}
    inner = {
        etree.QName(one).localname for owner in owners for one in owner.iterfind("bpmn:extensionElements/*", NAMES)
    }
    return bool(said.intersection(named)) or "connector" in inner


def _sent(node: Node) -> Node:
    return node.find("bpmn:messageEventDefinition", NAMES)


def flows_by_source(root: Node) -> Flows:
    """The sequence flows of a document."""
    found: Flows = defaultdict(list)
    for flow in root.iter(tag("sequenceFlow")):
        found[flow.get("sourceRef")].append(flow)
    return found


def is_unconditional(flow: Node) -> bool:
    """Whether a flow has no condition."""
    return not text_of(flow.find("bpmn:conditionExpression", NAMES))


def _end_implicitly(node: Node, flows: Flows) -> None:
    """What has no way out ends its path; the engine wants to see the end event."""
    if flows[node.get("id")] or "true" in (node.get("triggeredByEvent"), node.get("isForCompensation")):
        return
    end = etree.SubElement(node.getparent(), tag("endEvent"), id=f"{node.get('id')}_end")
    _connect(node, end)


def _connect(source: Node, target: Node) -> None:
    flow = etree.SubElement(source.getparent(), tag("sequenceFlow"), id=f"{target.get('id')}_flow")
    flow.set("sourceRef", source.get("id"))
    flow.set("targetRef", target.get("id"))


def _split_conditional_flows(node: Node, flows: Flows) -> None:
    """Conditions on flows that leave an activity are the engine's blind spot; a gateway sees them."""
    leaving = flows[node.get("id")]
    if all(is_unconditional(flow) for flow in leaving):
        return
    gateway_id = f"{node.get('id')}_flows"
    gateway = etree.SubElement(node.getparent(), tag("inclusiveGateway"), id=gateway_id)
    if default := node.attrib.pop("default", None):
        gateway.set("default", default)
    for flow in leaving:
        flow.set(TAKEN_FROM, node.get("id"))
        flow.set("sourceRef", gateway_id)
    _connect(node, gateway)


def _listen_to(flow: Node, source: Node) -> None:
    """A flow whose listeners hear that it is taken becomes a step of its name, which begins when it is."""
    heard = [one for one in flow.iterfind("bpmn:extensionElements/*", NAMES) if _hears(one)]
    if not heard or source is None or source.tag == tag("eventBasedGateway"):
        return
    name = flow.get("id")
    step = etree.SubElement(
        flow.getparent(), tag("task"), {"id": name, TAKEN_FROM: flow.get(TAKEN_FROM) or source.get("id")}
    )
    if flow.get("name"):
        step.set("name", flow.get("name"))
    held = etree.SubElement(step, tag("extensionElements"))
    for listener in heard:
        listener.set("event", "start")
        held.append(listener)
    flow.set("id", f"{name}_taken")
    if source.get("default") == name:
        source.set("default", f"{name}_taken")
    behind = etree.SubElement(flow.getparent(), tag("sequenceFlow"), id=f"{name}_behind", sourceRef=name)
    behind.set("targetRef", flow.get("targetRef"))
    flow.set("targetRef", name)


def _hears(node: Node) -> bool:
    is_one = isinstance(node.tag, str) and etree.QName(node).localname == "executionListener"
    return is_one and node.get("event", "take") == "take"


def _choose_default(gateway: Node, flows: Flows) -> None:
    """The first flow without a condition becomes the default when there is none; the others are never taken."""
    leaving = flows[gateway.get("id")]
    bare = [flow for flow in leaving if is_unconditional(flow) and flow.get("id") != gateway.get("default")]
    if len(leaving) < 2:  # noqa: PLR2004 - nothing to choose
        return
    if gateway.get("default") is None and bare:
        gateway.set("default", bare.pop(0).get("id"))
    for flow in bare:
        for old in flow.findall("bpmn:conditionExpression", NAMES):
            flow.remove(old)
        holds = gateway.tag == tag("inclusiveGateway")
        etree.SubElement(flow, tag("conditionExpression")).text = "${true}" if holds else "${false}"


def _refuse_repeated_ids(root: Node) -> None:
    seen: set[str] = set()
    for node in _model_nodes(root):
        name = node.get("id")
        if name in seen:
            raise InvalidDefinition(f"the id {name!r} is used twice", line=node.sourceline)
        seen.add(name)


def _model_nodes(root: Node) -> Iterator[Node]:
    return (node for node in root.iter(f"{{{MODEL}}}*") if node.get("id"))


def _executable(root: Node) -> list[str]:
    names, others = [], []
    for process in list(root.iterfind("bpmn:process", NAMES)):
        if (reason := _not_run(process)) is not None:
            others.append(f"{process.get('id')!r} {reason}")
            root.remove(process)
        elif not process.get("id"):
            raise InvalidDefinition("a process has no id", line=process.sourceline)
        else:
            names.append(process.get("id"))
    if not names:
        told = ": " + ", ".join(others) if others else ""
        raise InvalidDefinition(
            f"there is no executable process with a start event in this file{told}", line=root.sourceline
        )
    return names


def _not_run(process: Node) -> str | None:
    if process.get("isExecutable", "true") == "false":
        return 'says isExecutable="false"'
    return "has no start event" if process.find("bpmn:startEvent", NAMES) is None else None
