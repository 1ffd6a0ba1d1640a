"""What an expression may say to its execution and its task: a table of getters, and of the few things it can change."""

from __future__ import annotations

from typing import Any

from engines.spiff.run import Task

SAID = "said"
"""Where a task keeps what its listeners have changed."""


def changes_of(task: Task) -> dict[str, Any]:
    """What listeners have changed of a user task, as its fields."""
    found: dict[str, Any] = task.internal_data.get(SAID, {})
    return {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}
