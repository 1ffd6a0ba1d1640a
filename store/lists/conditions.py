"""Conditions told to MongoDB; they mean exactly what `domain.query.condition.holds` means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from domain.access import User
from domain.query.condition import AllOf, AnyOf, Comparison, Condition, Not, Present, stored_name
from domain.query.fields import ENTRY, Fields
from domain.query.searched import folded_name
from domain.values import fold

Asked = dict[str, Any]

_OPERATORS: Final = {"=": "$eq", ">": "$gt", ">=": "$gte", "<": "$lt", "<=": "$lte"}
_INT64 = 2**63
_NOTHING: Final[Asked] = {"_id": {"$in": []}}


@dataclass(frozen=True, slots=True)
class PlainQuery:
    """What one person wants to see of a list: fields that are equal, filters that all hold, words that begin words."""

    user: User
    equal: Mapping[str, str] = field(default_factory=dict)
    filters: tuple[Condition, ...] = ()
    words: tuple[str, ...] = ()


def asked_of(query: PlainQuery, fields: Fields, *rights: Mapping[str, Any]) -> Asked:
    """All of it, with who may see first."""
    conditions = [
        *map(dict, rights),
        dict(query.equal),
        *(to_mongo(test, fields, query.user) for test in query.filters),
        *has_words(query.words, fields, query.user),
    ]
    return {"$and": [condition for condition in conditions if condition]}


def to_mongo(condition: Condition, fields: Fields, user: User) -> Asked:
    """The query document; of entries the user may not see nothing counts."""
    match condition:
        case AllOf(several):
            return {"$and": [to_mongo(one, fields, user) for one in several]} if several else {}
        case AnyOf(several):
            return {"$or": [to_mongo(one, fields, user) for one in several]} if several else _NOTHING
        case Not(inner):
            return {"$nor": [to_mongo(inner, fields, user)]}
        case Comparison():
            return _compare(condition, fields, user)


def has_words(words: Iterable[str], fields: Fields, user: User) -> list[Asked]:
    """Each begins a word of the document, or of an entry it is about that the user may see."""
    return [_has_word(word, fields, user) for word in words]


def bound(user: User) -> Asked:
    """A service sees its own application's and nothing else."""
    return {} if user.application is None else {"application": user.application}


def begins(path: str, word: str) -> Asked:
    """Any of the words there begins so."""
    return {path: {"$regex": f"^{_literal(word)}"}}


def leaf_of(test: Comparison) -> Asked:
    """The value of a payload that an equality asks for."""
    return {"k": test.path, "v": {"$in": [storable(value) for value in test.values]}}


def _has_word(word: str, fields: Fields, user: User) -> Asked:
    has = begins("words", word)
    if fields.prefix != "task":
        return has
    return {"$or": [has, {"entries": {"$elemMatch": {**_seen(user), **has}}}]}


def _seen(user: User) -> Asked:
    seen = {} if user.is_operator else {"principals": {"$in": list(user.principals)}}
    return {**seen, "deleted": False, **bound(user)}


def _compare(test: Comparison, fields: Fields, user: User) -> Asked:
    if test.op == "!=":
        return {"$nor": [_compare(Comparison(test.of, test.path, "=", test.values), fields, user)]}
    wanted = [storable(value) for value in test.values if value is not None]
    found = [_has(test, wanted, fields, user)] if wanted else []
    if test.op in ("=", "in") and None in test.values:
        found.append(_is_null(test, fields, user))
    return found[0] if len(found) == 1 else {"$or": found}


def _has(test: Comparison, wanted: list[Any], fields: Fields, user: User) -> Asked:
    """Any of the values that the path leads to is so."""
    if test.of == "payload":
        return _in_payload({"k": test.path, **_leaf(test, wanted)}, fields, user)
    if test.of == "entry":
        return {"entries": {"$elemMatch": {"$and": [_seen(user), _field(_of_entry(test), test, wanted, ENTRY)]}}}
    return _field(stored_name(test.path), test, wanted, fields)


def _of_entry(test: Comparison) -> str:
    """Where a task keeps what is asked of its entries."""
    return "key" if test.path == "id" else test.path


def _is_null(test: Comparison, fields: Fields, user: User) -> Asked:
    """Nothing is there, or one of several is null."""
    if test.of == "payload":
        filled = _in_payload({"k": test.path, "v": {"$ne": None}}, fields, user)
        return {"$or": [{"$nor": [filled]}, _in_payload({"k": test.path, "v": None}, fields, user)]}
    if test.of == "entry":
        filled = {"entries": {"$elemMatch": {**_seen(user), _of_entry(test): {"$ne": None}}}}
        null = {"entries": {"$elemMatch": {**_seen(user), _of_entry(test): None}}}
        return {"$or": [{"$nor": [filled]}, null]}
    name = stored_name(test.path)
    if test.path in fields.lists:
        return {"$or": [{name: {"$size": 0}}, {name: {"$elemMatch": {"$eq": None}}}]}
    return {name: None}


def _in_payload(leaf: Asked, fields: Fields, user: User) -> Asked:
    own = {"leaves": {"$elemMatch": leaf}}
    if fields.prefix != "task":
        return own
    return {"$or": [own, {"entries": {"$elemMatch": {**_seen(user), **own}}}]}


def _leaf(test: Comparison, wanted: list[Any]) -> Asked:
    if test.op != "~":
        return {"v": _comparison(test.op, wanted)}
    contains = {"$regex": _literal(fold(str(wanted[0])))}
    return {"$or": [{"f": contains}, {"f": {"$exists": False}, "v": contains}]}


def _field(path: str, test: Comparison, wanted: list[Any], fields: Fields) -> Asked:
    if test.op == "~":
        return _contains(path, fold(str(wanted[0])), fields)
    if test.path in fields.lists:
        # A range must hold for one and the same element.
        return {path: {"$elemMatch": _comparison(test.op, wanted)}}
    return {path: _comparison(test.op, wanted)}


def _contains(path: str, wanted: str, fields: Fields) -> Asked:
    """In the text folded; where that is the text itself, or its sort key, it is not kept once more."""
    contains = {"$regex": _literal(wanted)}
    folded = f"folded.{folded_name(path)}"
    if path in fields.sortable_text:
        return {"$or": [{f"order.down.{path}": contains}, {folded: contains}]}
    return {"$or": [{folded: contains}, {folded: {"$exists": False}, path: contains}]}


def _comparison(op: str, values: list[Any]) -> Asked:
    match op:
        case "in":
            return {"$in": values}
        case "[]":
            return {"$gte": values[0], "$lte": values[1]}
    return {_OPERATORS[op]: values[0]}


def _literal(text: str) -> str:
    return re.escape(text).replace("\0", "\\x00")


def storable(value: Any) -> Any:
    """As the driver knows it; integers beyond 64 bits still compare, as what lies beyond every stored number."""
    if isinstance(value, Present):
        return str(value)
    if isinstance(value, int) and not -_INT64 <= value < _INT64:
        return float("inf") if value > 0 else float("-inf")
    return value
