"""What a span of changes means for one person's list: tasks that entered, changed in place, or left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from domain.query import TaskQuery, matches
from store.ring import Document, TaskChange

EVERYTHING = "*"


@dataclass(slots=True)
class Deltas:
    """Tasks by what happened to them, as the asker's list sees it."""

    entered: list[Document] = field(default_factory=list)
    updated: list[Document] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.entered or self.updated or self.left)

    def add(self, task_id: str, was: bool, after: Document | None, query: TaskQuery) -> None:
        """Take in one task, given whether it was on the list before."""
        if after is not None and matches(after, query):
            (self.updated if was else self.entered).append(after)
        elif was:
            self.left.append(task_id)


def between(changes: Sequence[TaskChange], query: TaskQuery, then: str) -> Deltas:
    """One delta per task over the whole span: `then` is when it began, `query.now` when it ended."""
    first: dict[str, TaskChange] = {}
    last: dict[str, TaskChange] = {}
    for change in changes:
        if change.task_id not in first or first[change.task_id].touch:
            first[change.task_id] = change
        if not change.touch or last.get(change.task_id, change).touch:
            last[change.task_id] = change
    deltas, before = Deltas(), replace(query, now=then)
    for task_id, change in first.items():
        deltas.add(task_id, matches(change.before, before), last[task_id].after, query)
    return deltas


def concerned(change: TaskChange) -> set[str]:
    """Everybody whose list could show the difference."""
    keys = {EVERYTHING}
    for image in (change.before, change.after):
        if image is not None:
            keys.update(image["principals"], (f"user:{image['completedBy']}",))
    return keys


def interests(query: TaskQuery) -> Sequence[str]:
    """Under which of those keys this query must be woken."""
    user = query.user
    match query.scope:
        case "mine" | "completed":
            return (f"user:{user.name}",)
        case "group":
            return tuple(f"group:{group}" for group in user.groups)
    return (EVERYTHING,) if user.is_operator else user.principals


def could_differ(change: TaskChange, query: TaskQuery) -> bool:
    """Whether this change can alter this list, now or when a deferred task comes back."""
    if not change.known:
        return True
    images = [image for image in (change.before, change.after) if image is not None]
    if any(image["followUpDate"] is not None for image in images):
        query = replace(query, deferred="show")
    return any(matches(image, query) for image in images)


def keys_of(document: Mapping[str, Any]) -> Iterable[str]:
    """Under which keys a task that comes back must be looked for."""
    return (EVERYTHING, *document["principals"])
