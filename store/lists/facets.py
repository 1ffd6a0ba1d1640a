"""How many tasks have which values: counted, or where they are too many told by a share of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pymongo.collection import Collection
from pymongo.errors import ExecutionTimeout

from domain.access import User
from domain.errors import TooBroad
from domain.query.task_query import GROUPS, MOST_VALUES, TaskQuery
from store.lists.pages import EXACT_UP_TO, MAX_MILLIS, Document, Plan, count_up_to, counting

SHARED: Final = 16_000
"""Tasks that are looked at to tell of the others."""
_SURELY: Final = 25
"""Of those that are looked at, so many must have a value for it to be told: it is right to a fifth, mostly."""
_FEWEST_SHARES, _VERY_MANY = 20, 50_000
_SHARE_MILLIS: Final = 500
_IDS: Final = 16**4
"""Ids are digests: as many begin with one four digits as with any other."""


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value that tasks have, None included, and how many have it; `is_about`: told by a share of them."""

    value: Any
    count: int
    is_about: bool = False


Facets = dict[str, list[FacetValue]]


def count_facets(
    tasks: Collection[Document], query: TaskQuery, fields: Sequence[str], chosen: Plan, wanted: Document
) -> Facets:
    """By field, the most frequent first; raises what the driver raises, and `TooBroad` where nothing could be told.

    Operators see everything: where that is very much, it is not even tried to count it one by one.
    """
    counter = _Counter(tasks, query.user, fields)
    ids = _share(tasks.estimated_document_count())
    if ids is None:
        return _told(counter.count(wanted, chosen.count, MAX_MILLIS))
    try:
        if query.user.is_operator and _are_very_many(tasks, wanted, chosen):
            return _about(counter.count({"$and": [_below(ids), wanted]}, "_id_", MAX_MILLIS), ids)
        return _told(counter.count(wanted, chosen.count, MAX_MILLIS - _SHARE_MILLIS))
    except ExecutionTimeout:
        told = _about(counter.count({"$and": [_below(ids), wanted]}, "_id_", _SHARE_MILLIS), ids)
        if not any(told.values()):
            raise TooBroad from None
        return told


def _are_very_many(tasks: Collection[Document], wanted: Document, chosen: Plan) -> bool:
    if chosen.among or (chosen.total is not None and chosen.total <= EXACT_UP_TO):
        return False
    return count_up_to(tasks, wanted, _VERY_MANY, chosen.count) == _VERY_MANY


def _share(documents: int) -> int | None:
    """Of all beginnings of ids, those of the tasks to look at; None where there are not so many tasks."""
    shares = documents // SHARED
    return _IDS // min(shares, _IDS) if shares >= _FEWEST_SHARES else None


def _below(ids: int) -> Document:
    return {"_id": {"$lt": f"{ids:04x}"}}


@dataclass(frozen=True, slots=True)
class _Counter:
    tasks: Collection[Document]
    user: User
    fields: Sequence[str]

    def count(self, wanted: Document, index: str | None, millis: int) -> dict[str, list[Document]]:
        """By field, values with their counts, in so many milliseconds."""
        # Reading the index is a fifth of it, so two share the work.
        halves = [half for half in (self.fields[::2], self.fields[1::2]) if half]
        told = counting.map(lambda half: self._some(half, wanted, index, millis), halves)
        found = {field: values for some in told for field, values in some.items()}
        return {field: found[field] for field in self.fields}

    def _some(self, fields: Sequence[str], wanted: Document, index: str | None, millis: int) -> dict[str, Any]:
        # Measured: grouping by several fields at once, or one after the other, takes twice as long.
        shown = {"_id": 0, **{field: _groups(self.user) if field == GROUPS else 1 for field in fields}}
        counted = {field: _by_value(field) for field in fields}
        pipeline: list[Document] = [{"$match": wanted}, {"$project": shown}, {"$facet": counted}]
        hinted: dict[str, Any] = {"hint": index} if index else {}
        [found] = self.tasks.aggregate(pipeline, maxTimeMS=millis, **hinted)
        return dict(found)


def _told(found: dict[str, list[Document]]) -> Facets:
    return {field: [FacetValue(one["_id"], one["count"]) for one in values] for field, values in found.items()}


def _about(found: dict[str, list[Document]], ids: int) -> Facets:
    return {
        field: [
            FacetValue(one["_id"], _two_digits(one["count"] * _IDS // ids), is_about=True)
            for one in values
            if one["count"] >= _SURELY
        ]
        for field, values in found.items()
    }


def _two_digits(number: int) -> int:
    """More would not be true."""
    return round(number, 2 - len(str(number)))


def _by_value(field: str) -> list[Document]:
    several = [{"$unwind": f"${field}"}] if field == GROUPS else []
    counted = {"$group": {"_id": {"$ifNull": [f"${field}", None]}, "count": {"$sum": 1}}}
    return [*several, counted, {"$sort": {"count": -1, "_id": 1}}, {"$limit": MOST_VALUES}]


def _groups(user: User) -> Document:
    """Those a task is offered to, each once, that this user may be told of."""
    offered = {"$ifNull": ["$candidateGroups", []]}
    if user.is_operator:
        return {"$setUnion": [offered, []]}
    return {"$setIntersection": [offered, {"$literal": list(user.groups)}]}
