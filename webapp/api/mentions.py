"""Who is named in a comment is to hear of it, if they may read the task."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from domain.access import User
from domain.notices.notice import may_know, mention, mentioned
from webapp.services import services


def notice_mentions(said: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> None:
    """Who is named in these comments of one request, each with its task, hears of it once, and of how many.

    Durable when it returns; the same again changes nothing. Nobody is told by a system without a way to.
    """
    if not services().settings.notifying.tells_people:
        return
    named: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    for task, one in said:
        for name in _named(task, one):
            named.setdefault(name, []).append((task["_id"], one))
    # The same of them at each repeat, in whatever order they were found.
    firsts = [(name, min(them, key=itemgetter(0)), len(them)) for name, them in named.items()]
    services().notices.add([mention(*first, name, many) for name, first, many in firsts], datetime.now(UTC))


def _named(task: Mapping[str, Any], comment: Mapping[str, Any]) -> Iterable[str]:
    names = dict.fromkeys(user.name for user in _meant(comment["text"]) if may_know(user, task))
    names.pop(comment["user"], None)
    return names


def _meant(text: str) -> Iterator[User]:
    for names in mentioned(text):
        known = (services().accounts.user(name) for name in names)
        if user := next((one for one in known if one is not None), None):
            yield user
