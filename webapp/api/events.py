"""Messages and signals from outside, for processes that wait for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Any

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from domain.errors import NotAllowed, NotFound, Refused
from domain.requests.request import Request
from webapp.api import instance_answers
from webapp.api.described import SECURITY, commanding, writing
from webapp.api.forms import require_json, variables_of
from webapp.api.instance_schemas import MessageBody, SignalBody
from webapp.api.sending import asked, build, carried, wait
from webapp.services import Asking, services
from webapp.sign_in import asker, require_sign_in

api = APIBlueprint("events", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="processes")], abp_security=SECURITY)
api.before_request(require_sign_in)
api.before_request(require_json)

AT_ONCE = 8


@api.post("/messages", responses=commanding(instance_answers.MessageReached))
def message(body: MessageBody) -> Response:
    """Give a message to the one that waits for it; operators, and the application's own services."""
    _require_right(body.application)
    arguments = {
        "name": body.name,
        "businessKey": body.business_key,
        "correlation": variables_of(body.correlation, "correlation"),
        "processInstanceId": body.instance_id,
        "variables": variables_of(body.variables),
    }
    return carried("correlate", body.application, arguments)


@api.post("/signals", responses=writing(instance_answers.SignalReached, 404, 422, 500))
def signal(body: SignalBody) -> Response:
    """Give a signal to all who wait for it; operators, and services to their own application."""
    names = _applications() if body.application is None else [body.application]
    for name in names:
        _require_right(name)
    arguments = {"name": body.name, "variables": variables_of(body.variables)}
    wanted = [build("signal", name, arguments, part=name) for name in names]
    asking, deadline = services().asking, monotonic() + wait()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        told = list(pool.map(lambda one: _told(asking, one, deadline), wanted))
    return jsonify(
        processInstanceIds=[one for part in told for one in part["processInstanceIds"]],
        started=[one for part in told for one in part["started"]],
        applications=told,
    )


def _applications() -> Sequence[str]:
    """Those the asker may act for; raises `NotAllowed` where it is none."""
    user = asker()
    if user.is_operator:
        # The host, the last, runs no engine.
        return services().operations.databases.names[:-1]
    if user.application is None:
        raise NotAllowed("only operators and services of an application send signals")
    return [user.application]


def _require_right(application: str) -> None:
    user = asker()
    if not (user.is_operator or user.application == application):
        raise NotAllowed("only operators and the application's own services send messages and signals")
    if not services().asking.known(application):
        raise NotFound(f"there is no application {application!r}")


def _told(asking: Asking, wanted: Request, deadline: float) -> dict[str, Any]:
    """What became of it in one application; one that is away keeps no other from it."""
    try:
        answer = asked(asking, wanted, max(deadline - monotonic(), 0.0))
    except Refused as refusal:
        told: dict[str, Any] = {"status": "rejected", "commandId": None, "problem": refusal.problem()}
        result: Mapping[str, Any] = {}
    else:
        told = {"status": answer.status, "commandId": answer.command_key, "problem": answer.problem}
        result = answer.result or {}
    reached = {name: result.get(name) or [] for name in ("processInstanceIds", "started")}
    return {"application": wanted.application, **told, **reached}
