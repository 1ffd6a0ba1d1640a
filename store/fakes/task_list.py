"""The task list without a database, for tests: the same answers from `domain.query.task_query.matches`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cmp_to_key
from typing import Any

from domain.query.sort import SortKey, columns_of
from domain.query.task_query import COUNTED, MOST_VALUES, Scope, TaskQuery, counted_by, matches
from store.lists.facets import FacetValue
from store.lists.keyset import Position, from_token, position_of, to_token
from store.lists.pages import EXACT_UP_TO, Page, Place, as_shown


class MemoryTaskList:
    """Holds task documents in a dictionary and answers like `TaskList`."""

    def __init__(self, documents: Iterable[dict[str, Any]] = ()) -> None:
        self.documents = {document["_id"]: document for document in documents}

    def find(self, query: TaskQuery, sort: Sequence[SortKey], place: Place = Place()) -> Page:  # noqa: B008 - frozen
        """One page of what the query asks for."""
        place.check()
        found = [document for document in self.documents.values() if matches(document, query)]
        found.sort(key=cmp_to_key(lambda left, right: _compare(left, right, sort)))
        skip = place.page * place.size
        rest = found[skip:] if place.after is None else _after(found, from_token(place.after, sort), sort)
        items, more = rest[: place.size], len(rest) > place.size
        token = to_token(position_of(items[-1], sort), sort) if more else None
        at_least = len(found) > EXACT_UP_TO and not place.exact
        shown = [as_shown(one) for one in items]
        return Page(shown, EXACT_UP_TO if at_least else len(found), at_least, token)

    def counts(self, query: TaskQuery) -> dict[Scope, int]:
        """How many tasks each scope has."""
        found = {scope: replace(query, scope=scope) for scope in COUNTED}
        return {
            scope: min(sum(matches(document, one) for document in self.documents.values()), EXACT_UP_TO + 1)
            for scope, one in found.items()
        }

    def facets(self, query: TaskQuery, fields: Sequence[str]) -> dict[str, list[FacetValue]]:
        """How many of the tasks have which values of these fields, the most frequent first."""
        found = [document for document in self.documents.values() if matches(document, query)]
        counted = {
            field: Counter(value for document in found for value in counted_by(document, field, query.user))
            for field in fields
        }
        # Nothing is before everything, as in the database.
        frequent = {
            field: sorted(
                values.items(), key=lambda item: (-item[1], item[0] is not None, 0 if item[0] is None else item[0])
            )
            for field, values in counted.items()
        }
        return {
            field: [FacetValue(value, count) for value, count in values[:MOST_VALUES]]
            for field, values in frequent.items()
        }


def _after(found: Sequence[dict[str, Any]], position: Position, sort: Sequence[SortKey]) -> list[dict[str, Any]]:
    return [document for document in found if _compare_positions(position_of(document, sort), position, sort) > 0]


def _compare(left: Mapping[str, Any], right: Mapping[str, Any], sort: Sequence[SortKey]) -> int:
    return _compare_positions(position_of(left, sort), position_of(right, sort), sort)


def _compare_positions(left: Position, right: Position, sort: Sequence[SortKey]) -> int:
    for column, one, other in zip(columns_of(sort), left.values, right.values, strict=True):
        if one != other:
            return _nulls_low(one, other) * (-1 if column.descending else 1)
    return (left.id > right.id) - (left.id < right.id)


def _nulls_low(one: Any, other: Any) -> int:
    if one is None or other is None:
        return -1 if one is None else 1
    return 1 if one > other else -1
