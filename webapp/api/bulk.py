"""One thing done with many tasks, and what became of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Any, cast

from flask import Response, jsonify, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from domain.errors import Refused, TaskNotFound
from domain.requests.request import Action, Request
from store.lists.pages import Document
from webapp.api import answers
from webapp.api.described import SECURITY, writing
from webapp.api.forms import assignment_of, changes_of, moment_of, require_json, said_of, variables_of
from webapp.api.left import comment_each
from webapp.api.schemas import BulkBody
from webapp.api.sending import asked, build, is_repeat, wait
from webapp.services import Asking, services
from webapp.sign_in import asker, require_sign_in

api = APIBlueprint("bulk", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="commands")], abp_security=SECURITY)
api.before_request(require_sign_in)
api.before_request(require_json)

AT_ONCE = 8
"""Commands of one request that are waited for at the same time."""


@api.post("/tasks/bulk", responses=writing(answers.BulkAnswer, 422))
def bulk(body: BulkBody) -> Response:
    """Do one thing with up to 500 tasks; each is decided by itself, as if asked for alone."""
    arguments = _arguments(body)
    ids = list(dict.fromkeys(body.ids))
    found = services().tasks.several(ids, asker())
    if body.action == "comment":
        return jsonify(items=comment_each(ids, found, said_of(body)))
    if request.headers.get("Idempotency-Key"):
        found |= _moved_out_of_sight([task_id for task_id in ids if task_id not in found])
    wanted = [_one(found.get(task_id), cast("Action", body.action), arguments) for task_id in ids]
    asking, deadline = services().asking, monotonic() + wait()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        told = list(pool.map(lambda one: _told(asking, one, deadline), wanted))
    return jsonify(items=[{"id": task_id, **outcome} for task_id, outcome in zip(ids, told, strict=True)])


def _moved_out_of_sight(task_ids: Sequence[str]) -> dict[str, Document]:
    """Those of these that the asker has moved there by this very request, sent before."""
    tasks = [task for task_id in task_ids if (task := services().tasks.current(task_id))]
    return {task["_id"]: task for task in tasks if is_repeat(task["application"], task["_id"])}


def _arguments(body: BulkBody) -> Mapping[str, Any]:
    """What is there is judged, also where this action has no use for it."""
    variables = variables_of(body.variables)
    if body.action == "defer" or body.follow_up_date is not None:
        date = moment_of(body.follow_up_date, "followUpDate")
    changes = changes_of(body)
    match body.action:
        case "complete":
            return {"variables": variables}
        case "defer":
            return {"followUpDate": date}
        case "change":
            return changes
        case "assign":
            return assignment_of(body.assignee)
    return {}


def _one(task: Document | None, action: Action, arguments: Mapping[str, Any]) -> Request | Refused:
    """The command for one task, or why there is none."""
    if task is None:
        return TaskNotFound()
    try:
        return build(action, task["application"], arguments, task=task, part=task["_id"])
    except Refused as refusal:
        return refusal


def _told(asking: Asking, wanted: Request | Refused, deadline: float) -> dict[str, Any]:
    if isinstance(wanted, Refused):
        return {"status": "rejected", "commandId": None, "problem": wanted.problem()}
    try:
        answer = asked(asking, wanted, max(deadline - monotonic(), 0.0))
    except Refused as refusal:
        return {"status": "rejected", "commandId": None, "problem": refusal.problem()}
    return {"status": answer.status, "commandId": answer.command_key, "problem": answer.problem}
