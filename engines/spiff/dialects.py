"""Models of Camunda 8 said in the words of Camunda 7, so that whoever reads on knows one dialect.

What jBPM and Flowable say their own way is rewritten beside this, in files of their names.

Texts that begin with `=` are FEEL and stay so, except a plain path, which becomes `${path}`, and a plain text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from lxml import etree

from engines.documents import Node
from engines.spiff import flowable, jbpm
from engines.spiff.source import MODEL, NAMES

CAMUNDA = "http://camunda.org/schema/1.0/bpmn"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"
SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"
VENDORS = frozenset(
    {
        CAMUNDA,
        "http://activiti.org/bpmn",
        "http://flowable.org/bpmn",
        "http://operaton.org/schema/1.0/bpmn",
        "urn:taskpool:bpmn",
    }
)
FEEL = "feel"
"""The vendor attribute of elements some of whose other attributes may be FEEL."""
_PATH = re.compile(r"=\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*")
_TEXT = re.compile(r'=\s*"([^"\\{}]*)"\s*')
_EVENTS = {
    "creating": "create",
    "assigning": "assignment",
    "updating": "update",
    "completing": "complete",
    "canceling": "delete",
}
_CONSTANTS = frozenset({"true", "false", "null"})


def normalise(root: Node) -> None:
    """Rewrite the document in place, before anything else is read of it; what is said already stays."""
    for said in list(root.iter(f"{{{ZEEBE}}}*")):
        holder = _holder(said)
        if holder is not None and (rewrite := _ZEEBE.get(etree.QName(said).localname)):
            rewrite(holder, said)
    jbpm.rewrite(root, _say)
    flowable.rewrite(root, _say)
    for node in root.iter(f"{{{MODEL}}}userTask", f"{{{MODEL}}}startEvent"):
        _say(node, "formKey", node.get(f"{{{CAMUNDA}}}formRef"))
    _pass_on_keys(root)


def _pass_on_keys(root: Node) -> None:
    """What a message, or the definition of an event, is correlated by is said of whatever waits for it."""
    keys = {node.get("id"): _correlation_key(node) for node in root.iterchildren(f"{{{MODEL}}}message")}
    for node in root.iter(f"{{{MODEL}}}messageEventDefinition", f"{{{MODEL}}}receiveTask"):
        key = _correlation_key(node) or keys.get(node.get("messageRef"))
        if key:
            element = node if node.tag.endswith("}receiveTask") else node.getparent()
            element.set(f"{{{CAMUNDA}}}correlationKey", _plain(key.strip()))


def _correlation_key(node: Node) -> str | None:
    return next((text for name, text in node.attrib.items() if name.endswith("}correlationKey")), None)


def _holder(said: Node) -> Node:
    """The element whose own extension this is."""
    parent = said.getparent()
    if parent is None or parent.tag != f"{{{MODEL}}}extensionElements":
        return None
    return parent.getparent()


def _say(node: Node, name: str, text: str | None) -> None:
    if text is None or not text.strip() or node.get(f"{{{CAMUNDA}}}{name}") is not None:
        return
    plain = _plain(text.strip())
    node.set(f"{{{CAMUNDA}}}{name}", plain)
    if plain.startswith("="):
        node.set(f"{{{CAMUNDA}}}{FEEL}", "true")


def _plain(text: str) -> str:
    if (path := _PATH.fullmatch(text)) and path[1] not in _CONSTANTS:
        return f"${{{path[1]}}}"
    literal = _TEXT.fullmatch(text)
    return literal[1] if literal else text


def plain_name(text: str) -> str | None:
    """The variable that `=name` or `=name.part` begins with; None of any other text."""
    path = _PATH.fullmatch(text.strip())
    name = path[1].partition(".")[0] if path else None
    return None if name in _CONSTANTS else name


def _renamed(*pairs: str) -> Callable[[Node, Node], None]:
    """Rewrite attributes, each as `theirs` or `theirs:ours`."""
    names = [(theirs, ours or theirs) for theirs, _, ours in (pair.partition(":") for pair in pairs)]

    def rewrite(node: Node, said: Node) -> None:
        for theirs, ours in names:
            _say(node, ours, said.get(theirs))

    return rewrite


def _job(node: Node, said: Node) -> None:
    """What a job worker does is an external task; that of a message stands at its definition."""
    definition = node.find("bpmn:messageEventDefinition", NAMES)
    target = node if definition is None else definition
    if said.get("type"):
        _say(target, "type", "external")
        _say(target, "topic", said.get("type"))
        _say(target, "retries", said.get("retries"))


def _called(node: Node, said: Node) -> None:
    if said.get("processId") and not node.get("calledElement"):
        node.set("calledElement", _plain(said.get("processId")))
    _say(node, "calledElementVersionTag", said.get("versionTag"))
    if said.get("bindingType"):
        _say(node, "calledElementBinding", said.get("bindingType"))
    for way, name in (("in", "propagateAllParentVariables"), ("out", "propagateAllChildVariables")):
        if said.get(name) != "false":
            _extend(node, way).set("variables", "all")


def _mapping(node: Node, said: Node) -> None:
    held = _extend(node, "inputOutput")
    for inner in said.iterchildren(f"{{{ZEEBE}}}input", f"{{{ZEEBE}}}output"):
        way = f"{etree.QName(inner).localname}Parameter"
        etree.SubElement(held, f"{{{CAMUNDA}}}{way}", name=inner.get("target", "")).text = inner.get("source")


def _filter(node: Node, said: Node) -> None:
    """Which changes a condition is looked at after: of one variable, or of all."""
    names = [name.strip() for name in said.get("variableNames", "").split(",") if name.strip()]
    if len(names) == 1:
        _say(node, "variableName", names[0])
        _say(node, "variableEvents", said.get("variableEvents"))


def _script(node: Node, said: Node) -> None:
    _say(node, "resultVariable", said.get("resultVariable"))
    if said.get("expression") and node.find("bpmn:script", NAMES) is None:
        node.set("scriptFormat", "feel")
        etree.SubElement(node, f"{{{MODEL}}}script").text = said.get("expression")


def _properties(node: Node, said: Node) -> None:
    held = _extend(node, "properties")
    for inner in said.iterchildren(f"{{{ZEEBE}}}property"):
        etree.SubElement(held, f"{{{CAMUNDA}}}property", dict(inner.attrib))


def _listeners(kind: str) -> Callable[[Node, Node], None]:
    """What a job worker does there is a service here; it is named by the job's type."""

    def rewrite(node: Node, said: Node) -> None:
        for inner in said.iterchildren(f"{{{ZEEBE}}}{kind}"):
            event = inner.get("eventType", "")
            heard = _extend(node, kind)
            heard.set("event", _EVENTS.get(event, event))
            heard.set("delegateExpression", _plain(inner.get("type", "").strip()))

    return rewrite


def _extend(node: Node, name: str) -> Node:
    return etree.SubElement(node.find("bpmn:extensionElements", NAMES), f"{{{CAMUNDA}}}{name}")


_ZEEBE: Mapping[str, Callable[[Node, Node], None]] = {
    "assignmentDefinition": _renamed("assignee", "candidateUsers", "candidateGroups"),
    "taskSchedule": _renamed("dueDate", "followUpDate"),
    "priorityDefinition": _renamed("priority"),
    "formDefinition": _renamed(
        *("formKey", "formId:formRef", "externalReference:formKey", "bindingType:formRefBinding"),
        "versionTag:formRefVersionTag",
    ),
    "calledDecision": _renamed("decisionId:decisionRef", "resultVariable"),
    "loopCharacteristics": _renamed(
        *("inputCollection:collection", "inputElement:elementVariable", "outputCollection", "outputElement")
    ),
    "subscription": _renamed("correlationKey"),
    "conditionalFilter": _filter,
    "versionTag": _renamed("value:versionTag"),
    "taskDefinition": _job,
    "calledElement": _called,
    "ioMapping": _mapping,
    "script": _script,
    "properties": _properties,
    "executionListeners": _listeners("executionListener"),
    "taskListeners": _listeners("taskListener"),
}
