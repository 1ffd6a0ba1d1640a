"""Conditional events: looked at where they begin to wait, and then whenever the variables have changed."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from SpiffWorkflow.bpmn.specs.event_definitions.conditional import ConditionalEventDefinition

from engines.spiff.run import Task, run_of

SEEN = "seen"
"""Where a task keeps what its condition was last asked about."""


class Condition(ConditionalEventDefinition):  # type: ignore[misc]
    """A condition that is waited for; one that still holds does not come again before something changes."""

    def has_fired(self, my_task: Task) -> bool:
        """Whether it holds, asked anew after each change that counts."""
        said, kept = getattr(my_task.task_spec, "extensions", {}), my_task.internal_data
        before, now = kept.get(SEEN) or _of_the_last(my_task), _seen(my_task, said.get("variableName"))
        if before is None or (before != now and _counts(before, now, said.get("variableEvents"))):
            super().has_fired(my_task)
        kept[SEEN] = now
        return bool(kept.get("has_fired", False))


def _of_the_last(my_task: Task) -> dict[str, Any] | None:
    """What the one was asked about in whose place this begins an event sub-process."""
    inner = my_task.workflow
    if inner.parent_task_id is None or my_task.task_spec not in inner.spec.bpmn_start_events:
        return None
    owner = run_of(my_task).find(str(inner.parent_task_id))
    return None if owner is None else owner.internal_data.get(SEEN)


def _seen(my_task: Task, name: str | None) -> dict[str, Any]:
    """Whether the variable is there, and its value, or that of all, in short."""
    visible = run_of(my_task).visible(my_task)
    asked = visible.get(name) if name else visible
    text = json.dumps(asked, sort_keys=True, default=str)
    return {"there": name is None or name in visible, "value": sha256(text.encode()).hexdigest()[:16]}


def _counts(before: dict[str, Any], now: dict[str, Any], wanted: str | None) -> bool:
    """Whether a change is one of those that are waited for, where the model names them."""
    happened = {(False, True): "create", (True, False): "delete"}.get((before["there"], now["there"]), "update")
    return not wanted or happened in [one.strip() for one in wanted.split(",")]
