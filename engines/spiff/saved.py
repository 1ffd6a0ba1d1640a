"""What a saved instance says, read without bringing it to life."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from SpiffWorkflow.util.task import TaskState

from domain.values import iso

Change = Callable[[Mapping[str, Any], Mapping[str, Any]], Any]
"""`(data, variables) -> data`, of data that is kept somewhere in an instance with these variables."""


def ready_tasks(state: str) -> frozenset[str]:
    """Ids of the tasks that wait for people and were told: after a step nothing else is left ready.

    A finished instance has none.
    """
    kept = json.loads(state)
    workflow, stops = kept["workflow"], kept.get("stops", {})
    if workflow is None:
        return frozenset()
    parts = [workflow, *(workflow.get("subprocesses") or {}).values()]
    ready = {name for part in parts for name, task in part["tasks"].items() if task["state"] == TaskState.READY}
    return frozenset(ready - stops.keys() - set(kept.get("untold", ())))


def job_variables(state: str, job_id: str) -> dict[str, Any]:
    """The variables that the element of a job sees; empty where there is no such element."""
    kept = json.loads(state)
    workflow = kept["workflow"] or {}
    inner: dict[str, Any] = workflow.get("subprocesses") or {}
    parts = {"": workflow, **inner}
    owner = next((name for name, part in parts.items() if job_id in (part.get("tasks") or {})), None)
    if owner is None:
        return {}
    found, task_id = list[dict[str, Any]](), job_id
    while True:
        task = parts[owner]["tasks"].get(task_id) or {}
        found.append(kept["local"].get(task_id, {}))
        if task.get("parent"):
            task_id = task["parent"]
        elif not owner or owner in kept.get("calls", {}):
            break
        else:
            task_id = owner
            owner = next(name for name, part in parts.items() if task_id in part["tasks"])
    variables = kept["calls"][owner]["variables"] if owner else kept["variables"]
    return {**variables, **{name: value for local in reversed(found) for name, value in local.items()}}


def activities(
    state: str, definition_id: str, instance_id: str, compiled: Callable[[str], Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Where a saved instance, or one that is saved with it, stands; by the compiled definitions, in order of time."""
    kept = json.loads(state)
    if kept["workflow"] is None:
        return []
    calls: dict[str, Any] = kept.get("calls", {})
    inner: dict[str, Any] = kept["workflow"].get("subprocesses") or {}
    call = next((name for name, said in calls.items() if said["instance_id"] == instance_id), None)
    definition = compiled(definition_id if call is None else calls[call]["definition_id"])
    left = [(kept["workflow"] if call is None else inner[call], definition["spec"])]
    found = []
    while left:
        part, spec = left.pop()
        for name, task in part["tasks"].items():
            said = spec["task_specs"].get(task["task_spec"], {})
            if not _is_here(kept, name, task) or not said.get("bpmn_id"):
                continue
            if name in inner and name not in calls:
                left.append((inner[name], definition["used"].get(said.get("spec"), {"task_specs": {}})))
            if (kind := _kind(kept, name, said)) is not None:
                found.append((task["last_state_change"], _activity(kept, name, task, said, kind)))
    return [one for _, one in sorted(found, key=itemgetter(0))]


def _is_here(kept: Mapping[str, Any], name: str, task: Mapping[str, Any]) -> bool:
    live = TaskState.READY | TaskState.WAITING | TaskState.STARTED
    return bool(task["state"] & live) or name in kept.get("stops", {})


def _activity(
    kept: Mapping[str, Any], name: str, task: Mapping[str, Any], said: Mapping[str, Any], kind: str
) -> dict[str, Any]:
    called = kept.get("calls", {}).get(name)
    return {
        "element": said["bpmn_id"],
        "name": said.get("bpmn_name"),
        "type": kind,
        "since": iso(datetime.fromtimestamp(task["last_state_change"], UTC)),
        "taskId": name if name in kept["open"] else None,
        "calledInstanceId": called and called["instance_id"],
    }


def _kind(kept: Mapping[str, Any], name: str, said: Mapping[str, Any]) -> str | None:
    """What an element waits as; None for what is told of what is within it, or waits for nothing of its own."""
    if (stop := kept.get("stops", {}).get(name)) is not None:
        return "incident" if stop["problem"] is not None and stop["due"] is None else "job"
    if name in kept.get("jobs", {}):
        return "job"
    event = (said.get("event_definition") or {}).get("typename")
    return _EVENTS.get(event) if event in _EVENTS else _TYPES.get(said["typename"], "task")


_EVENTS = {
    **dict.fromkeys(("AtDate", "AfterDuration", "EveryCycle"), "timer"),
    **dict.fromkeys(("TimeDateEventDefinition", "DurationTimerEventDefinition", "CycleTimerEventDefinition"), "timer"),
    "MessageEventDefinition": "message",
    "SignalEventDefinition": "signal",
    "ConditionalEventDefinition": "condition",
    "CompensateEvent": None,
    "MultipleEventDefinition": "eventGateway",
    **dict.fromkeys(("ErrorEventDefinition", "EscalationEventDefinition", "CancelEventDefinition"), None),
}
_TYPES = {
    "HumanTask": "userTask",
    "CalledProcess": "callActivity",
    **dict.fromkeys(("SubWorkflowTask", "TransactionSubprocess", "Undo"), "subProcess"),
    **dict.fromkeys(("EventSubprocess", "EachAtOnce", "OneAfterAnother"), None),
    **dict.fromkeys(("ParallelGateway", "InclusiveGateway"), "gateway"),
}


def with_data_changed(state: str, change: Change) -> str | None:
    """The same with all data in it changed, wherever it is kept; None where that makes no difference."""
    kept = json.loads(state)
    done = False
    for holder, name, variables in list(_data_in(kept)):
        after = change(holder[name], variables)
        done, holder[name] = done or after != holder[name], after
    return json.dumps(kept, separators=(",", ":")) if done else None


def _data_in(kept: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str, dict[str, Any]]]:
    """Where data is: holder and name, and the variables around it."""
    own = kept["variables"]
    yield kept, "variables", own
    for called in kept.get("calls", {}).values():
        yield called, "variables", called["variables"]
    for name in kept["local"]:
        yield kept["local"], name, own
    left = [one for way in ("completed", "undoing") for found in kept.get(way, {}).values() for one in found]
    while left:
        if isinstance(one := left.pop(), dict):
            left += one.get("inner", ())
            if "local" in one:
                yield one, "local", own
    workflow = kept["workflow"] or {}
    for part in (workflow, *(workflow.get("subprocesses") or {}).values()):
        for owner in (part, *(part.get("tasks") or {}).values()):
            for name in ("data", "internal_data"):
                if isinstance(owner.get(name), dict):
                    yield owner, name, own
