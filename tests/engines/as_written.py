"""What a user task says in its XML, read without anything of the engine; and a model of that task alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

from lxml import etree

from tests.engines.world import START

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
VENDORS = tuple(
    f"{{{uri}}}"
    for uri in (
        *("http://camunda.org/schema/1.0/bpmn", "http://activiti.org/bpmn", "http://flowable.org/bpmn"),
        "http://operaton.org/schema/1.0/bpmn",
    )
)
ZEEBE, DROOLS = "{http://camunda.org/schema/zeebe/1.0}", "http://www.jboss.org/drools"
SIMPLE = re.compile(r"[$#]\{\s*([A-Za-z_]\w*)\s*\}")
PATH = re.compile(r"=\s*([A-Za-z_]\w*)\s*")
DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
UNSURE = object()
"""What only an engine can tell: an expression that is more than a name."""

Node = Any


def tasks(source: bytes) -> Iterator[Node]:
    """The user tasks of a file's processes."""
    root = etree.fromstring(source, etree.XMLParser(resolve_entities=False))
    for process in root.iter(f"{BPMN}process"):
        yield from process.iter(f"{BPMN}userTask")


def alone(task: Node) -> bytes:
    """A process of this task only, started as its own process is."""
    root = etree.Element(f"{BPMN}definitions", nsmap=task.nsmap, targetNamespace="t")
    process = etree.SubElement(root, f"{BPMN}process", id="p", isExecutable="true")
    begin = etree.SubElement(process, f"{BPMN}startEvent", id="begin_")
    for start in task.getroottree().iter(f"{BPMN}startEvent"):
        for name, text in start.attrib.items():
            if name.endswith("}initiator") and start.getparent().tag == f"{BPMN}process":
                begin.set(name, text)
    copy = deepcopy(task)
    copy.tail = None
    for loop in [inner for inner in copy if str(inner.tag).endswith("LoopCharacteristics")]:
        copy.remove(loop)
    for listener in [inner for inner in copy.iter() if str(inner.tag).endswith("Listener")]:
        listener.getparent().remove(listener)
    process.append(copy)
    etree.SubElement(process, f"{BPMN}sequenceFlow", id="to_", sourceRef="begin_", targetRef=copy.get("id"))
    return etree.tostring(root)


def variables(task: Node) -> dict[str, Any]:
    """Something for every name that the task asks for, as it is needed where it stands."""
    found: dict[str, Any] = {}
    for node in task.iter():
        texts = {"": node.text or ""} | {etree.QName(name).localname: text for name, text in node.attrib.items()}
        for attribute, text in texts.items() if isinstance(node.tag, str) else ():
            for name in (*SIMPLE.findall(text), *([match[1]] if (match := PATH.fullmatch(text)) else [])):
                is_time = attribute.endswith("Date")
                found[name] = "2027-03-04T05:06:07Z" if is_time else "61" if attribute == "priority" else f"the {name}"
    return found


def said(task: Node) -> dict[str, Any]:
    """Every attribute by the name it has on a task here; None where the XML does not say it."""
    inputs, owners = _inputs(task), _owners(task)
    actors = _parts(inputs.get("ActorId"))
    described = [" ".join((one.text or "").split()) for one in task.findall(f"{BPMN}documentation")]
    return {
        "name": task.get("name"),
        "description": " ".join(filter(None, described)) or inputs.get("Description") or inputs.get("Comment"),
        "assignee": _vendor(task, "assignee") or owners["assignee"] or (actors[0] if len(actors) == 1 else None),
        "owner": _vendor(task, "owner"),
        "candidate_users": {
            *_parts(_vendor(task, "candidateUsers")),
            *owners["users"],
            *(actors if len(actors) > 1 else ()),
        },
        "candidate_groups": {
            *_parts(_vendor(task, "candidateGroups")),
            *owners["groups"],
            *_parts(inputs.get("GroupId")),
        },
        "priority": _vendor(task, "priority") or inputs.get("Priority"),
        "due_date": _vendor(task, "dueDate"),
        "follow_up_date": _vendor(task, "followUpDate"),
        "form_key": _vendor(task, "formKey") or _vendor(task, "formRef") or inputs.get("TaskName"),
        "form_fields": list(_fields(task)),
    }


