"""What people did, as the views keep it: to tasks by their histories, all else and what was refused by commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, get_args

from pymongo.collection import Collection
from pymongo.errors import OperationFailure

from domain.acts import Act, Place, Wanted
from domain.aggregates.command import PENDING
from domain.requests.request import JobAction
from store.lists.pages import MAX_MILLIS, Collections, Document, in_time, translate_mongo_errors
from store.lists.task_list import NO_SUCH_INDEX
from store.views.indexes import ACTS, ACTS_OF_ONE, COMMANDED, REFUSED, REFUSED_ON_TASKS

_JOBS: Final = list(get_args(JobAction))
"""What workers do all day, and nobody decides."""
_TOLD: Final = ("process_instance", "process_definition", "task")
_MOST_TOLD = 20
_PRIVATE: Final = ("payload", "correlations")
"""Of what has changed, these are not for a list of who did what."""


class ActsInViews:
    """Newest first, behind a place, at most so many; raises `TooBroad` and `StoreUnavailable`."""

    def __init__(self, views: Collections) -> None:
        self._views = views

    def on_tasks(self, wanted: Wanted, after: Place | None, most: int) -> list[Act]:
        """What was done to tasks; `action` is the type of the event."""
        # Whoever it was: that it was somebody, the index knows.
        asked: Document = {"by": wanted.user or {"$gt": ""}, **within("time", wanted, after)}
        if wanted.action is not None:
            asked["type"] = wanted.action
        found = newest(self._views["task_history"], asked, "time", most, ACTS_OF_ONE if wanted.user else ACTS)
        names = self._names([one["taskKey"] for one in found])
        return [_on_task(one, names) for one in found]

    def by_command(self, wanted: Wanted, after: Place | None, most: int) -> list[Act]:
        """What was asked of engines beside that, and what became of it."""
        asked = {"taskKey": None, "status": {"$ne": PENDING}, **_commanded(wanted, after)}
        return [_by_command(one) for one in newest(self._views["command"], asked, "eventTime", most, COMMANDED)]

    def refused(self, wanted: Wanted, after: Place | None, most: int) -> list[Act]:
        """What was asked to be done to tasks, and was not."""
        asked = {**REFUSED_ON_TASKS, "status": {"$ne": PENDING}, **_commanded(wanted, after)}
        found = newest(self._views["command"], asked, "eventTime", most, REFUSED)
        names = self._names([one["taskKey"] for one in found])
        return [replace(_by_command(one), about=(_task(one["taskKey"], names),)) for one in found]

    def _names(self, keys: Sequence[str]) -> dict[str, str | None]:
        with translate_mongo_errors():
            found = self._views["task"].find({"_id": {"$in": keys}}, {"name": 1})
            return {one["_id"]: one.get("name") for one in found}


def newest(documents: Collection[Document], asked: Document, time: str, most: int, index: str) -> Sequence[Document]:
    """By an index that has their order; raises `TooBroad` and `StoreUnavailable`."""
    order: Any = [(time, -1), ("_id", -1)]

    def find(hint: str | None) -> list[Document]:
        return list(documents.find(asked, sort=order, limit=most, hint=hint, max_time_ms=MAX_MILLIS))

    with translate_mongo_errors(), in_time():
        try:
            return find(index)
        except OperationFailure as error:
            if error.code != NO_SUCH_INDEX:
                raise
        # Somebody has dropped it, and whoever looks after the views will make it again.
        return find(None)


def _commanded(wanted: Wanted, after: Place | None) -> Document:
    """Commands of people, in the time asked for, behind a place."""
    asked = {"user": wanted.user or {"$gt": ""}, "action": wanted.action or {"$nin": _JOBS}}
    return {**asked, **within("eventTime", wanted, after)}


def within(time: str, wanted: Wanted, after: Place | None) -> Document:
    """In the time asked for and of the application, behind a place."""
    spans: list[Document] = [{time: {"$gte": wanted.begin or ""}}]
    if wanted.end is not None:
        spans.append({time: {"$lt": wanted.end}})
    if after is not None:
        moment, last = after
        spans += [{time: {"$lte": moment}}, {"$or": [{time: {"$lt": moment}}, {"_id": {"$lt": last}}]}]
    return {"$and": spans, **({"application": wanted.application} if wanted.application else {})}


def _on_task(entry: Document, names: Mapping[str, str | None]) -> Act:
    changes = entry.get("changes") or {}
    return Act(
        id=entry["_id"],
        time=entry["time"],
        user=entry["by"],
        action=entry["type"],
        application=entry["application"],
        place=(entry["time"], entry["_id"]),
        about=(_task(entry["taskKey"], names),),
        details={name: value for name, value in changes.items() if name not in _PRIVATE},
    )


def _task(key: str, names: Mapping[str, str | None]) -> dict[str, str | None]:
    return {"kind": "task", "id": key, "name": names.get(key)}


def _by_command(command: Document) -> Act:
    produced = [one for one in command.get("produced") or () if one["aggregate"] in _TOLD]
    return Act(
        id=command["_id"],
        time=command["eventTime"],
        user=command["user"],
        action=command["action"],
        application=command["application"],
        place=(command["eventTime"], command["_id"]),
        about=tuple({"kind": one["aggregate"], "id": one["key"], "name": None} for one in produced[:_MOST_TOLD]),
        status=command["status"],
        details={"problem": command["problem"]} if command.get("problem") else {},
    )
