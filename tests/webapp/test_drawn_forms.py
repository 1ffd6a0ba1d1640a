"""Forms as they were drawn, over HTTP: of the version that was asked with, for whoever may see what asks."""

import json

import pytest

from domain.errors import NotFound
from domain.identity import Key
from tests.engines.world import bpmn, flows
from tests.support.broad import MINE, broad, fits
from tests.support.outside import ADMIN, SERVICE
from webapp.api import answers

__all__ = ["broad"]
ZEEBE = 'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
INSIDE = {"components": [{"type": "text", "text": "Dear guest"}], "schemaVersion": 19}
ASKED = bpmn(
    f"<extensionElements {ZEEBE}><zeebe:userTaskForm id='inside'>{json.dumps(INSIDE)}</zeebe:userTaskForm>"
    '</extensionElements><startEvent id="s" camunda:formRef="stay"/><userTask id="t" camunda:formRef="stay"/>'
    f'<userTask id="u"><extensionElements {ZEEBE}><zeebe:formDefinition formKey="camunda-forms:bpmn:inside"/>'
    '</extensionElements></userTask><userTask id="own" camunda:formRef="stay"><extensionElements><camunda:formData>'
    '<camunda:formField id="a" type="string"/></camunda:formData></extensionElements></userTask>'
    + "".join(flows("s", name) for name in ("t", "u", "own")),
    key="asked",
)


def form(text):
    part = {"type": "group", "components": [{"type": "textfield", "key": "name", "label": text}]}
    return {"id": "stay", "type": "default", "components": [part], "schemaVersion": 19}


class Tasks:
    """Stands in for the views: tasks as they are in the store, for operators and who is offered them."""

    def __init__(self, system):
        self._system = system

    def get(self, task_id, user):
        for name, text in self._system.heads("task").items():
            state = json.loads(text)
            if task_id == Key("app", "task", name).opaque and (user.is_operator or user.name == state["assignee"]):
                return {**state, "_id": task_id, "revision": 1}
        return None


@pytest.fixture
def stay(broad):
    with broad.application.unit_of_work() as work:
        work.engine.deploy(ASKED, json.dumps(form("Name")).encode())
        work.engine.start("asked", {}, None, "approver1")
        work.engine.deploy(json.dumps(form("Name, by the second version")).encode())
    object.__setattr__(broad.client.application.extensions["taskpool"], "tasks", Tasks(broad))
    return broad


def task(system, element):
    found = {json.loads(text)["taskDefinitionKey"]: name for name, text in system.heads("task").items()}
    return Key("app", "task", found[element]).opaque


def read(system, element, headers=ADMIN):
    return system.client.get(f"/api/v1/tasks/{task(system, element)}/form", headers=headers)


def test_a_task_is_drawn_by_the_version_it_asks_with(stay):
    assert fits(read(stay, "t"), answers.DrawnForm) == {"key": "stay", "version": 1, "schema": form("Name")}


def test_a_json_schema_is_given_as_it_was_deployed(broad):
    places = {"to": {"type": "string"}, "by": {"enum": ["train"]}}
    asked = {"$id": "trip", "properties": places, "uiSchema": {"to": {"ui:widget": "textarea"}}}
    model = bpmn('<startEvent id="s"/><userTask id="t" camunda:formRef="trip"/>' + flows("s", "t"), key="asked")
    with broad.application.unit_of_work() as work:
        work.engine.deploy(model, json.dumps(asked).encode())
        work.engine.start("asked", {}, None, "approver1")
    object.__setattr__(broad.client.application.extensions["taskpool"], "tasks", Tasks(broad))
    found = fits(read(broad, "t"), answers.DrawnForm)
    assert found == {"key": "trip", "version": 1, "schema": asked}
    assert list(found["schema"]["properties"]) == ["to", "by"], "in the order in which they are drawn"


def test_a_form_in_the_model_is_drawn_as_it_stands_there(stay):
    assert fits(read(stay, "u"), answers.DrawnForm) == {"key": "inside", "version": None, "schema": INSIDE}


def test_what_has_fields_of_its_own_is_not_drawn_by_a_part_of_them(stay):
    assert read(stay, "own").status_code == 404


def test_others_do_not_learn_of_it(stay):
    assert read(stay, "t", MINE).status_code == 404
    assert read(stay, "t", SERVICE).status_code == 404
    assert read(stay, "t", {}).status_code == 401


def test_what_is_too_large_to_be_drawn_is_left_to_its_fields(stay, monkeypatch):
    monkeypatch.setattr("tasks.operate.drawn_forms.MOST_BYTES", 50)
    assert read(stay, "t").status_code == 404


def test_a_process_that_is_started_is_drawn_for_who_may_start_it(stay, monkeypatch):
    (text,) = [one for one in stay.heads("process_definition").values() if '"asked"' in one]

    def definition(_self, _application, key, user):
        if key != "asked" or not user.is_operator:
            raise NotFound
        return json.loads(text)

    monkeypatch.setattr(type(stay.client.application.extensions["taskpool"].processes), "definition", definition, False)
    path = "/api/v1/process-definitions/app/asked/form"
    found = stay.client.get(path, headers=ADMIN)
    assert fits(found, answers.DrawnForm)["schema"] == form("Name")
    assert stay.client.get(path, headers=MINE).status_code == 404
    again = stay.client.get(path, headers={**ADMIN, "If-None-Match": found.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
