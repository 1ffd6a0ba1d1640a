"""Forms as their modellers drew them, of tasks and of processes that are started."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from domain.identity import Key
from store.lists.pages import Document
from tasks.operate.drawn_forms import drawn_form
from webapp.api import answers
from webapp.api.described import SECURITY, reading
from webapp.api.listing import readable
from webapp.api.schemas import DefinitionPath, TaskPath
from webapp.services import services
from webapp.sign_in import asker, require_sign_in

api = APIBlueprint("drawn_forms", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="forms")], abp_security=SECURITY)
api.before_request(require_sign_in)


@api.get("/tasks/<string:task_id>/form", responses=reading(answers.DrawnForm, 404))
def task_form(path: TaskPath) -> Response:
    """The form that a task names as `formRef`, for whoever may read the task; 404 where it names none."""
    task = readable(path.task_id)
    return _answered(task, task["processDefinitionId"])


@api.get(
    "/process-definitions/<string:application>/<string:key>/form",
    responses=reading(answers.DrawnForm, 404),
)
def start_form(path: DefinitionPath) -> Response:
    """The form that a process is started with and names as `formRef`, for whoever may start it."""
    definition = services().processes.definition(path.application, path.key, asker())
    return _answered(definition, definition["definitionId"])


def _answered(found: Document, definition_id: str | None) -> Response:
    application, reference = found["application"], found.get("formRef")
    form: dict[str, Any] = drawn_form(services().operations.databases, application, reference, definition_id)
    # As it was written: in that order a schema names what is asked.
    response = Response(current_app.json.dumps(form, sort_keys=False), mimetype="application/json")
    # A version never changes, and a form in the model only with the model; who reads it may lose the right to.
    which = f"{definition_id if form['version'] is None else form['version']} {form['key']}"
    response.set_etag(Key(application, "process_definition", which).opaque)
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    return response
