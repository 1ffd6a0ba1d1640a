"""What people leave beside tasks and lists: comments, drafts of forms, and saved filters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

from flask import Response, jsonify, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import ValidationError

from domain.errors import BadRequest, NotAllowed, TaskNotFound
from domain.query.sort import parse_sort
from domain.query.task_query import TaskQuery
from domain.values import check
from store.lists.pages import EXACT_UP_TO
from store.people.left import LOOK, too_many_comments
from webapp.api import answers
from webapp.api.described import SECURITY, forgetting, reading, writing
from webapp.api.forms import require_json, variables_of
from webapp.api.listing import readable, search_of
from webapp.api.mentions import notice_mentions
from webapp.api.schemas import (
    CommentBody,
    CommentPath,
    DraftBody,
    FilterBody,
    FilterPath,
    FiltersQuery,
    SearchBody,
    TaskPath,
)
from webapp.services import services
from webapp.sign_in import asker, require_sign_in

api = APIBlueprint(
    "left by people", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="people")], abp_security=SECURITY
)
api.before_request(require_sign_in)
api.before_request(require_json)

_LONGEST_KEY = 500
_COUNTED = 50


@api.get("/tasks/<string:task_id>/comments", responses=reading(answers.CommentList, 404))
def comments(path: TaskPath) -> Response:
    """What was said about the task, oldest first."""
    found = services().left.comments(readable(path.task_id)["_id"])
    return jsonify(items=[_comment(one) for one in found])


@api.post("/tasks/<string:task_id>/comments", responses=writing(answers.Comment, 404, 422, status=201))
def comment(path: TaskPath, body: CommentBody) -> tuple[Response, int]:
    """Say something about the task; the same sent again with its `Idempotency-Key` is said once.

    Who is named as `@name` and may read the task is notified, where the system has a way to.
    """
    key, task = _key(), readable(path.task_id)
    made = services().left.comment(task["_id"], asker(), body.text, key)
    notice_mentions([(task, made)])
    return jsonify(_comment(made)), 201


def comment_each(task_ids: Sequence[str], tasks: Mapping[str, Mapping[str, Any]], text: str) -> list[dict[str, Any]]:
    """Say the same about each of `tasks`, by id; what became of each that was asked for, in that order."""
    made = services().left.comment_each(list(tasks), asker(), text, _key())
    notice_mentions([(tasks[task_id], one) for task_id, one in made.items()])
    refused = {one: too_many_comments() if one in tasks else TaskNotFound() for one in task_ids if one not in made}
    return [
        {"id": one, "status": "rejected", "commandId": None, "problem": refused[one].problem()}
        if one in refused
        else {"id": one, "status": "accepted", "commandId": None, "problem": None}
        for one in task_ids
    ]


def _key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 0 < len(key) <= _LONGEST_KEY:
        raise BadRequest(f"Idempotency-Key: 1 to {_LONGEST_KEY} characters")
    return key


@api.delete("/tasks/<string:task_id>/comments/<string:comment_id>", responses=forgetting())
def forget_comment(path: CommentPath) -> tuple[str, int]:
    """Take a comment of one's own back; operators any."""
    services().left.forget_comment(readable(path.task_id)["_id"], path.comment_id, asker())
    return "", 204


@api.get("/tasks/<string:task_id>/draft", responses=reading(answers.Draft, 404))
def draft(path: TaskPath) -> Response:
    """What the asker has filled in of the task's form and not sent."""
    return jsonify(_draft(services().left.draft(readable(path.task_id)["_id"], asker())))


@api.post("/tasks/<string:task_id>/draft", responses=writing(answers.Draft, 404, 422))
def save_draft(path: TaskPath, body: DraftBody) -> Response:
    """Keep what is filled in, for 90 days, instead of what was kept; nobody else sees it."""
    variables = variables_of(body.variables)
    return jsonify(_draft(services().left.save_draft(readable(path.task_id)["_id"], asker(), variables)))


@api.delete("/tasks/<string:task_id>/draft", responses=forgetting())
def forget_draft(path: TaskPath) -> tuple[str, int]:
    """Forget what was filled in."""
    services().left.forget_draft(readable(path.task_id)["_id"], asker())
    return "", 204


@api.get("/filters", responses=reading(answers.SavedFilterList))
def filters(query: FiltersQuery) -> Response:
    """The questions the asker has kept, and those that others share with a group of theirs.

    With `counts`, how many tasks the first fifty find now, for the asker; null of the others, and of what is too broad.
    """
    kept = services().left.filters(asker())
    totals = services().tasks.totals([_asked(one) for one in kept[:_COUNTED]]) if query.counts else []
    return jsonify(items=[_filter(one, total) for one, total in zip_longest(kept, totals)])


@api.post("/filters", responses=writing(answers.SavedFilter, 422, status=201))
def save_filter(body: FilterBody) -> tuple[Response, int]:
    """Keep a question under a name, instead of an own one of that name; members of `groups` see it, too.

    Of one that there is already, `description` and `color` stay where they are absent; null takes them away.
    """
    user = asker()
    if foreign := [name for name in body.groups if name not in user.groups and not user.is_operator]:
        raise NotAllowed(f"you are not in the group {foreign[0][:60]!r}")
    # What cannot be asked is not kept.
    search_of(body.query, user)
    parse_sort(body.query.sort)
    query = body.query.model_dump(exclude_unset=True)
    check(query, "query")
    look = body.model_dump(include=set(LOOK), exclude_unset=True)
    kept = services().left.save_filter(user, body.name, query, sorted(set(body.groups)), body.position, look)
    return jsonify(_filter(kept)), 201


@api.delete("/filters/<string:filter_id>", responses=forgetting())
def forget_filter(path: FilterPath) -> tuple[str, int]:
    """Forget a kept question of one's own; operators any."""
    services().left.forget_filter(path.filter_id, asker())
    return "", 204


def _comment(found: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": found["_id"], **{name: found[name] for name in ("user", "text", "time")}}


def _draft(found: Mapping[str, Any]) -> dict[str, Any]:
    return {"variables": found["variables"], "time": found["time"]}


def _filter(found: Mapping[str, Any], total: int | None = None) -> dict[str, Any]:
    shown = {name: found[name] for name in ("name", "user", "groups", "query")}
    shown |= {"id": found["_id"], "position": found.get("position", 0), "own": found["user"] == asker().name}
    shown |= {name: found.get(name) for name in LOOK}
    is_more = total is not None and total > EXACT_UP_TO
    return {**shown, "total": EXACT_UP_TO if is_more else total, "totalIsAtLeast": is_more}


def _asked(found: Mapping[str, Any]) -> TaskQuery | None:
    """The question a filter keeps, asked by whoever looks; None of what can no longer be asked."""
    try:
        return search_of(SearchBody.model_validate(found["query"]), asker())
    except (BadRequest, ValidationError):
        return None
