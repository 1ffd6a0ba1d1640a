"""Attributes of tasks, compared with the XML field by field: in every dialect, and in files that are given."""

# ruff: noqa: E501 - BPMN reads better on one line

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from domain.aggregates.task import UserTask
from domain.errors import InvalidDefinition
from tests.engines import as_written
from tests.engines.as_written import UNSURE, resolved
from tests.engines.world import World

FOLDER = os.environ.get("TASKPOOL_BPMN_SAMPLES")
FILES = sorted(path for path in Path(FOLDER).iterdir() if path.suffix in (".bpmn", ".xml")) if FOLDER else []
TEXTS, NAMES, TIMES = (
    ("name", "assignee", "owner", "form_key"),
    ("candidate_users", "candidate_groups"),
    ("due_date", "follow_up_date"),
)
CHECKED = {"min": float, "max": float, "minlength": int, "maxlength": int, "pattern": str}

HEAD = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" {space} targetNamespace="t"><process id="p"><startEvent id="s" {start}/>{task}</process></definitions>'
FORM = """<{v}:formData><{v}:formField id="amount" label="How much" type="long" defaultValue="7"><{v}:validation><{v}:constraint name="min" config="1"/>
<{v}:constraint name="max" config="99"/><{v}:constraint name="required"/></{v}:validation></{v}:formField><{v}:formField id="who" type="string" defaultValue="${{asked}}">
<{v}:validation><{v}:constraint name="minlength" config="2"/><{v}:constraint name="maxlength" config="9"/><{v}:constraint name="readonly"/></{v}:validation></{v}:formField>
<{v}:formField id="way" label="Way" type="enum" defaultValue="b"><{v}:value id="a" name="A"/><{v}:value id="b"/></{v}:formField><{v}:formField id="fine" type="boolean" defaultValue="true"/>
<{v}:formField id="when" type="date" label="Day"/></{v}:formData>"""
PROPERTIES = """<{v}:formProperty id="amount" name="How much" type="long" default="7" required="true"/><{v}:formProperty id="w" variable="who" type="string" expression="${{asked}}" writable="false"/>
<{v}:formProperty id="way" name="Way" type="enum"><{v}:value id="a" name="A"/><{v}:value id="b"/></{v}:formProperty>"""
OWNERS = """<humanPerformer><resourceAssignmentExpression><formalExpression>{performer}</formalExpression></resourceAssignmentExpression></humanPerformer>
<potentialOwner><resourceAssignmentExpression><formalExpression>user(ann), group(sales), support</formalExpression></resourceAssignmentExpression></potentialOwner>
<potentialOwner><resourceAssignmentExpression><formalExpression>user(bob)</formalExpression></resourceAssignmentExpression></potentialOwner>"""
SPACES = {
    "camunda": "http://camunda.org/schema/1.0/bpmn",
    "activiti": "http://activiti.org/bpmn",
    "flowable": "http://flowable.org/bpmn",
    "operaton": "http://operaton.org/schema/1.0/bpmn",
}
PLAIN = '{v}:assignee="kermit" {v}:owner="gonzo" {v}:candidateUsers="ann, bob" {v}:candidateGroups="sales,support" {v}:priority="80" {v}:dueDate="2027-01-02T03:04:05Z" {v}:followUpDate="PT36H" {v}:formKey="embedded:app:forms/a.html"'
ASKED = '{v}:assignee="${{initiator}}" {v}:candidateUsers="${{one}}, lead-${{two}}" {v}:candidateGroups="#{{group}}" {v}:priority="${{weight}}" {v}:dueDate="${{due}}" {v}:followUpDate="#{{followUpDate}}" {v}:formKey="app:${{form}}.html"'
ABOUT = "<documentation>Look at ${{one}}.</documentation><documentation>\n  Then decide.\n</documentation>"


def model(task: str, space: str = "", start: str = "") -> bytes:
    return HEAD.format(task=task, space=space, start=start).encode()


def user_task(vendor: str, attributes: str = "", extensions: str = "", inside: str = "") -> bytes:
    body = (
        (inside + f"<extensionElements>{extensions}</extensionElements>")
        .replace("{v}", vendor)
        .replace("{{", "{")
        .replace("}}", "}")
    )
    said = attributes.replace("{v}", vendor).replace("{{", "{").replace("}}", "}")
    named = f'<userTask id="x" name="Ask &quot;${{one}}&quot;&#10;now" {said}>{body}</userTask>'
    return model(named, f'xmlns:{vendor}="{SPACES[vendor]}"', f'{vendor}:initiator="initiator"')


def inputs(**said: str) -> str:
    declared = "".join(f'<dataInput id="i_{name}" name="{name}"/>' for name in said)
    assigned = "".join(
        f"<dataInputAssociation><targetRef>i_{name}</targetRef><assignment><from>{text}</from><to>i_{name}</to></assignment></dataInputAssociation>"
        for name, text in said.items()
    )
    return f"<ioSpecification>{declared}<inputSet/><outputSet/></ioSpecification>{assigned}"


def zeebe(*extensions: str) -> bytes:
    said = f"<extensionElements>{''.join(extensions)}</extensionElements>"
    return model(f'<userTask id="x" name="Ask">{said}</userTask>', 'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"')


