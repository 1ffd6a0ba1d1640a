"""Which index answers a question about tasks: said here, as the database guesses by what it was asked before.

What few tasks have is looked up by that and then sorted; otherwise the list is walked in its order until the page is
full. How many have it, an index knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pymongo.collection import Collection

from domain.query.condition import AllOf, Comparison, Condition
from domain.query.searched import LAST
from domain.query.sort import SortKey
from domain.query.task_query import TaskQuery
from domain.values import fold
from store.lists.conditions import begins, leaf_of
from store.lists.pages import EXACT_UP_TO, MAX_MILLIS, Document, Plan, count_up_to
from store.lists.task_query import in_scope, in_time
from store.views.indexes import ENTRY_LEAVES, ENTRY_WORDS, FACETED, LEAVES, SELECTIVE, SORTED_BY, UNASSIGNED, WORDS

FEW, _VERY_FEW = 5_000, 500
"""Tasks that are looked at one by one, and those of which that is done even where it is known how many there are."""
_OPEN: Final = {"state": "open"}
_SHORTEST_CUT: Final = 39
"""Bytes of a sort key that may be cut: with what JSON writes in six, that is few."""
_MAYBE_CUT: Final = r'["\\\x00-\x1f]|^[\s\S]{50}'
"""A sort key that may be cut: of 240 bytes as JSON, which with none of these are more than fifty characters."""
_WALKED: Final = ("visible", "group", "unassigned")
_OPEN_SCOPES: Final = (*_WALKED, "mine")
_BY_SORT: Final = {"-priority,dueDate": "list_principals", **{name: f"sorted_{name}" for name in SORTED_BY}}


@dataclass(frozen=True, slots=True)
class _Way:
    """Indexes that together find all of which a condition is true, and more, each with what it is asked for."""

    asked: tuple[tuple[str, Document], ...]


def plan(documents: Collection[Document], query: TaskQuery, sort: Sequence[SortKey]) -> Plan:
    """How to answer; asks the database how many tasks have what is asked for."""
    if query.scope not in _OPEN_SCOPES:
        return Plan()
    counted = [(_sizes(documents, way), way) for way in _ways(query)]
    few = min((one for one in counted if sum(one[0]) < FEW), key=lambda one: sum(one[0]), default=None)
    if few is not None:
        return _looked_up(documents, *few)
    found = named.look(documents) if (named := _Named.of(query)) else None
    if found is not None and (len(found.ids) < _VERY_FEW or (not found.is_certain and len(found.ids) < FEW)):
        return Plan("_id_", "_id_", {"_id": {"$in": found.ids}})
    if query.scope not in _WALKED:
        return Plan()
    walked = _BY_SORT.get(",".join(f"{'-' if key.descending else ''}{key.field}" for key in sort if not key.payload))
    plain = not query.filters and not query.words
    counted_by = UNASSIGNED if query.scope == "unassigned" else FACETED
    total = len(found.ids) if found is not None and found.is_certain and _asks_nothing_else(query) else None
    return Plan(walked, counted_by if plain else None, total=total, surely=_surely(documents, query))


def _sizes(documents: Collection[Document], way: _Way) -> list[int]:
    return [count_up_to(documents, {**asked, **_OPEN}, FEW, index) for index, asked in way.asked]


def _looked_up(documents: Collection[Document], sizes: Sequence[int], way: _Way) -> Plan:
    found = [asked for size, asked in zip(sizes, way.asked, strict=True) if size] or way.asked[:1]
    if len(found) == 1:
        [(index, asked)] = found
        return Plan(index, index, asked)
    ids = {
        one["_id"]
        for index, asked in found
        for one in documents.find({**asked, **_OPEN}, {"_id": 1}, hint=index, max_time_ms=MAX_MILLIS)
    }
    return Plan("_id_", "_id_", {"_id": {"$in": sorted(ids)}})


def _asks_nothing_else(query: TaskQuery) -> bool:
    return len(query.filters) == 1 and not query.words and isinstance(query.filters[0], Comparison)


def _surely(documents: Collection[Document], query: TaskQuery) -> Callable[[], int] | None:
    """Operators see every task that a word is found in."""
    if query.user.is_operator and query.scope == "visible" and len(query.words) == 1 and not query.filters:
        asked = {**begins("words", query.words[0]), **_OPEN, **in_time(query)}
        return lambda: count_up_to(documents, asked, EXACT_UP_TO + 1, WORDS)
    return None


@dataclass(frozen=True, slots=True)
class _Named:
    """Tasks whose name has a text in it, told from the index by name alone.

    A condition on what an index keeps of a list's documents is not asked of the index but of each document; a stage of
    its own, behind one that computes something, is asked of what the index holds.
    """

    seen: Document
    text: str

    @classmethod
    def of(cls, query: TaskQuery) -> _Named | None:
        if query.scope not in ("visible", "group") or query.user.application is not None:
            return None
        for test in _all_of(query.filters):
            text = fold(str(test.values[0]))
            # What stands for no name is kept in place of one.
            if (test.of, test.path, test.op) == ("own", "name", "~") and text not in LAST:
                return cls({**in_scope(query), **in_time(query)}, text)
        return None

    def look(self, documents: Collection[Document]) -> _Found:
        """What is called so, and what may be since it is cut in the index; to one more than is told exactly."""
        name = {"$ifNull": ["$order.up.name", ""]}
        contains = {"$gte": [{"$indexOfBytes": [name, {"$literal": self.text}]}, 0]}
        is_long = {"$gte": [{"$strLenBytes": name}, _SHORTEST_CUT]}
        stages: list[Document] = [
            {"$match": self.seen},
            {"$project": {"it": {"$cond": [contains, 1, {"$cond": [is_long, name, 0]}]}}},
            {"$match": {"$or": [{"it": 1}, {"it": {"$regex": _MAYBE_CUT}}]}},
            {"$limit": EXACT_UP_TO + 1},
        ]
        found = list(documents.aggregate(stages, hint="sorted_name", maxTimeMS=MAX_MILLIS))
        return _Found(sorted(one["_id"] for one in found), all(one["it"] == 1 for one in found))


@dataclass(frozen=True, slots=True)
class _Found:
    ids: Sequence[str]
    is_certain: bool


def _ways(query: TaskQuery) -> Iterator[_Way]:
    for word in query.words:
        yield _Way(((WORDS, begins("words", word)), (ENTRY_WORDS, begins("entries.words", word))))
    for test in _all_of(query.filters):
        if test.op not in ("=", "in") or None in test.values:
            continue
        if test.of == "own" and test.path in SELECTIVE:
            yield _Way(((test.path, {test.path: {"$in": list(test.values)}}),))
        elif test.of == "payload":
            leaf = leaf_of(test)
            of_entry = {"entries.leaves": {"$elemMatch": leaf}}
            yield _Way(((LEAVES, {"leaves": {"$elemMatch": leaf}}), (ENTRY_LEAVES, of_entry)))


def _all_of(conditions: Sequence[Condition]) -> Iterator[Comparison]:
    """What must hold in any case."""
    for one in conditions:
        if isinstance(one, Comparison):
            yield one
        elif isinstance(one, AllOf):
            yield from _all_of(one.conditions)
