"""What people do with tasks, and what became of it."""

from __future__ import annotations

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from webapp.api import answers, rendering
from webapp.api.described import SECURITY, commanding, reading
from webapp.api.forms import assignment_of, changes_of, moment_of, require_json, variables_of
from webapp.api.schemas import AssignBody, ChangeBody, CommandPath, CompleteBody, DeferBody, TaskPath
from webapp.api.sending import command_on, task_command, task_to_act_on
from webapp.services import services
from webapp.sign_in import asker, require_sign_in

api = APIBlueprint("commands", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="commands")], abp_security=SECURITY)
api.before_request(require_sign_in)
api.before_request(require_json)


@api.post("/tasks/<string:task_id>/claim", responses=commanding(answers.TaskOrCommand))
def claim(path: TaskPath) -> Response:
    """Take the task."""
    return task_command(path.task_id, "claim")


@api.post("/tasks/<string:task_id>/unclaim", responses=commanding(answers.TaskOrCommand))
def unclaim(path: TaskPath) -> Response:
    """Give the task back."""
    return task_command(path.task_id, "unclaim")


@api.post("/tasks/<string:task_id>/complete", responses=commanding(answers.TaskOrCommand))
def complete(path: TaskPath, body: CompleteBody) -> Response:
    """Finish the task with these variables."""
    task = task_to_act_on(path.task_id)
    return command_on(task, "complete", {"variables": variables_of(body.variables)})


@api.post("/tasks/<string:task_id>/assign", responses=commanding(answers.TaskOrCommand))
def assign(path: TaskPath, body: AssignBody) -> Response:
    """Give the task to somebody who may work on it, or to nobody."""
    return task_command(path.task_id, "assign", assignment_of(body.assignee))


@api.post("/tasks/<string:task_id>/delegate", responses=commanding(answers.TaskOrCommand))
def delegate(path: TaskPath, body: AssignBody) -> Response:
    """Ask somebody who may work on it to do the task: it comes back when they resolve it."""
    return task_command(path.task_id, "delegate", assignment_of(body.assignee))


@api.post("/tasks/<string:task_id>/resolve", responses=commanding(answers.TaskOrCommand))
def resolve(path: TaskPath) -> Response:
    """Give back a task that was delegated, done: its owner has it again."""
    return task_command(path.task_id, "resolve")


@api.post("/tasks/<string:task_id>/defer", responses=commanding(answers.TaskOrCommand))
def defer(path: TaskPath, body: DeferBody) -> Response:
    """Hide the task until its follow-up date."""
    return task_command(path.task_id, "defer", {"followUpDate": moment_of(body.follow_up_date, "followUpDate")})


@api.post("/tasks/<string:task_id>/undefer", responses=commanding(answers.TaskOrCommand))
def undefer(path: TaskPath) -> Response:
    """Show the task again now."""
    return task_command(path.task_id, "undefer")


@api.post("/tasks/<string:task_id>/change", responses=commanding(answers.TaskOrCommand))
def change(path: TaskPath, body: ChangeBody) -> Response:
    """Change how urgent the task is and when it is due, where the asker holds it or nobody does; operators any.

    To which groups it is offered is for operators, and for the groups of the setting `TASKPOOL_ASSIGNING_GROUPS`.
    """
    return task_command(path.task_id, "change", changes_of(body))


@api.get("/commands/<string:command_id>", responses=reading(answers.Command, 404))
def one_command(path: CommandPath) -> Response:
    """What became of a command of the asker's own."""
    found = services().commands.get(path.command_id, asker())
    shown, task_key = rendering.command(found), found.get("taskKey")
    task = services().tasks.get(task_key, asker()) if task_key else None
    return jsonify(shown | ({"task": rendering.task(task)} if task else {}))
