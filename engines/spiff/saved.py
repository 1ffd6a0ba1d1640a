"""What a saved instance says, read without bringing it to life."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from SpiffWorkflow.util.task import TaskState

Change = Callable[[Mapping[str, Any], Mapping[str, Any]], Any]
"""`(data, variables) -> data`, of data that is kept somewhere in an instance with these variables."""


def ready_tasks(state: str) -> frozenset[str]:
    """Ids of the tasks that wait for people: after a step nothing else is left ready. A finished instance has none."""
    kept = json.loads(state)
    workflow, stops = kept["workflow"], kept.get("stops", {})
    if workflow is None:
        return frozenset()
    parts = [workflow, *(workflow.get("subprocesses") or {}).values()]
    ready = {name for part in parts for name, task in part["tasks"].items() if task["state"] == TaskState.READY}
    return frozenset(ready - stops.keys())


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
    workflow = kept["workflow"] or {}
    for part in (workflow, *(workflow.get("subprocesses") or {}).values()):
        for owner in (part, *(part.get("tasks") or {}).values()):
            for name in ("data", "internal_data"):
                if isinstance(owner.get(name), dict):
                    yield owner, name, own
