"""What an expression may say to its execution and its task: getters, variables, and the few things it can change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from domain.aggregates.task import AssignTask, ChangeCandidates, ChangeTask, TaskCommand
from domain.errors import InvalidValue
from domain.values import check, iso
from engines.expressions.data import Impossible
from engines.expressions.exposed import Exposed
from engines.expressions.moments import Moment, moment_text
from engines.spiff.feel import value_of

if TYPE_CHECKING:
    from engines.spiff.run import Run, Task

SAID = "said"
"""Where a task keeps what its listeners have changed."""
_TEXTS = {"Assignee": "assignee", "Owner": "owner", "Name": "name", "Description": "description"}
_TIMES = {"DueDate": "due_date", "FollowUpDate": "follow_up_date"}
_TYPES = ((bool, "boolean"), (int, "long"), (float, "double"), (str, "string"), (type(None), "null"))
_MAX_WHOLE = 2**31


def said_of(task: Task) -> Mapping[str, Any]:
    """What vendors let the model say of an element; the engine's own steps say nothing."""
    return getattr(task.task_spec, "extensions", None) or {}


def execution(run: Run, task: Task) -> Exposed:
    """`execution` at an element."""
    home, spec = run.home(task), task.task_spec
    left = said_of(task).get("takenFrom")
    return Exposed(
        {
            "id": home.instance_id,
            "processInstanceId": home.instance_id,
            "processDefinitionId": home.process.definition.definition_id,
            "processDefinitionKey": home.process.definition.key,
            "processBusinessKey": home.business_key,
            "businessKey": home.business_key,
            "currentActivityId": left or spec.bpmn_id,
            "currentActivityName": task.workflow.spec.task_specs[left].bpmn_name if left else spec.bpmn_name,
            "currentTransitionId": spec.bpmn_id if left else None,
            "activityInstanceId": str(task.id),
            "parentActivityInstanceId": run.around(task),
            "eventName": run.event,
            "superExecutionId": home.caller,
            "tenantId": run.tenant,
        },
        {
            **_variables(run, task),
            "isCanceled": lambda: task.state == TaskState.CANCELLED,
            "getBpmnModelElementInstance": lambda: Exposed({"id": spec.bpmn_id, "name": spec.bpmn_name}),
        },
    )


def delegate_task(run: Run, task: Task) -> Exposed:
    """`task` in the listeners of a user task."""
    home, said = run.home(task), task.task_spec.extensions
    changed: dict[str, Any] = task.internal_data.get(SAID, {})

    def now_or(name: str, raw: str | None) -> Callable[[], Any]:
        return lambda: changed[name] if name in changed else _value(run, task, raw)

    return Exposed(
        {
            "id": str(task.id),
            "name": now_or("name", task.task_spec.bpmn_name),
            "description": now_or("description", task.task_spec.documentation),
            "assignee": now_or("assignee", said.get("assignee")),
            "owner": now_or("owner", said.get("owner")),
            "priority": now_or("priority", said.get("priority")),
            "dueDate": now_or("due_date", said.get("dueDate")),
            "followUpDate": now_or("follow_up_date", said.get("followUpDate")),
            "taskDefinitionKey": task.task_spec.bpmn_id,
            "processInstanceId": home.instance_id,
            "processDefinitionId": home.process.definition.definition_id,
            "executionId": home.instance_id,
            "createTime": iso(run.now),
            "eventName": run.event,
            "execution": lambda: execution(run, task),
            "tenantId": run.tenant,
        },
        {**_variables(run, task), **_changing(run, task)},
    )


def changes_of(task: Task) -> dict[str, Any]:
    """What listeners have changed of a user task, as its fields; candidates are those to add and to take away."""
    found: dict[str, Any] = task.internal_data.get(SAID, {})
    return {name: value for name, value in found.items() if not isinstance(value, dict)}


