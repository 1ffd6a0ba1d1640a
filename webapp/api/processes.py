"""Starting processes, looking at their instances, deploying new ones."""

from __future__ import annotations

from flask import Response, jsonify, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from domain.documents import text_of
from domain.errors import BadRequest, EngineUnreachable, NotAllowed, NotFound
from domain.query.fields import INSTANCE
from domain.query.sort import parse_sort
from domain.requests.forms import check_form
from store.lists.conditions import PlainQuery
from store.lists.pages import Document
from store.lists.process_list import NEWEST_INSTANCES
from webapp.api import process_answers, rendering
from webapp.api.described import SECURITY, commanding, reading
from webapp.api.forms import require_json, variables_of
from webapp.api.listing import filters_of, place_of, shown, words
from webapp.api.schemas import (
    ApplicationPath,
    BpmnBody,
    DefinitionPath,
    DeployQuery,
    InstancePath,
    InstanceQuery,
    StartBody,
)
from webapp.api.sending import create
from webapp.problems import UnsupportedMediaType
from webapp.services import services
from webapp.sign_in import asker, require_sign_in

api = APIBlueprint("processes", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="processes")], abp_security=SECURITY)
api.before_request(require_sign_in)

MOST_FILES = 50
_TYPES = ("application/xml", "text/xml", "application/json", "application/octet-stream")


@api.get("/process-definitions", responses=reading(process_answers.DefinitionList))
def definitions() -> Response:
    """The newest version of every process the asker may start."""
    return jsonify(items=[rendering.definition(found) for found in services().processes.startable(asker())])


@api.post(
    "/process-definitions/<string:application>/<string:key>/start",
    responses=commanding(process_answers.Started, status=201),
)
def start(path: DefinitionPath, body: StartBody) -> Response:
    """Start the newest version of a process."""
    require_json()
    definition = _startable(path.application, path.key)
    variables = variables_of(body.variables)
    check_form(definition.get("formFields") or (), variables)
    arguments = {"key": path.key, "variables": variables, "businessKey": body.business_key, **_of(body.tenant_id)}
    return create("start", path.application, arguments)


@api.get("/process-instances", responses=reading(process_answers.InstancePage))
def instances(query: InstanceQuery) -> Response:
    """The process instances the asker may read, newest first unless sorted otherwise."""
    wanted = {"state": query.state, "application": query.application, "businessKey": query.business_key}
    equal = {name: value for name, value in wanted.items() if value is not None}
    found = PlainQuery(asker(), equal, filters_of(query, INSTANCE), words(query.q))
    place = place_of(query)
    page = services().processes.instances(found, parse_sort(query.sort, INSTANCE, NEWEST_INSTANCES), place)
    return jsonify(shown(page, place, rendering.instances))


@api.get("/process-instances/<string:instance_id>", responses=reading(process_answers.Instance, 404))
def one_instance(path: InstancePath) -> Response:
    """One process instance, by its id here or its engine's."""
    return jsonify(rendering.instance(services().processes.instance(path.instance_id, asker())))


@api.post("/applications/<string:application>/deployments", responses=commanding(process_answers.Deployed, status=201))
def deploy(path: ApplicationPath, query: DeployQuery, raw: BpmnBody) -> Response:  # noqa: ARG001 - says what the body is
    """Deploy BPMN, DMN or forms, as the body or as files of `multipart/form-data`, all or none; operators only.

    `warnings` say what is not there yet or is not run, where, and what to do: `{element, line, text, remedy}`.
    """
    if not asker().is_operator:
        raise NotAllowed("only operators deploy")
    arguments = {"sources": _sources(), "strict": query.strict, **_of(query.tenant_id)}
    return create("deploy", path.application, arguments)


def _startable(application: str, key: str) -> Document:
    try:
        return services().processes.definition(application, key, asker())
    except NotFound:
        if services().asking.known(application):
            raise
        raise EngineUnreachable(f"there is no application {application!r}") from None


def _of(tenant: str | None) -> dict[str, str]:
    return {"tenantId": tenant} if tenant else {}


def _sources() -> list[str]:
    if request.mimetype == "multipart/form-data":
        files = [file for _, file in request.files.items(multi=True)]
        if not 0 < len(files) <= MOST_FILES:
            raise BadRequest(f"send one file or up to {MOST_FILES}, not {len(files)}")
        return [_text(file.read()) for file in files]
    if request.mimetype not in _TYPES:
        raise UnsupportedMediaType("send application/xml or application/json, or files as multipart/form-data")
    return [_text(request.get_data())]


def _text(source: bytes) -> str:
    if not source.strip():
        raise BadRequest("the document is empty")
    return text_of(source)
