"""Models of jBPM and Kogito said in the words of Camunda 7: people, work items, and what is written in Java."""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml import etree

from engines.documents import Node, text_of
from engines.spiff.source import CONDITIONS, MODEL, NAMES, tag

DROOLS = "http://www.jboss.org/drools"
_JAVA = "groovy"
"""What of Java computes and sets variables is Groovy as well."""
_LANGUAGES = {
    "http://www.java.com/java": _JAVA,
    "http://www.mvel.org/2.0": _JAVA,
    "http://www.javascript.com/javascript": "javascript",
    "java": _JAVA,
    "mvel": _JAVA,
}
_CONTEXT = re.compile(r"\bkcontext(?=\s*\.\s*[gs]etVariable\b)")
_PEOPLE = frozenset({"Human Task", "Manual Task"})
Say = Callable[[Node, str, str | None], None]


def rewrite(root: Node, say: Say) -> None:
    """Rewrite what stands where the namespace of jBPM is known; `say` gives an element one of Camunda's attributes."""
    for node in list(root.iter(*map(tag, ("userTask", "scriptTask", "serviceTask", "task", *CONDITIONS)))):
        if DROOLS not in node.nsmap.values():
            continue
        match etree.QName(node).localname:
            case "userTask":
                _user_task(node, say)
            case "scriptTask":
                node.set("scriptFormat", _language(node.get("scriptFormat") or "java"))
                for script in node.iterfind("bpmn:script", NAMES):
                    _name_context(script)
            case "serviceTask":
                _operation(node, say)
            case "task":
                _work_item(node, say)
            case _:
                _condition(node)


def _language(said: str) -> str:
    return "feel" if "/FEEL/" in said else _LANGUAGES.get(said.lower(), said)


def _condition(node: Node) -> None:
    """A condition in no language is Java where it returns something."""
    said = node.get("language") or ("java" if (text_of(node) or "").startswith("return ") else None)
    if said:
        node.set("language", _language(said))
        _name_context(node)


def _name_context(node: Node) -> None:
    node.text = _CONTEXT.sub("execution", node.text or "")


def _operation(node: Node, say: Say) -> None:
    """What is implemented in Java is a service by the names of its class and method."""
    named = [node.get(f"{{{DROOLS}}}service{what}") for what in ("interface", "operation")]
    if not any(named) and (reference := node.get("operationRef")):
        every = node.getroottree().iterfind(".//bpmn:interface/bpmn:operation", NAMES)
        meant = next((one for one in every if one.get("id") == reference), None)
        named = [] if meant is None else [one.get("name") for one in (meant.getparent(), meant)]
    say(node, "service", ".".join(filter(None, named)))


def _work_item(node: Node, say: Say) -> None:
    """A task that names its work is done by a service of that name."""
    if (name := node.get(f"{{{DROOLS}}}taskName")) and name not in _PEOPLE:
        node.tag = tag("serviceTask")
        say(node, "service", name)


def _user_task(node: Node, say: Say) -> None:
    """A user task says what it is in its data inputs; a performer that is only named is a person there."""
    given = _inputs(node)
    people = [name.strip() for name in given.get("ActorId", "").split(",") if name.strip()]
    say(node, "assignee" if len(people) == 1 else "candidateUsers", ",".join(people))
    for theirs, ours in (("GroupId", "candidateGroups"), ("Priority", "priority"), ("DueDate", "dueDate")):
        say(node, ours, given.get(theirs))
    say(node, "formKey", given.get("TaskName"))
    say(node, "skippable", given.get("Skippable"))
    about = given.get("Description") or given.get("Comment")
    if about and node.find("bpmn:documentation", NAMES) is None:
        told = etree.Element(f"{{{MODEL}}}documentation")
        told.text = about
        node.insert(0, told)
    for owner in node.iterfind("bpmn:potentialOwner/bpmn:resourceAssignmentExpression/bpmn:formalExpression", NAMES):
        if (text := (owner.text or "").strip()) and not text.startswith(("user(", "group(")):
            owner.text = ",".join(f"user({name.strip()})" for name in text.split(","))


def _inputs(node: Node) -> dict[str, str]:
    """What is assigned to each data input, by its name; a variable as an expression."""
    named = {one.get("id"): one.get("name") for one in node.iterfind("bpmn:ioSpecification/bpmn:dataInput", NAMES)}
    found = {}
    for one in node.iterfind("bpmn:dataInputAssociation", NAMES):
        source, target = one.find("bpmn:sourceRef", NAMES), one.find("bpmn:targetRef", NAMES)
        constant = one.find("bpmn:assignment/bpmn:from", NAMES)
        name = named.get(text_of(target))
        if name and constant is not None and constant.text:
            found[name] = constant.text.strip()
        elif name and source is not None and source.text:
            found[name] = f"${{{source.text.strip()}}}"
    return found