DIALECTS = {
    **{f"{vendor}, plain": user_task(vendor, PLAIN, FORM, "<documentation> Why </documentation>") for vendor in SPACES},
    **{f"{vendor}, asked": user_task(vendor, ASKED, PROPERTIES, ABOUT) for vendor in SPACES},
    **{
        f"{vendor}, owners": user_task(vendor, '{v}:candidateUsers="cem"', "", OWNERS.format(performer="kermit"))
        for vendor in SPACES
    },
    "camunda, form by reference": user_task("camunda", 'camunda:formRef="form-7" camunda:formRefBinding="latest"'),
    "zeebe, plain": zeebe(
        '<zeebe:assignmentDefinition assignee="kermit" candidateUsers="ann, bob" candidateGroups="sales"/>',
        '<zeebe:taskSchedule dueDate="2027-01-02T03:04:05Z" followUpDate="PT36H"/><zeebe:priorityDefinition priority="80"/><zeebe:formDefinition formId="form-7"/>',
    ),
    "zeebe, asked": zeebe(
        '<zeebe:assignmentDefinition assignee="=who" candidateGroups="=&quot;sales&quot;"/><zeebe:taskSchedule dueDate="=dueDate"/>',
        '<zeebe:formDefinition formKey="camunda-forms:bpmn:f"/>',
    ),
    "jBPM": model(
        '<userTask id="x" name="Ask">'
        + inputs(
            ActorId="kermit",
            GroupId="sales,support",
            Priority="8",
            TaskName="ask-form",
            Description="Why",
            Skippable="true",
        )
        + "</userTask>",
        'xmlns:drools="http://www.jboss.org/drools"',
    ),
    "jBPM, several": model(
        f'<userTask id="x" name="Ask">{inputs(ActorId="ann,bob", Comment="Why")}</userTask>',
        'xmlns:drools="http://www.jboss.org/drools"',
    ),
}


def differences(task: as_written.Node) -> Iterator[str]:
    """What a task says other than its XML."""
    known = as_written.variables(task)
    world = World(as_written.alone(task), lenient=True)
    begun = {name: value for name, value in known.items() if name != "initiator"}
    world.act(lambda engine: engine.start("p", begun, None, "kermit"))
    for start in etree.fromstring(as_written.alone(task)).iter(f"{as_written.BPMN}startEvent"):
        known |= {text: "kermit" for name, text in start.attrib.items() if name.endswith("}initiator")}
    known |= {"INITIATOR": "kermit"}
    [found] = world.open()
    written = as_written.said(task)
    for name in TEXTS:
        wanted = "kermit" if written[name] == "$INITIATOR" else resolved(written[name], known)
        if wanted is not UNSURE and getattr(found, name) != wanted:
            yield f"{name}: {getattr(found, name)!r} and not {wanted!r}"
    yield from _described(found, resolved(written["description"], known))
    for name in NAMES:
        wanted = {resolved(one, known) for one in written[name]}
        if UNSURE not in wanted and set(getattr(found, name)) != wanted:
            yield f"{name}: {getattr(found, name)!r} and not {wanted!r}"
    for name in TIMES:
        yield from _timed(found, name, resolved(written[name], known))
    weight = resolved(written["priority"], known)
    if weight is not UNSURE and found.priority != (None if weight is None else int(weight)):
        yield f"priority: {found.priority!r} and not {weight!r}"
    yield from _fields(found, written["form_fields"], known)


def _described(found: UserTask, wanted: Any) -> Iterator[str]:
    said = " ".join((found.description or "").split()) or None
    if wanted is not UNSURE and said != (" ".join(wanted.split()) if wanted else None):
        yield f"description: {said!r} and not {wanted!r}"


def _timed(found: UserTask, name: str, wanted: Any) -> Iterator[str]:
    said = getattr(found, name)
    try:
        at = as_written.moment(wanted) if isinstance(wanted, str) else wanted
    except ValueError:
        at = None
    if at is not UNSURE and (said and datetime.fromisoformat(said)) != at:
        yield f"{name}: {said!r} and not {wanted!r}"


def _fields(found: UserTask, written: list[dict[str, Any]], known: dict[str, Any]) -> Iterator[str]:
    if [one["id"] for one in found.form_fields] != [one["id"] for one in written]:
        yield f"form fields: {[one['id'] for one in found.form_fields]}"
        return
    for one, wanted in zip(found.form_fields, written, strict=True):
        rules = wanted["rules"]
        expected = {
            **{name: wanted[name] for name in ("id", "label", "type")},
            "default": resolved(wanted["default"], known),
            "values": wanted["values"],
            "required": "required" in rules and rules["required"] != "false",
            "readonly": "readonly" in rules and rules["readonly"] != "false",
            **{name: kind(rules[name]) for name, kind in CHECKED.items() if name in rules},
        }
        limits = dict(one["constraints"])
        said = {
            **{name: one[name] for name in ("id", "label", "type", "default", "required")},
            "values": [(value["id"], value["name"]) for value in one["values"]],
            "readonly": limits.pop("readonly", False),
            **limits,
        }
        if expected["default"] is UNSURE:
            del expected["default"], said["default"]
        if said != expected:
            yield f"form field {one['id']}: {said} and not {expected}"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_task_says_what_its_model_says(dialect: str) -> None:
    [task] = as_written.tasks(DIALECTS[dialect])
    assert list(differences(task)) == []
    assert sum(value not in (None, set(), []) for value in as_written.said(task).values()) > 1


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_tasks_of_given_files_say_what_the_file_says(path: Path) -> None:
    found = []
    for task in as_written.tasks(path.read_bytes()):
        try:
            found += [f"{task.get('id')}: {one}" for one in differences(task)]
        except InvalidDefinition:
            continue  # Whether that is right is seen where whole files are deployed.
    assert found == []