def resolved(text: str | None, known: Mapping[str, Any]) -> Any:
    """A text with its variables in place."""
    if text is None:
        return None
    if match := PATH.fullmatch(text):
        return known.get(match[1], UNSURE)
    if text.startswith("="):
        return text[2:-1] if re.fullmatch(r'="[^"{}]*"', text) else UNSURE
    if any(name not in known for name in SIMPLE.findall(text)):
        return UNSURE
    plain = SIMPLE.sub(lambda name: str(known[name[1]]), text)
    return UNSURE if "${" in plain or "#{" in plain else plain


def moment(text: str) -> datetime:
    """A date, or a duration from when the tests' clock begins."""
    if match := DURATION.fullmatch(text):
        days, hours, minutes, seconds = (int(one or 0) for one in match.groups())
        return START + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _vendor(task: Node, name: str) -> str | None:
    for vendor in VENDORS:
        if (found := task.get(f"{vendor}{name}")) is not None and found.strip():
            return str(found.strip())
    theirs = {"formKey": ("formKey", "formId", "externalReference")}.get(name, (name,))
    for one in task.iterfind(f"{BPMN}extensionElements/*"):
        if isinstance(one.tag, str) and one.tag.startswith(ZEEBE) and not one.tag.endswith("}property"):
            for attribute in theirs:
                if one.get(attribute):
                    return str(one.get(attribute))
    return None


def _inputs(task: Node) -> dict[str, str]:
    if DROOLS not in task.nsmap.values():
        return {}
    names = {one.get("id"): one.get("name") for one in task.iter(f"{BPMN}dataInput")}
    found = {}
    for one in task.iter(f"{BPMN}dataInputAssociation"):
        constant, source = one.findtext(f"{BPMN}assignment/{BPMN}from"), one.findtext(f"{BPMN}sourceRef")
        name = names.get((one.findtext(f"{BPMN}targetRef") or "").strip(), "")
        text = constant.strip() if constant else f"${{{source.strip()}}}" if source else ""
        if text:
            found[name] = text
    return found


def _owners(task: Node) -> dict[str, Any]:
    def names(role: str) -> list[str]:
        path = f"{BPMN}{role}/{BPMN}resourceAssignmentExpression/{BPMN}formalExpression"
        return [part for one in task.iterfind(path) for part in _parts(one.text)]

    offered = names("potentialOwner")
    users = {one[5:-1].strip() for one in offered if one.startswith("user(")}
    others = {one for one in offered if not one.startswith("user(")}
    if DROOLS in task.nsmap.values():
        users, others = users | {one for one in others if "(" not in one}, {one for one in others if "(" in one}
    groups = {one[6:-1].strip() if one.startswith("group(") else one for one in others}
    return {"assignee": ",".join(names("humanPerformer")) or None, "users": users, "groups": groups}


def _parts(text: str | None) -> list[str]:
    """Split at commas that are in no brackets."""
    return [part.strip() for part in re.split(r",(?![^({\[]*[)}\]])", text or "") if part.strip()]


def _fields(task: Node) -> Iterator[dict[str, Any]]:
    for one in task.iter():
        if not isinstance(one.tag, str) or etree.QName(one).localname not in ("formField", "formProperty"):
            continue
        rules = {rule.get("name"): rule.get("config") for rule in one.iter() if str(rule.tag).endswith("}constraint")}
        if one.get("required") == "true":
            rules["required"] = "true"
        if one.get("writable") == "false":
            rules["readonly"] = "true"
        yield {
            "id": one.get("variable") or one.get("id"),
            "label": one.get("label") or one.get("name"),
            "type": one.get("type") or "string",
            "default": one.get("defaultValue") or one.get("default") or one.get("expression"),
            "values": [
                (value.get("id"), value.get("name") or value.get("id"))
                for value in one
                if str(value.tag).endswith("}value")
            ],
            "rules": rules,
        }
