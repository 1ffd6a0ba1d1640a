"""What a span of changes means for one person's list: tasks that entered, changed in place, or left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from domain.query.task_query import TaskQuery, matches
from store.live.ring import Document, TaskChange

EVERYTHING = "*"


@dataclass(slots=True)
class Deltas:
    """Tasks by what happened to them, as the asker's list sees it."""

    entered: list[Document] = field(default_factory=list)
    updated: list[Document] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.entered or self.updated or self.left)


def compute_deltas(changes: Sequence[TaskChange], query: TaskQuery, then: str) -> Deltas:
    """One delta per task over the whole span: `then` is when it began, `query.now` when it ended.

    A list may have been read after the span began: what came and went within it may be shown, and is told to have left.
    """
    spans: dict[str, list[TaskChange]] = defaultdict(list)
    for change in changes:
        spans[change.task_id].append(change)
    deltas, before = Deltas(), replace(query, now=then)
    for task_id, span in spans.items():
        of_itself = [change for change in span if not change.touch] or span
        after = of_itself[-1].after
        was = matches(of_itself[0].before, before)
        if after is not None and matches(after, query):
            (deltas.updated if was else deltas.entered).append(after)
        elif was or any(_was_seen(change, one) for change in span for one in (before, query, *_earlier(before))):
            deltas.left.append(task_id)
    return deltas


def _earlier(query: TaskQuery) -> Sequence[TaskQuery]:
    """What such a list may have shown while the present was another: told to have left too often, it harms nobody."""
    return (replace(query, filters=()),) if query.moves else ()


def _was_seen(change: TaskChange, query: TaskQuery) -> bool:
    return matches(change.before, query) or matches(change.after, query)


def notified_keys(change: TaskChange) -> set[str]:
    """Everybody whose list could show the difference."""
    keys = {EVERYTHING}
    for image in (change.before, change.after):
        if image is not None:
            keys.update(image["principals"], (f"user:{image['completedBy']}",))
    return keys


def subscribed_keys(query: TaskQuery) -> Sequence[str]:
    """Under which of those keys this query must be woken."""
    user = query.user
    match query.scope:
        case "completed":
            return (f"user:{user.name}",)
        case "group":
            return user.group_principals
    # What is an operator's own may be of any tenant.
    return (EVERYTHING,) if user.is_operator else user.principals


def may_affect(change: TaskChange, query: TaskQuery) -> bool:
    """Whether this change can alter this list, now or when a deferred task comes back."""
    if not change.known:
        return True
    images = [image for image in (change.before, change.after) if image is not None]
    if any(image["followUpDate"] is not None for image in images):
        query = replace(query, deferred="show")
    return any(matches(image, one) for image in images for one in (query, *_earlier(query)))


def keys_of(document: Mapping[str, Any]) -> Iterable[str]:
    """Under which keys a task that comes back must be looked for."""
    return (EVERYTHING, *document["principals"])
