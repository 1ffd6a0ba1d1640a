"""Who a task may be given to."""

from __future__ import annotations

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from domain.access import task_principals
from webapp.api import answers
from webapp.api.described import SECURITY, reading
from webapp.api.listing import readable
from webapp.api.schemas import PeopleQuery, TaskPath
from webapp.services import services
from webapp.sign_in import require_sign_in

api = APIBlueprint("people", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="people")], abp_security=SECURITY)
api.before_request(require_sign_in)

MOST = 50


@api.get("/tasks/<string:task_id>/people", responses=reading(answers.PersonList, 404))
def people(path: TaskPath, query: PeopleQuery) -> Response:
    """Who may be given the task: whom it is offered to, and who has it; the first fifty whose name has `q`.

    Of their groups those that the task is offered to.
    """
    # Being an operator is no reason to be given a task, and no principal of anybody's.
    task, part = readable(path.task_id), query.q.strip().casefold()
    offered, excluded = set(task_principals(task)), task.get("excludedUsers") or ()
    found = [
        {"username": user.name, "groups": [one for one in user.groups if one in task["candidateGroups"]]}
        for user in services().accounts.everybody()
        if part in user.name.casefold() and user.name not in excluded and not offered.isdisjoint(user.principals)
    ]
    return jsonify(items=found[:MOST])