def changed_by_listeners(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[TaskCommand]:
    """The difference between two states of what listeners have changed of a user task, as commands."""
    changes = {
        name: value for name, value in after.items() if not isinstance(value, dict) and before.get(name) != value
    }
    if "assignee" in changes:
        yield AssignTask(changes.pop("assignee"))
    if changes:
        yield ChangeTask(changes)
    moved = [
        tuple(name for name, is_one in after.get(kind, {}).items() if is_one is wanted)
        for kind in ("candidate_users", "candidate_groups")
        for wanted in (True, False)
    ]
    if any(before.get(kind) != after.get(kind) for kind in ("candidate_users", "candidate_groups")):
        yield ChangeCandidates(*moved)


def candidates_of(task: Task, field: str, before: Sequence[str]) -> tuple[str, ...]:
    """Candidates of a user task after its listeners have added and taken away some."""
    changed: Mapping[str, bool] = task.internal_data.get(SAID, {}).get(field, {})
    kept = {name for name in before if changed.get(name, True)}
    return tuple(sorted(kept | {name for name, is_one in changed.items() if is_one}))


def _variables(run: Run, task: Task) -> dict[str, Callable[..., Any]]:
    def remove(name: str) -> None:
        for holder in (*run.locals(task), run.home(task).variables):
            if holder.pop(name, None) is not None:
                return

    def local() -> dict[str, Any]:
        return run.local.get(str(task.id), {})

    return {
        "getVariable": lambda name: run.visible(task).get(name),
        "getVariableLocal": lambda name: local().get(name),
        "getVariableTyped": lambda name, _read=True: _typed(run.visible(task), name),
        "getVariableLocalTyped": lambda name, _read=True: _typed(local(), name),
        "getVariablesLocal": lambda: dict(local()),
        "getVariableNamesLocal": lambda: sorted(local()),
        "hasVariableLocal": lambda name: name in local(),
        "getVariables": lambda: run.visible(task),
        "getVariableNames": lambda: sorted(run.visible(task)),
        "hasVariable": lambda name: name in run.visible(task),
        "hasVariables": lambda: bool(run.visible(task)),
        "setVariable": lambda name, value: run.put(task, _checked(name, value)),
        "setVariables": lambda values: run.put(task, _plain(values)),
        "setVariableLocal": lambda name, value: run.put_local(task, _checked(name, value)),
        "removeVariable": remove,
        "getProcessInstance": lambda: execution(run, task),
    }


def _typed(variables: Mapping[str, Any], name: str) -> Exposed | None:
    """A variable with the name Camunda has for its type."""
    if name not in variables:
        return None
    value = variables[name]
    named = next((text for kind, text in _TYPES if isinstance(value, kind)), "object")
    return Exposed({"value": value, "type": Exposed({"name": named})})


def _changing(run: Run, task: Task) -> dict[str, Callable[..., Any]]:
    def changed() -> dict[str, Any]:
        found: dict[str, Any] = task.internal_data.setdefault(SAID, {})
        return found

    def setting(name: str, read: Callable[[Any], Any]) -> Callable[[Any], None]:
        return lambda value: changed().update({name: read(value)})

    def candidates(field: str, *, is_one: bool) -> Callable[[Any], None]:
        def change(names: Any) -> None:
            several = names if isinstance(names, list | tuple) else [names]
            changed().setdefault(field, {}).update({str(name): is_one for name in several if name})

        return change

    found: dict[str, Callable[..., Any]] = {f"set{verb}": setting(name, _text) for verb, name in _TEXTS.items()}
    found |= {f"set{verb}": setting(name, lambda value: _moment(value, run.now)) for verb, name in _TIMES.items()}
    found |= {"setPriority": setting("priority", _whole), "getExecution": lambda: execution(run, task)}
    for kind, field in (("User", "candidate_users"), ("Group", "candidate_groups")):
        for plural in ("", "s"):
            found[f"addCandidate{kind}{plural}"] = candidates(field, is_one=True)
        found[f"deleteCandidate{kind}"] = candidates(field, is_one=False)
    return found


def _value(run: Run, task: Task, raw: str | None) -> Any:
    return None if raw is None else value_of(raw, run.scope(task), run.now)


def _text(value: Any) -> str | None:
    return None if value in (None, "") else str(value)


def _moment(value: Any, now: datetime) -> str | None:
    try:
        return None if value is None else moment_text(value, now)
    except ValueError as error:
        raise Impossible(f"no date: {error}") from error


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= _MAX_WHOLE:
        raise Impossible("a priority is a whole number")
    return value


def _checked(name: Any, value: Any) -> dict[str, Any]:
    return _plain({str(name): value})


def _plain(values: Any) -> dict[str, Any]:
    if not isinstance(values, Mapping):
        raise Impossible("variables are a map")
    plain = {str(name): iso(value.at) if isinstance(value, Moment) else value for name, value in values.items()}
    try:
        check(plain, "variables")
    except InvalidValue as error:
        raise Impossible(str(error)) from error
    return plain
