"""Where process instances stand, and what operators do to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from domain.documents import text_of
from domain.errors import NotAllowed, NotFound
from domain.identity import Key
from domain.requests.request import InstanceAction
from engines.drawing import EDITION, drawing
from tasks.operate.diagrams import model_of
from tasks.operate.standing import standing
from webapp.api import instance_answers, process_answers, rendering
from webapp.api.described import SECURITY, commanding, reading
from webapp.api.forms import require_json, variables_of
from webapp.api.instance_schemas import MigrateBody, MigrationsBody, MoveBody, ReasonBody, VariablesBody
from webapp.api.schemas import ApplicationPath, InstancePath
from webapp.api.sending import carried, change
from webapp.services import services
from webapp.sign_in import asker, require_sign_in

TAGS = [Tag(name="processes")]
api = APIBlueprint("instances", __name__, url_prefix="/api/v1", abp_tags=TAGS, abp_security=SECURITY)
api.before_request(require_sign_in)
api.before_request(require_json)


@api.get("/process-instances/<string:instance_id>/activities", responses=reading(instance_answers.ActivityList, 404))
def activities(path: InstancePath) -> Response:
    """Where an instance stands, for whoever may read it."""
    found = services().processes.instance(path.instance_id, asker())
    databases = services().operations.databases
    return jsonify(items=standing(databases, found["application"], found["processInstanceId"]))


@api.get("/process-instances/<string:instance_id>/diagram", responses=reading(instance_answers.Diagram, 404))
def diagram(path: InstancePath) -> Response:
    """The model of an instance as BPMN with its picture, for whoever may read it; whole for operators only."""
    user = asker()
    found = services().processes.instance(path.instance_id, user)
    application, definition_id = found["application"], found["processDefinitionId"]
    source = model_of(services().operations.databases, application, definition_id)
    # Sent as text, it says of itself no encoding.
    xml = text_of(source) if user.is_operator else drawing(source)
    response = jsonify(definitionId=definition_id, xml=xml)
    # Definitions never change, but an instance may be given another, and who reads it may lose the right to.
    response.set_etag(Key(application, "process_definition", f"{definition_id} {user.is_operator} {EDITION}").opaque)
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    return response


@api.post("/process-instances/<string:instance_id>/cancel", responses=commanding(process_answers.InstanceOrCommand))
def cancel(path: InstancePath, body: ReasonBody) -> Response:
    """End an instance and its open tasks, whatever state it is in; operators only."""
    return _changed("cancel", path, {"reason": body.reason})


@api.post("/process-instances/<string:instance_id>/suspend", responses=commanding(process_answers.InstanceOrCommand))
def suspend(path: InstancePath, body: ReasonBody) -> Response:
    """Hold an instance: its tasks cannot be completed, and nothing in it goes on; operators only."""
    return _changed("suspend", path, {"reason": body.reason})


@api.post("/process-instances/<string:instance_id>/resume", responses=commanding(process_answers.InstanceOrCommand))
def resume(path: InstancePath, body: ReasonBody) -> Response:
    """Let an instance that is suspended go on; operators only."""
    return _changed("resume", path, {"reason": body.reason})


@api.get("/process-instances/<string:instance_id>/variables", responses=reading(process_answers.VariableList, 404))
def variables(path: InstancePath) -> Response:
    """The variables of an instance that its application mirrors, for whoever may read the instance."""
    processes = services().processes
    found = processes.variables(processes.instance(path.instance_id, asker()))
    return jsonify(items=[rendering.variable(one) for one in found])


@api.patch("/process-instances/<string:instance_id>/variables", responses=commanding(process_answers.InstanceOrCommand))
def set_variables(path: InstancePath, body: VariablesBody) -> Response:
    """Change and remove variables of an instance, which may let it go on; operators only."""
    said = {"variables": variables_of(body.variables), "removed": body.removed, "reason": body.reason}
    return _changed("set_variables", path, said)


@api.post("/process-instances/<string:instance_id>/move", responses=commanding(process_answers.InstanceOrCommand))
def move(path: InstancePath, body: MoveBody) -> Response:
    """End what is at one element and begin before another, or behind it; operators only."""
    return _changed("move", path, {"from": body.source, "to": body.target, "reason": body.reason})


@api.post("/process-instances/<string:instance_id>/migrate", responses=commanding(instance_answers.MigratedOrCommand))
def migrate(path: InstancePath, body: MigrateBody) -> Response:
    """Make an instance one of another version of its process; operators only."""
    application, instance_id = _to_act_on(path.instance_id)
    said = {"to": body.target, "dryRun": body.dry_run, "reason": body.reason}
    return carried("migrate", application, {"processInstanceId": instance_id, **said})


@api.post("/applications/<string:application>/migrations", responses=commanding(instance_answers.MigratedOrCommand))
def migrations(path: ApplicationPath, body: MigrationsBody) -> Response:
    """Migrate all running instances of a version that can be, a hundred at a time; operators only."""
    if not asker().is_operator:
        raise NotAllowed("only operators migrate instances")
    said = {"from": body.source, "to": body.target, "dryRun": body.dry_run, "reason": body.reason, "after": body.after}
    return carried("migrate", path.application, said)


def _changed(action: InstanceAction, path: InstancePath, said: Mapping[str, Any]) -> Response:
    application, instance_id = _to_act_on(path.instance_id)
    key = Key(application, "process_instance", instance_id).opaque
    arguments = {"processInstanceId": instance_id, **said}
    return change(action, application, arguments, lambda: services().processes.instance(key, asker()))


def _to_act_on(instance_id: str) -> tuple[str, str]:
    """Its application and its engine's id: the way out needs nothing of the views but the answer."""
    user = asker()
    try:
        document = services().processes.instance(instance_id, user)
    except NotFound:
        if not user.is_operator:
            # What the asker may not read is not there.
            raise
        return services().operations.application_of(instance_id), instance_id
    if not user.is_operator:
        raise NotAllowed("only operators change instances")
    return document["application"], document["processInstanceId"]
