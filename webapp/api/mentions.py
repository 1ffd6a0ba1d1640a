"""Who is named in a comment is to hear of it, if they may read the task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from domain.access import User
from domain.notices.notice import may_know, mention, mentioned
from webapp.services import services


def notice_mentions(task: Mapping[str, Any], comment: Mapping[str, Any]) -> None:
    """Durable when it returns; the same comment again changes nothing. Nobody is told by a system without a way to."""
    if not services().settings.notifying.is_on:
        return
    names = dict.fromkeys(user.name for user in _meant(comment["text"]) if may_know(user, task))
    names.pop(comment["user"], None)
    services().notices.add([mention(task["_id"], comment, name) for name in names], datetime.now(UTC))


def _meant(text: str) -> Iterator[User]:
    for names in mentioned(text):
        known = (services().accounts.user(name) for name in names)
        if user := next((one for one in known if one is not None), None):
            yield user
