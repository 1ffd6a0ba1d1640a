"""One page of a list: filtered, sorted and paged in the database, within a time, with a total."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from pymongo import ASCENDING, DESCENDING
from pymongo.collection import Collection
from pymongo.errors import ExecutionTimeout, PyMongoError

from domain.errors import BadRequest, StoreUnavailable, TooBroad
from domain.query.searched import MAX_SORTED_LEAF
from domain.query.sort import SortKey, columns_of
from store.lists.keyset import beyond, from_token, position_of, to_token

Document = dict[str, Any]

MAX_SIZE = 200
EXACT_UP_TO = 10_000
MAX_MILLIS = 2000
"""A question that the database has not answered in this time is given up."""
_MAX_SKIP = 2**31
_SEARCHED: Final = ("words", "leaves", "folded", "findable", "entries", "involved", "correlated")
"""What is only there to be searched, and not read for a list."""
counting = ThreadPoolExecutor(32, "counting")
_TYPES: Final = (("int", "long", "double"), ("string",), ("bool",))


class Collections(Protocol):
    """The views' collections by their plain names: a database, or those that a pointer says are live."""

    def __getitem__(self, name: str, /) -> Collection[Document]: ...


@dataclass(frozen=True, slots=True)
class Page:
    """One page; `next` continues after its last document and is None at the end."""

    items: Sequence[Document]
    total: int
    total_is_at_least: bool
    next: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """Which page: by its number from 0, or `after` a token; `exact`: the total beyond 10,000, too."""

    page: int = 0
    size: int = 50
    after: str | None = None
    exact: bool = False

    def check(self) -> None:
        """Raise `BadRequest` for a page that cannot be."""
        check_page(self.page, self.size)


@dataclass(frozen=True, slots=True)
class Plan:
    """The index to find by and the one to count by, None where the database knows best."""

    find: str | None = None
    count: str | None = None
    among: Document = field(default_factory=dict)
    """What is true of everything that is asked for, and what the index is asked for."""
    total: int | None = None
    """How many there are, counted to one more than `EXACT_UP_TO`, where that is known already."""


def find_page(
    documents: Collection[Document], wanted: Mapping[str, Any], sort: Sequence[SortKey], place: Place
) -> Page:
    """One page of what is wanted; raises `BadRequest`, `TooBroad` and `StoreUnavailable`."""
    with translate_mongo_errors(), in_time():
        return read_page(documents, wanted, sort, place, Plan())


def read_page(
    documents: Collection[Document], wanted: Mapping[str, Any], sort: Sequence[SortKey], place: Place, plan: Plan
) -> Page:
    """The same, but raises what the driver raises."""
    place.check()
    position = None if place.after is None else from_token(place.after, sort)
    skip, limit = (0 if position else place.page * place.size), place.size + 1
    after = beyond(position, sort) if position else None
    # At once: neither needs the other.
    counted = counting.submit(_total, documents, wanted, place, plan)
    if any(key.payload for key in sort):
        hinted: dict[str, Any] = {"hint": plan.find} if plan.find else {}
        stages = _computed(wanted, sort, after, skip, limit)
        items = list(documents.aggregate(stages, maxTimeMS=MAX_MILLIS, **hinted))
    else:
        found = dict(wanted) if after is None else {"$and": [wanted, after]}
        asked: dict[str, Any] = {"skip": skip, "limit": limit, "max_time_ms": MAX_MILLIS, "hint": plan.find}
        items = list(documents.find(found, dict.fromkeys(_SEARCHED, 0), sort=order(sort), **asked))
    total = counted.result()
    more, items = len(items) > place.size, items[: place.size]
    token = to_token(position_of(items[-1], sort), sort) if more else None
    at_least = total > EXACT_UP_TO and not place.exact
    return Page([as_shown(one) for one in items], EXACT_UP_TO if at_least else total, at_least, token)


def as_shown(document: Document) -> Document:
    """Without what is only there to be searched."""
    return {name: value for name, value in document.items() if name not in _SEARCHED}


