"""The task list, one task, and what happened to it."""

from __future__ import annotations

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from domain.query.fields import ENTRY, TASK
from domain.query.sort import parse_sort
from domain.query.task_query import TaskQuery, parse_facets
from store.lists.pages import EXACT_UP_TO
from webapp.api import answers, rendering
from webapp.api.described import SECURITY, reading, searching
from webapp.api.forms import require_json
from webapp.api.grammar import named
from webapp.api.listing import place_of, query_of, readable, search_of, shown
from webapp.api.schemas import AttributePath, AttributeQuery, CountsQuery, ListQuery, PageQuery, SearchBody, TaskPath
from webapp.services import services
from webapp.sign_in import asker, require_sign_in

api = APIBlueprint("tasks", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="tasks")], abp_security=SECURITY)
api.before_request(require_sign_in)


@api.get("/me", responses=reading(answers.Me))
def me() -> Response:
    """Who the asker is; `assigner` of those who alone may give away what others have, where not everybody may."""
    user, only = asker(), services().settings.assigning_groups
    roles = ["operator"] if user.is_operator else []
    if not set(only).isdisjoint(user.groups):
        roles.append("assigner")
    return jsonify(username=user.name, groups=list(user.groups), roles=roles)


@api.get("/tasks", responses=reading(answers.TaskPage))
def task_list(query: PageQuery) -> Response:
    """One page of the tasks asked for, and a cursor from which changes to it can be followed."""
    return _page(query_of(query, asker()), query)


@api.post("/tasks/search", responses=searching(answers.TaskPage))
def task_search(body: SearchBody) -> Response:
    """The same for what does not fit into an address: filters in groups, joined by and, or and not."""
    require_json()
    return _page(search_of(body, asker()), body)


def _page(wanted: TaskQuery, asked: PageQuery | SearchBody) -> Response:
    sort, place = parse_sort(asked.sort), place_of(asked)
    # Before the query: what changes while it runs is told again rather than missed.
    cursor = services().hub.cursor()
    page = services().tasks.find(wanted, sort, place)
    expand = asked.expand is not None
    return jsonify(cursor=cursor, **shown(page, place, lambda items: rendering.tasks(items, expand=expand)))


@api.get("/tasks/attributes", responses=reading(answers.AttributeList))
def task_attributes(query: ListQuery) -> Response:
    """What one can filter by: the fields of tasks and entries, and what payloads of the first 2,000 tasks hold."""
    found = services().attributes.paths(query_of(query, asker()))
    fields = [
        {"name": f"{kind.prefix}.{name}", "types": [type_]} for kind in (TASK, ENTRY) for name, type_ in kind.types()
    ]
    return jsonify(items=[*fields, *({"name": name, "types": types} for name, types in found.items())])


@api.get("/tasks/attributes/<string:name>/values", responses=reading(answers.AttributeValues))
def attribute_values(path: AttributePath, query: AttributeQuery) -> Response:
    """Values of a field or a path among the first 2,000 tasks, the most frequent first, at most 100."""
    found = services().attributes.values(query_of(query, asker()), named(path.name), query.begins)
    return jsonify(items=found)


@api.get("/tasks/counts", responses=reading(answers.Counts))
def task_counts(query: CountsQuery) -> Response:
    """How many tasks each scope has, and with `facet` how many of the scope have which values."""
    wanted, fields = query_of(query, asker()), parse_facets(query.facet)
    tasks = services().tasks
    scopes = {
        scope: {"total": min(count, EXACT_UP_TO), "totalIsAtLeast": count > EXACT_UP_TO}
        for scope, count in tasks.counts(wanted).items()
    }
    found = {field: [rendering.facet(one) for one in values] for field, values in tasks.facets(wanted, fields).items()}
    return jsonify(scopes=scopes, facets=found)


@api.get("/tasks/<task:task_id>", responses=reading(answers.OneTask, 404))
def one_task(path: TaskPath) -> Response:
    """One task with its data entries, and whether the asker has a draft of its form; the ETag is its revision."""
    task = readable(path.task_id)
    begun = services().left.begun(task["_id"], asker())
    return task_response({**rendering.task(task), "draft": begun and {"time": begun}})


@api.get("/tasks/<string:task_id>/history", responses=reading(answers.TaskHistory, 404))
def task_history(path: TaskPath) -> Response:
    """What happened to the task and what was said about it, oldest first."""
    task = readable(path.task_id)
    said = services().left.comments(task["_id"])
    return jsonify(items=rendering.history(services().tasks.history(task["_id"]), said, task))


def task_response(task: rendering.Json) -> Response:
    """One task as a response, with its revision as ETag."""
    response = jsonify(task)
    response.set_etag(str(task["revision"]))
    return response
