"""What a saved instance says, read without bringing it to life."""

from __future__ import annotations

import json

from SpiffWorkflow.util.task import TaskState


def ready_tasks(state: str) -> frozenset[str]:
    """Ids of the tasks that wait for people: after a step nothing else is left ready. A finished instance has none."""
    workflow = json.loads(state)["workflow"]
    if workflow is None:
        return frozenset()
    parts = [workflow, *(workflow.get("subprocesses") or {}).values()]
    return frozenset(name for part in parts for name, task in part["tasks"].items() if task["state"] == TaskState.READY)
