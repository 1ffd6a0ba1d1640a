"""Positions in a sorted list: opaque tokens, and the condition `everything after it`."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.errors import BadRequest
from domain.query.sort import Column, SortKey, columns_of

_DIGEST = 8


@dataclass(frozen=True, slots=True)
class Position:
    """The sort values and the id of the last task seen."""

    values: tuple[Any, ...]
    id: str


def position_of(document: Mapping[str, Any], sort: Sequence[SortKey]) -> Position:
    """Where the document stands in this order."""
    return Position(tuple(value for key in sort for value in key.values(document)), document["_id"])


def to_token(position: Position, sort: Sequence[SortKey]) -> str:
    """An opaque, URL-safe token that only fits the same order."""
    body = json.dumps(
        [[key.path for key in sort], list(position.values), position.id], separators=(",", ":"), ensure_ascii=False
    ).encode("utf-8", "surrogatepass")
    return base64.urlsafe_b64encode(_digest(body) + body).decode().rstrip("=")


def from_token(token: str, sort: Sequence[SortKey]) -> Position:
    """Read a token; raises `BadRequest` for garbage and for a token of another order."""
    try:
        raw = base64.b64decode(token.encode("ascii") + b"=" * (-len(token) % 4), altchars=b"-_", validate=True)
        if _digest(raw[_DIGEST:]) != raw[:_DIGEST]:
            raise ValueError("digest")
        paths, values, last = json.loads(raw[_DIGEST:])
    except ValueError:
        raise BadRequest("`after` is not a token this list has given out") from None
    if paths != [key.path for key in sort]:
        raise BadRequest("`after` belongs to another sort order")
    if len(values) != len(columns_of(sort)):
        raise BadRequest("`after` belongs to another sort order")
    return Position(tuple(values), last)


def beyond(position: Position, sort: Sequence[SortKey]) -> dict[str, Any]:
    """Everything that comes after the position, the id breaking ties.

    Said as a bound on the first key and `not up to here`: alternatives would make the database sort.
    """
    up_to_here: list[dict[str, Any]] = []
    equal: dict[str, Any] = {}
    columns = columns_of(sort)
    for column, value in zip(columns, position.values, strict=True):
        before = {column.path: _before(column, value)}
        up_to_here.append({"$and": [equal, before]} if equal else before)
        equal = {**equal, column.path: {"$eq": value}}
    up_to_here.append({**equal, "_id": {"$lte": position.id}})
    first = {columns[0].path: {"$not": _before(columns[0], position.values[0])}}
    return {**first, "$nor": up_to_here}


def _before(key: Column, value: Any) -> dict[str, Any]:
    """Descending, everything comes before null, and no comparison operator crosses from a value to null."""
    if not key.descending:
        return {"$lt": value}
    return {"$ne": None} if value is None else {"$gt": value}


def _digest(body: bytes) -> bytes:
    return hashlib.sha256(b"keyset" + body).digest()[:_DIGEST]
