"""What people may do with a task: rights, state and revision, judged against the newest state there is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from domain.access import User, may_see, task_principals
from domain.aggregates.task import (
    OPEN,
    PENDING,
    RESOLVED,
    AssignTask,
    ChangeCandidates,
    ChangeTask,
    CompleteTask,
    TaskCommand,
    UserTask,
)
from domain.errors import (
    AlreadyCompleted,
    ClaimConflict,
    Delegated,
    NobodyElse,
    NotAllowed,
    NotAssignee,
    NotEligible,
    StaleRevision,
    Suspended,
    TaskNotFound,
)
from domain.requests.forms import FieldProblem, check_form
from domain.requests.request import Request
from domain.wire import dump


def judge(
    task: UserTask | None,
    revision: int,
    request: Request,
    current: Callable[[], Mapping[str, Any]] | None = None,
    whole: Callable[[Mapping[str, Any]], Sequence[FieldProblem]] | None = None,
) -> list[TaskCommand]:
    """The commands that carry out a request, none when it is so already; raises `Refused`.

    `current` tells what the fields of the task's form have now, `whole` judges what its form says beyond them; both are
    asked only of those who may know.
    """
    if task is None or not may_see(request.user, task_principals(dump(task))):
        raise TaskNotFound
    if request.expected_revision not in (None, revision):
        raise StaleRevision(f"revision {request.expected_revision} was expected, it is {revision}", revision=revision)
    if task.state != OPEN:
        raise AlreadyCompleted(assignee=task.assignee, state=task.state)
    if task.suspended and request.action not in _WHILE_SUSPENDED:
        raise Suspended
    commands = _RULES[request.action](task, request.user, request)
    if request.action == "complete":
        variables = request.arguments.get("variables") or {}
        check_form(task.form_fields, variables, current or (lambda: task.payload), whole)
    return commands


def may_work_on(task: UserTask, name: str, groups: tuple[str, ...]) -> bool:
    """Whether the task is offered to this user, or is theirs already; who is excluded may not, whoever they are."""
    if name in task.excluded_users:
        return False
    offered = name in task.candidate_users or not set(groups).isdisjoint(task.candidate_groups)
    return offered or name == task.assignee


def _claim(task: UserTask, user: User, _request: Request) -> list[TaskCommand]:
    if task.assignee == user.name:
        return []
    if task.assignee is not None:
        raise ClaimConflict(f"{task.assignee} holds this task", assignee=task.assignee)
    _require_not_excluded(task, user.name)
    if not may_work_on(task, user.name, user.groups):
        raise NotEligible("this task is not offered to you; assign it to somebody it is offered to")
    return [AssignTask(user.name)]


def _unclaim(task: UserTask, user: User, _request: Request) -> list[TaskCommand]:
    _require_assignee(task, user)
    _require_not_delegated(task)
    _require_somebody_else(task, user)
    return [AssignTask(None)]


def _complete(task: UserTask, user: User, request: Request) -> list[TaskCommand]:
    _require_assignee(task, user)
    _require_not_delegated(task)
    return [CompleteTask(user.name, request.issued_at)]


def _assign(task: UserTask, user: User, request: Request) -> list[TaskCommand]:
    name = (request.arguments.get("assignee") or "").strip() or None
    _require_may_assign(task, user, name, request.arguments.get("assigners"))
    if name is None:
        if task.assignee is None:
            return []
        _require_not_delegated(task)
        _require_somebody_else(task, user)
        return [AssignTask(None)]
    _require_eligible(task, name, request)
    return [AssignTask(name)] if name != task.assignee else []


def _require_may_assign(task: UserTask, user: User, name: str | None, assigners: Sequence[str] | None) -> None:
    """Operators may, and who has it; others if it is offered to them or, where it is said so, if they are in a group.

    To give oneself what nobody has is to claim it.
    """
    if user.is_operator or task.assignee == user.name:
        return
    is_offered = may_work_on(task, user.name, user.groups)
    if assigners is None or (task.assignee is None and name == user.name):
        if not is_offered:
            raise NotAllowed("only the assignee, a candidate or an operator may assign this task")
    elif set(assigners).isdisjoint(user.groups):
        raise NotAllowed(f"only the assignee, an operator or one of {', '.join(assigners)} may assign this task")


def _delegate(task: UserTask, user: User, request: Request) -> list[TaskCommand]:
    """As in Camunda 7: who delegates becomes the owner where there is none, to whom the task comes back."""
    if not user.is_operator:
        _require_assignee(task, user)
    _require_not_delegated(task)
    name = (request.arguments.get("assignee") or "").strip()
    if not name:
        raise NotEligible("say to whom", errors=[_field("assignee", "say to whom")])
    if name == task.assignee:
        raise NotEligible(f"{name} has it already", errors=[_field("assignee", f"{name} has it already")])
    _require_eligible(task, name, request)
    owner = task.owner or task.assignee or user.name
    return [ChangeTask({"owner": owner, "delegation_state": PENDING}), AssignTask(name)]


def _resolve(task: UserTask, user: User, _request: Request) -> list[TaskCommand]:
    if not user.is_operator:
        _require_assignee(task, user)
    if task.delegation_state != PENDING:
        raise NotAllowed("this task was not delegated, it can only be completed")
    if task.owner is None:
        _require_somebody_else(task, user)
    return [ChangeTask({"delegation_state": RESOLVED}), AssignTask(task.owner)]


def _require_not_excluded(task: UserTask, name: str) -> None:
    if name in task.excluded_users:
        raise NotEligible(f"{name} is excluded from this task, somebody else has to do it")


def _require_eligible(task: UserTask, name: str, request: Request) -> None:
    _require_not_excluded(task, name)
    groups, tenants = (tuple(request.arguments.get(what) or ()) for what in ("groups", "tenants"))
    if not (may_work_on(task, name, groups) and User(name, groups, None, tenants).is_of(task.tenant_id)):
        raise NotEligible(
            f"{name} may not work on this task", errors=[_field("assignee", f"{name} may not work on it")]
        )


def _defer(task: UserTask, user: User, request: Request) -> list[TaskCommand]:
    _require_hold(task, user)
    return [ChangeTask({"follow_up_date": request.arguments["followUpDate"]})]


def _undefer(task: UserTask, user: User, _request: Request) -> list[TaskCommand]:
    _require_hold(task, user)
    return [ChangeTask({"follow_up_date": None})]


def _change(task: UserTask, user: User, request: Request) -> list[TaskCommand]:
    asked = {_CHANGEABLE[name]: value for name, value in request.arguments.items() if name in _CHANGEABLE}
    moved = _offer(task, user, request.arguments)
    if asked or not moved:
        _require_hold(task, user)
    changes = {name: value for name, value in asked.items() if getattr(task, name) != value}
    return [ChangeTask(changes), *moved] if changes else moved


def _offer(task: UserTask, user: User, arguments: Mapping[str, Any]) -> list[TaskCommand]:
    """Offer the task to other groups: they get to read it, so that not everybody may who may work on it."""
    groups = arguments.get("candidateGroups")
    if groups is None:
        return []
    if not user.is_operator and set(arguments.get("assigners") or ()).isdisjoint(user.groups):
        raise NotAllowed("only operators, and groups that the platform names, offer a task to other groups")
    if not groups:
        _require_somebody_else(replace(task, candidate_groups=()), user)
    added, removed = set(groups) - set(task.candidate_groups), set(task.candidate_groups) - set(groups)
    return [ChangeCandidates((), (), tuple(sorted(added)), tuple(sorted(removed)))] if added or removed else []


_CHANGEABLE: Mapping[str, str] = {"priority": "priority", "dueDate": "due_date"}
"""What people may change of a task, as requests and as tasks call it."""

_RULES: Mapping[str, Callable[[UserTask, User, Request], list[TaskCommand]]] = {
    "claim": _claim,
    "unclaim": _unclaim,
    "complete": _complete,
    "assign": _assign,
    "delegate": _delegate,
    "resolve": _resolve,
    "defer": _defer,
    "undefer": _undefer,
    "change": _change,
}


_WHILE_SUSPENDED = ("defer", "undefer", "change")
"""What is about a person's list more than about the process."""


def _require_assignee(task: UserTask, user: User) -> None:
    if task.assignee != user.name:
        holder = f"{task.assignee} holds this task" if task.assignee else "nobody holds this task; claim it first"
        raise NotAssignee(holder, assignee=task.assignee)


def _require_not_delegated(task: UserTask) -> None:
    if task.delegation_state == PENDING and task.owner is not None and task.owner != task.assignee:
        raise Delegated(f"{task.owner} has asked for this; resolve it, so that it goes back", owner=task.owner)


def _require_hold(task: UserTask, user: User) -> None:
    """When a task is done, and how urgent it is, is for who holds it, or for everybody while nobody does."""
    if task.assignee is not None and not user.is_operator:
        _require_assignee(task, user)


def _require_somebody_else(task: UserTask, user: User) -> None:
    """A task nobody is offered would be seen by operators alone."""
    if not (task.candidate_users or task.candidate_groups or user.is_operator):
        raise NobodyElse


def _field(name: str, message: str) -> dict[str, Any]:
    return {"field": name, "message": message}