def count_up_to(
    documents: Collection[Document], wanted: Mapping[str, Any], most: int | None, hint: str | None = None
) -> int:
    """How many there are, not counted beyond `most`; by the server's own command, a third quicker than a pipeline."""
    asked: dict[str, Any] = {"count": documents.name, "query": dict(wanted), "maxTimeMS": MAX_MILLIS}
    if most is not None:
        asked["limit"] = most
    if hint is not None:
        asked["hint"] = hint
    if level := documents.read_concern.document:
        asked["readConcern"] = level
    return int(documents.database.command(asked)["n"])


def total_of(documents: Collection[Document], wanted: Mapping[str, Any], plan: Plan) -> int:
    """How many there are, counted to one more than is told exactly, unless the plan knows it."""
    return count_up_to(documents, wanted, EXACT_UP_TO + 1, plan.count) if plan.total is None else plan.total


def _total(documents: Collection[Document], wanted: Mapping[str, Any], place: Place, plan: Plan) -> int:
    return count_up_to(documents, wanted, None, plan.count) if place.exact else total_of(documents, wanted, plan)


def order(sort: Sequence[SortKey]) -> list[tuple[str, int]]:
    """By which paths the database sorts, the id breaking ties."""
    columns = columns_of(sort)
    return [*((one.path, DESCENDING if one.descending else ASCENDING) for one in columns), ("_id", ASCENDING)]


def check_page(page: int, size: int) -> None:
    """Raise `BadRequest` for a page that cannot be."""
    if not 1 <= size <= MAX_SIZE:
        raise BadRequest(f"size is 1 to {MAX_SIZE}, not {size}")
    if not 0 <= page * size < _MAX_SKIP:
        raise BadRequest(f"page {page} cannot be; pages count from 0")


@contextmanager
def translate_mongo_errors() -> Iterator[None]:
    """Translate what the driver raises: unreadable input is the asker's, everything else is the database's."""
    try:
        yield
    except (UnicodeEncodeError, OverflowError) as error:
        raise BadRequest(f"a value that cannot be searched for: {error}") from error
    except PyMongoError as error:
        raise StoreUnavailable(f"MongoDB: {type(error).__name__}") from error


@contextmanager
def in_time() -> Iterator[None]:
    """Raise `TooBroad` where the database had no time for it."""
    try:
        yield
    except ExecutionTimeout as error:
        raise TooBroad from error


def _computed(
    wanted: Mapping[str, Any], sort: Sequence[SortKey], after: Mapping[str, Any] | None, skip: int, limit: int
) -> list[Document]:
    """By values of the payload: computed for everything wanted, of which the first are taken."""
    columns = [column.path for number, key in enumerate(sort) if key.payload for column in key.columns(number)]
    stages: list[Document] = [{"$match": dict(wanted)}]
    for number, key in enumerate(sort):
        if key.payload:
            stages += _payload_columns(number, key)
    stages += [{"$match": dict(after)}] if after else []
    stages += [{"$sort": dict(order(sort))}, {"$skip": skip}, {"$limit": limit}, {"$unset": columns}]
    return stages


def _payload_columns(number: int, key: SortKey) -> list[Document]:
    kind, value = (column.path for column in key.columns(number))
    leaf = "$$leaf"
    is_one = {
        "$and": [
            {"$eq": [f"{leaf}.k", {"$literal": key.field}]},
            {"$in": [{"$type": f"{leaf}.v"}, [name for names in _TYPES for name in names]]},
        ]
    }
    leaves = {"$filter": {"input": {"$ifNull": ["$leaves", []]}, "as": "leaf", "cond": is_one}}
    found = {"$ifNull": [f"${value}.f", f"${value}.v"]}
    cases = [
        {"case": {"$in": [{"$type": f"${value}"}, list(names)]}, "then": key.rank(n)} for n, names in enumerate(_TYPES)
    ]
    text = {"$substrCP": [f"${value}", 0, MAX_SORTED_LEAF]}
    return [
        {"$set": {value: {"$first": leaves}}},
        {"$set": {value: {"$ifNull": [found, None]}}},
        {"$set": {kind: {"$switch": {"branches": cases, "default": len(_TYPES)}}}},
        {"$set": {value: {"$cond": [{"$eq": [{"$type": f"${value}"}, "string"]}, text, f"${value}"]}}},
    ]
