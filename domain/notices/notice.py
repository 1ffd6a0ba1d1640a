"""A notice: a person is to hear of something about a task, once for an occasion, however often that is said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypeAlias

from domain.access import User, may_see
from domain.aggregates.task import OPEN
from domain.events.envelope import Envelope
from domain.identity import derived_id
from domain.values import parse_time

Kind: TypeAlias = Literal["assignment", "dueSoon", "overdue", "mention"]
KINDS: Final[tuple[Kind, ...]] = ("assignment", "dueSoon", "overdue", "mention")
NEWS: Final = timedelta(days=1)
"""What happened longer ago is no news: a log that is told again, or tasks that are imported, notify nobody."""
OVERDUE_FOR: Final = timedelta(days=7)
"""What was due longer ago is not noticed: neither when notices are first turned on, nor after they were forgotten."""
MOST_MENTIONED: Final = 20
_GIVING: Final = frozenset({"task.created", "task.assigned"})
_MENTION: Final = re.compile(r"(?<![\w@.+-])@(\w[\w.+@-]{0,199})")
_TAIL: Final = ".-+@"


@dataclass(frozen=True, slots=True)
class Notice:
    """Nothing of the task itself: that is looked up when it is told, if it may be told then."""

    id: str
    kind: Kind
    task_key: str
    user: str
    """Who is to hear of it."""
    time: str
    """When it came up, ISO-8601 UTC."""
    by: str | None = None
    """Whose doing it was, where somebody knows."""
    version: tuple[int, int] = (0, 0)
    """Generation and revision that the views must have reached to tell whether it is so."""
    comment_id: str | None = None
    due_date: str | None = None
    tasks: int = 1
    """About how many tasks the same was said at once, this one among them."""


def assignment(envelope: Envelope, by: str | None, now: datetime) -> Notice | None:
    """That the task is theirs; None where nobody has it, they took it themselves, or it is no news.

    `by` is who had it assigned, where a person did. A task that is made with an assignee was not taken by them, nor
    assigned by whoever completed the one before.
    """
    if envelope.type not in _GIVING or not is_news(envelope, now):
        return None
    state, made = envelope.state, envelope.type == "task.created"
    user = state.get("assignee")
    if not isinstance(user, str) or not user or state.get("state") != OPEN or (by == user and not made):
        return None
    version = envelope.generation, envelope.revision
    notice_id = derived_id("notice", "assignment", envelope.key.opaque, *map(str, version), user)
    return Notice(notice_id, "assignment", envelope.key.opaque, user, envelope.time, None if made else by, version)


def is_news(envelope: Envelope, now: datetime) -> bool:
    """Whether it has happened lately; a task that is imported was made long ago, whenever that is said."""
    since = envelope.state.get("createTime") if envelope.type == "task.created" else envelope.time
    return _is_lately(envelope.time, now) and _is_lately(since, now)


def mention(task_key: str, comment: Mapping[str, Any], user: str, tasks: int = 1) -> Notice:
    """That a comment says their name; `tasks`: about so many the same was said at once."""
    comment_id = comment["_id"]
    notice_id = derived_id("notice", "mention", task_key, comment_id, user)
    made = Notice(notice_id, "mention", task_key, user, comment["time"], comment["user"], comment_id=comment_id)
    return replace(made, tasks=tasks)


def due(task_key: str, user: str, due_date: str, now: datetime, time: str) -> Notice:
    """That a task of theirs is due soon, or was due."""
    kind: Kind = "overdue" if _moment(due_date, now) <= now else "dueSoon"
    notice_id = derived_id("notice", kind, task_key, due_date, user)
    return Notice(notice_id, kind, task_key, user, time, due_date=due_date)


def mentioned(text: str) -> Iterator[tuple[str, ...]]:
    """What may be meant by each `@name`, the likeliest first: a full stop ends the sentence, or belongs to it."""
    for number, found in enumerate(_MENTION.finditer(text)):
        if number == MOST_MENTIONED:
            return
        name = found.group(1)
        shorter = name.rstrip(_TAIL)
        yield (name,) if shorter == name else (name, shorter)


def may_know(user: User, task: Mapping[str, Any]) -> bool:
    """Whether this person may read the task, as every list judges it."""
    was_theirs = task.get("completedBy") == user.name and user.is_of(task.get("tenantId"))
    return (was_theirs or may_see(user, task.get("principals", ()))) and user.is_within(task["application"])


def has_caught_up(version: tuple[int, int], task: Mapping[str, Any] | None) -> bool:
    """Whether the views know as much of the task as the notice does."""
    return task is not None and (task["generation"], task["revision"]) >= version


def is_still_so(notice: Notice, task: Mapping[str, Any], now: datetime) -> bool:
    """Whether it would be told now; a mention is about a comment, which may be read after the task is over."""
    if notice.kind == "mention":
        return True
    is_theirs = task.get("state") == OPEN and task.get("assignee") == notice.user
    if notice.kind == "assignment" or not is_theirs:
        return is_theirs
    same = task.get("dueDate") == notice.due_date
    return same and (notice.kind == "overdue" or _moment(notice.due_date, now) > now)


def _is_lately(time: Any, now: datetime) -> bool:
    return -NEWS <= now - _moment(time, now) <= NEWS


def _moment(time: Any, otherwise: datetime) -> datetime:
    """An engine outside may say a time that is none."""
    try:
        return parse_time(time)
    except (TypeError, ValueError):
        return otherwise
