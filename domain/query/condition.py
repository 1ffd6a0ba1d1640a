"""What a document must be like: comparisons, joined by and, or and not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import ge, gt, le, lt
from typing import Any, Final, Literal, TypeAlias

from domain.access import User, may_see
from domain.query.fields import Fields
from domain.query.searched import value_at
from domain.values import fold

Of: TypeAlias = Literal["own", "entry", "payload"]
"""Of what: a field of the thing itself, a field of an entry it is about, or a path in the payload of either."""
_ORDERED: Final = {">": gt, ">=": ge, "<": lt, "<=": le}
OPERATORS = ("=", "!=", ">", ">=", "<", "<=", "~", "in", "[]")


class Present(str):
    """The moment a question is asked: asked again, it is another."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """`path op value`; `in` holds several values, `[]` two, both ends included.

    Holds when any of the values does that the path leads to; `!=` when none is equal. Null and what is missing match
    only `= null`, and `!=` of anything else.
    """

    of: Of
    path: str
    op: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """All of these; none at all is always true."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of these; of none at all there is none."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    condition: Condition


Condition: TypeAlias = Comparison | AllOf | AnyOf | Not


def comparisons(condition: Condition) -> Iterable[Comparison]:
    """All that are compared somewhere in it."""
    match condition:
        case Comparison():
            yield condition
        case Not(inner):
            yield from comparisons(inner)
        case AllOf(several) | AnyOf(several):
            for one in several:
                yield from comparisons(one)


def holds(document: Mapping[str, Any], condition: Condition, user: User) -> bool:
    """Whether it is so, as far as this user may know: of entries they may not see nothing counts."""
    match condition:
        case AllOf(several):
            return all(holds(document, one, user) for one in several)
        case AnyOf(several):
            return any(holds(document, one, user) for one in several)
        case Not(inner):
            return not holds(document, inner, user)
        case Comparison():
            return _compare(list(_values(document, condition, user)), condition)


def seen_entries(document: Mapping[str, Any], user: User) -> list[Mapping[str, Any]]:
    """The entries a task is about that this user may see."""
    return [
        entry
        for entry in document.get("entries") or ()
        if user.is_within(entry["application"]) and may_see(user, entry["principals"]) and not entry["deleted"]
    ]


def matches_words(document: Mapping[str, Any], words: Iterable[str], user: User) -> bool:
    """Whether each begins a word of it, or of an entry it is about. One without its words may contain every word."""
    if document.get("words") is None:
        return True
    own, wanted = document["words"], list(words)
    entries = seen_entries(document, user) if wanted else []
    return all(
        any(found.startswith(word) for found in own)
        or any(found.startswith(word) for entry in entries for found in entry["words"])
        for word in wanted
    )


def _values(document: Mapping[str, Any], comparison: Comparison, user: User) -> Iterable[Any]:
    if comparison.of == "own":
        yield from _several(value_at(document, stored_name(comparison.path)))
        return
    entries = seen_entries(document, user)
    if comparison.of == "entry":
        for entry in entries:
            yield from _several(value_at(entry, "key" if comparison.path == "id" else comparison.path))
        return
    for holder in (document, *entries):
        yield from (leaf["v"] for leaf in holder.get("leaves") or () if leaf["k"] == comparison.path)


def stored_name(path: str) -> str:
    """Where a document keeps the field."""
    return "_id" if path == "id" else path


def _several(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list | tuple) else (value,)


def _compare(values: list[Any], comparison: Comparison) -> bool:
    if comparison.op == "!=":
        return not _any_equal(values, comparison.values)
    if comparison.op in ("=", "in"):
        return _any_equal(values, comparison.values)
    return any(_ordered(value, comparison) for value in values)


def _any_equal(values: list[Any], wanted: tuple[Any, ...]) -> bool:
    if None in wanted and (None in values or all(value is None for value in values)):
        return True
    return any(_same(value, one) for value in values for one in wanted if one is not None)


def _same(value: Any, wanted: Any) -> bool:
    return _kind(value) == _kind(wanted) and bool(value == wanted)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "truth"
    if isinstance(value, str):
        return "text"
    return "number" if isinstance(value, int | float) else type(value).__name__


def _ordered(value: Any, comparison: Comparison) -> bool:
    first = comparison.values[0]
    if comparison.op == "~":
        return isinstance(value, str) and fold(str(first)) in fold(value)
    if value is None or _kind(value) != _kind(first):
        return False
    if comparison.op in _ORDERED:
        return bool(_ORDERED[comparison.op](value, first))
    last = comparison.values[1]
    return bool(first <= value) and _kind(value) == _kind(last) and bool(value <= last)


def together(fields: Fields, name: str, of: Of, op: str, values: tuple[Any, ...]) -> Condition:
    """A comparison by name; a name that stands for several fields holds where any of them does."""
    if name not in fields.together:
        return Comparison(of, name, op, values)
    if op == "!=":
        return Not(together(fields, name, of, "=", values))
    return AnyOf(tuple(Comparison(of, one, op, values) for one in fields.together[name]))
