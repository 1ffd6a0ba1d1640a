"""Which index answers a question about tasks: said here, as the database guesses by what it was asked before.

What few tasks have is looked up by that and then sorted; otherwise the list is walked in its order until the page is
full. How many have it, an index knows: one that has what a task contains together with who sees it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pymongo.collection import Collection

from domain.access import OPERATORS
from domain.query.condition import Comparison
from domain.query.sort import SortKey
from domain.query.task_query import TaskQuery
from store.lists.conditions import begins
from store.lists.many import FEW, all_of, leaf_keys, look, of_leaf
from store.lists.pages import MAX_MILLIS, Document, Plan, count_up_to
from store.views.indexes import ENTRY_LEAVES, ENTRY_WORDS, FACETED, FINDABLE, SELECTIVE, SORTED_BY, UNASSIGNED, WORDS

_VERY_FEW: Final = 500
"""Tasks that are looked at one by one even where it is known how many there are."""
_OPEN: Final = {"state": "open"}
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
    found = look(documents, query)
    is_exact = found is not None and found.is_certain and _asks_nothing_else(query)
    if found is not None and found.count < (_VERY_FEW if is_exact else FEW):
        return Plan("_id_", "_id_", {"_id": {"$in": found.ids()}})
    if query.scope not in _WALKED:
        return Plan()
    walked = _BY_SORT.get(",".join(f"{'-' if key.descending else ''}{key.field}" for key in sort if not key.payload))
    plain = not query.filters and not query.words
    counted_by = UNASSIGNED if query.scope == "unassigned" else FACETED
    return Plan(walked, counted_by if plain else None, total=found.count if found is not None and is_exact else None)


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
    return len(query.filters) + len(query.words) == 1 and all(isinstance(one, Comparison) for one in query.filters)


def _ways(query: TaskQuery) -> Iterator[_Way]:
    for word in query.words:
        yield _Way(((WORDS, begins("words", word)), (ENTRY_WORDS, begins("entries.words", word))))
    for test in all_of(query.filters):
        if test.op not in ("=", "in") or None in test.values:
            continue
        # An empty parent is in no index.
        if test.of == "own" and test.path in SELECTIVE and "" not in test.values:
            yield _Way(((test.path, {test.path: {"$in": list(test.values)}}),))
        elif test.of == "payload":
            keys = leaf_keys(test, OPERATORS)
            yield _Way(((FINDABLE, {"findable": {"$in": keys}}), (ENTRY_LEAVES, of_leaf(test)[1])))
