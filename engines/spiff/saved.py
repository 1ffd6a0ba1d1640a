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
    workflow = json.loads(state)["workflow"]
    if workflow is None:
        return frozenset()
    parts = [workflow, *(workflow.get("subprocesses") or {}).values()]
    return frozenset(name for part in parts for name, task in part["tasks"].items() if task["state"] == TaskState.READY)


def job_variables(state: str, job_id: str) -> dict[str, Any]:
    """The variables visible where this job is waited for."""
    kept = json.loads(state)
    return {**kept["variables"], **kept["local"].get(job_id, {})}


def with_data_changed(state: str, change: Change) -> str | None:
    """The same with all data in it changed, wherever it is kept; None where that makes no difference."""
    kept = json.loads(state)
    variables = kept["variables"]
    done = False
    for holder, name in list(_data_in(kept)):
        after = change(holder[name], variables)
        done, holder[name] = done or after != holder[name], after
    return json.dumps(kept, separators=(",", ":")) if done else None


def _data_in(kept: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Where data is: holder and name."""
    yield kept, "variables"
    for name in kept["local"]:
        yield kept["local"], name
    workflow = kept["workflow"] or {}
    for part in (workflow, *(workflow.get("subprocesses") or {}).values()):
        for owner in (part, *(part.get("tasks") or {}).values()):
            for name in ("data", "internal_data"):
                if isinstance(owner.get(name), dict):
                    yield owner, name
