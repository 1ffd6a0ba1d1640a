"""The task list, one task, and what happened to it."""

from __future__ import annotations

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from domain.query import parse_facets, parse_sort
from store.lists.task_list import EXACT_UP_TO
from webapp.api import answers, rendering
from webapp.api.described import SECURITY, reading
from webapp.api.listing import query_of, readable
from webapp.api.schemas import CountsQuery, PageQuery, TaskPath
from webapp.api.sealing import opened, sealed
from webapp.services import services
from webapp.sign_in import asker, require_sign_in

api = APIBlueprint("tasks", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="tasks")], abp_security=SECURITY)
api.before_request(require_sign_in)


@api.get("/me", responses=reading(answers.Me))
def me() -> Response:
    """Who the asker is."""
    user = asker()
    roles = ["operator"] if user.is_operator else []
    return jsonify(username=user.name, groups=list(user.groups), roles=roles)


@api.get("/tasks", responses=reading(answers.TaskPage))
def task_list(query: PageQuery) -> Response:
    """One page of the tasks asked for, and a cursor from which changes to it can be followed."""
    wanted, sort = query_of(query, asker()), parse_sort(query.sort)
    # Before the query: what changes while it runs is told again rather than missed.
    cursor = services().hub.cursor()
    size, exact = query.size, query.count == "exact"
    after = None if query.after is None else opened(query.after)
    page = services().tasks.find(wanted, sort, page=query.page, size=size, after=after, exact=exact)
    items = rendering.tasks(page.items, expand=query.expand is not None)
    position = {"page": query.page, "size": size, "next": page.next and sealed(page.next), "cursor": cursor}
    return jsonify(items=items, total=page.total, totalIsAtLeast=page.total_is_at_least, **position)


@api.get("/tasks/counts", responses=reading(answers.Counts))
def task_counts(query: CountsQuery) -> Response:
    """How many tasks each scope has, and with `facet` how many of the scope have which values."""
    wanted, fields = query_of(query, asker()), parse_facets(query.facet)
    tasks = services().tasks
    scopes = {
        scope: {"total": min(count, EXACT_UP_TO), "totalIsAtLeast": count > EXACT_UP_TO}
        for scope, count in tasks.counts(wanted).items()
    }
    found = {
        field: [{"value": one.value, "count": one.count} for one in values]
        for field, values in tasks.facets(wanted, fields).items()
    }
    return jsonify(scopes=scopes, facets=found)


@api.get("/tasks/<task:task_id>", responses=reading(answers.Task, 404))
def one_task(path: TaskPath) -> Response:
    """One task with its data entries; the ETag is its revision."""
    return task_response(rendering.task(readable(path.task_id)))


@api.get("/tasks/<string:task_id>/history", responses=reading(answers.TaskHistory, 404))
def task_history(path: TaskPath) -> Response:
    """What happened to the task, oldest first."""
    task = readable(path.task_id)
    return jsonify(items=rendering.history(services().tasks.history(task["_id"]), task))


def task_response(shown: rendering.Json) -> Response:
    """One task as a response, with its revision as ETag."""
    response = jsonify(shown)
    response.set_etag(str(shown["revision"]))
    return response
