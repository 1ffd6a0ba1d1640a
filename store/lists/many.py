"""What many tasks have, and how many of a list: told by indexes, without a look at the tasks themselves.

Who asks sees a list by groups and by name. What a task contains is in one index together with the groups that see it;
all else that may be in the list is looked at, unless that is much.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice
from typing import Any, Final

from bson import Regex
from pymongo.collection import Collection

from domain.access import OPERATORS
from domain.query.condition import AllOf, Comparison, Condition
from domain.query.fields import TASK
from domain.query.findable import leaf_key, many, word_key
from domain.query.searched import LAST
from domain.query.task_query import TaskQuery
from domain.values import fold
from store.lists.conditions import begins, has_words, leaf_of, storable, to_mongo
from store.lists.pages import EXACT_UP_TO, MAX_MILLIS, Document, count_up_to
from store.lists.task_query import in_scope, in_time
from store.views.indexes import ENTRY_LEAVES, ENTRY_WORDS, FACETED, FINDABLE, WORDS

FEW, MOST_NAMES = 5_000, 2_000
"""Tasks that are looked at one by one, and names of tasks that are."""
_MOST_LOOKS: Final = 3
"""Conditions of one question that are counted before its list is walked."""
_OPEN: Final = {"state": "open"}
_SHORTEST_CUT: Final = 38
"""Bytes of a sort key that may be cut: with what JSON writes in six, that is few."""
_MAYBE_CUT: Final = r'["\\\x00-\x1f]|^[\s\S]{50}'
"""A sort key that may be cut: of 240 bytes as JSON, which with none of these are more than fifty characters."""


def look(documents: Collection[Document], query: TaskQuery) -> Found | None:
    """What a condition that many tasks fulfil leaves of the list, by the one that leaves the least."""
    if query.scope not in ("visible", "group") or query.user.application is not None:
        return None
    conditions: Iterator[_Named | _Common] = chain(_Named.of(query), _Common.of(query))
    looked = [one.look(documents) for one in islice(conditions, _MOST_LOOKS)]
    return min((one for one in looked if one is not None), key=lambda one: one.count, default=None)


@dataclass(frozen=True, slots=True)
class Found:
    """What one condition is true of, among those that the list has anyway, by several questions of one index each.

    No task is in the answers of two. `count` is told to one more than is told exactly.
    """

    documents: Collection[Document]
    parts: Sequence[tuple[str, Document]] = ()
    count: int = 0
    is_certain: bool = True

    def and_by(self, *parts: tuple[str, Document]) -> Found:
        """With the answers to these questions."""
        count = self.count
        for index, asked in parts:
            if count <= EXACT_UP_TO:
                count += count_up_to(self.documents, asked, EXACT_UP_TO + 1 - count, index)
        return replace(self, parts=(*self.parts, *parts), count=count)

    def ids(self) -> list[str]:
        """Of those that are counted; ask only where they are few."""
        told: dict[str, Any] = {"projection": {"_id": 1}, "max_time_ms": MAX_MILLIS}
        found = (self.documents.find(asked, hint=index, **told) for index, asked in self.parts)
        return sorted({one["_id"] for several in found for one in several})


@dataclass(frozen=True, slots=True)
class _Named:
    """Tasks whose name has a text in it, told from the index by name alone.

    Names are few, however many tasks there are, unless there is a number in each.
    """

    seen: Document
    text: str

    @classmethod
    def of(cls, query: TaskQuery) -> Iterator[_Named]:
        for test in all_of(query.filters):
            text = fold(str(test.values[0]))
            # What stands for no name is kept in place of one.
            if (test.of, test.path, test.op) == ("own", "name", "~") and text not in LAST:
                yield cls({**in_scope(query), **in_time(query)}, text)

    def look(self, documents: Collection[Document]) -> Found:
        """What is called so, and what may be since it is cut in the index."""
        names = _names(documents)
        if names is None:
            return self._look_at_all(documents)
        chosen = [name for name in names if self.text in name or _may_be_cut(name)]
        asked = {**self.seen, "order.up.name": {"$in": chosen}}
        is_certain = all(self.text in name for name in chosen)
        return Found(documents, is_certain=is_certain).and_by(("sorted_name", asked))

    def _look_at_all(self, documents: Collection[Document]) -> Found:
        """Where names are too many.

        Of what the index holds is asked in a stage of its own, behind one that computes something: a condition on it is
        asked of each document, as the index is one of lists.
        """
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
        among = {"_id": {"$in": sorted(one["_id"] for one in found)}}
        return Found(documents, [("_id_", among)], len(found), all(one["it"] == 1 for one in found))


def _names(documents: Collection[Document]) -> list[str] | None:
    """All that open tasks are called, as they are sorted by it; None where they are too many."""
    stages: list[Document] = [
        {"$match": {"principals": OPERATORS, **_OPEN}},
        {"$group": {"_id": "$order.up.name"}},
        {"$limit": MOST_NAMES + 1},
    ]
    found = [one["_id"] for one in documents.aggregate(stages, hint="sorted_name", maxTimeMS=MAX_MILLIS)]
    return [name for name in found if name is not None] if len(found) <= MOST_NAMES else None


def _may_be_cut(name: str) -> bool:
    return len(name.encode("utf-8", "surrogatepass")) >= _SHORTEST_CUT and re.search(_MAYBE_CUT, name) is not None


@dataclass(frozen=True, slots=True)
class _Common:
    """Tasks that have a word, or a value in their payload, told by the index of what groups find.

    Those a person sees by name, those that are one of too many for that index, and those of which only an entry has it
    are looked at; where the entries that have it are many, nothing is told.
    """

    query: TaskQuery
    test: Document
    own: Document
    keys: Callable[[str], Any]
    """Of somebody, what the index is asked for."""
    entries: tuple[str, Document]

    @classmethod
    def of(cls, query: TaskQuery) -> Iterator[_Common]:
        user = query.user
        for word in query.words:
            entries = (ENTRY_WORDS, begins("entries.words", word))
            [test] = has_words([word], TASK, user)
            yield cls(query, test, begins("words", word), partial(_begun, word), entries)
        for one in all_of(query.filters):
            if one.of == "payload" and one.op in ("=", "in") and None not in one.values:
                own, in_entry = of_leaf(one)
                yield cls(query, to_mongo(one, TASK, user), own, partial(leaf_keys, one), (ENTRY_LEAVES, in_entry))

    def look(self, documents: Collection[Document]) -> Found | None:
        parts = self._for_operators() if self._is_for_all() else self._for_groups()
        found = Found(documents).and_by(*parts)
        index, asked = self.entries
        if found.count > EXACT_UP_TO:
            return found
        if count_up_to(documents, {**asked, **_OPEN}, FEW, index) >= FEW:
            return None
        return found.and_by((index, self._only_in_entries()))

    def _is_for_all(self) -> bool:
        return self.query.user.is_operator and self.query.scope == "visible"

    def _for_operators(self) -> Iterator[tuple[str, Document]]:
        asked = {**_OPEN, **in_time(self.query)}
        if "words" in self.own:
            yield WORDS, {**self.own, **asked}
        else:
            yield FINDABLE, {"findable": {"$in": self.keys(OPERATORS)}, **asked}

    def _for_groups(self) -> Iterator[tuple[str, Document]]:
        query, groups = self.query, self.query.user.group_principals
        asked, seen = {**_OPEN, **in_time(query)}, {**in_scope(query), **in_time(query)}
        if groups:
            keys = [key for group in groups for key in self.keys(group)]
            yield FINDABLE, {"findable": {"$in": keys}, **asked}
            yield FINDABLE, {"$and": [{"findable": {"$in": list(map(many, groups))}}, seen, self.test]}
        if query.scope == "visible":
            by_name = [one for one in query.user.principals if one not in groups]
            others = {"candidateGroups": {"$nin": list(query.user.groups)}}
            yield FACETED, {"$and": [{"principals": {"$in": by_name}, **asked}, others, self.test]}

    def _only_in_entries(self) -> Document:
        query = self.query
        told: list[Document] = [self.entries[1], {**in_scope(query), **in_time(query)}, {"$nor": [self.own]}, self.test]
        if not self._is_for_all():
            groups = {"candidateGroups": {"$in": list(query.user.groups)}}
            told += [groups, {"findable": {"$nin": list(map(many, query.user.group_principals))}}]
        return {"$and": told}


def _begun(word: str, principal: str) -> list[Any]:
    # Not a compiled pattern: that comes with a flag, and an index is asked for beginnings only without any.
    return [Regex(f"^{re.escape(word_key(principal, word))}")]


def leaf_keys(test: Comparison, principal: str) -> list[Any]:
    """The keys of the values that an equality asks for, as somebody finds them."""
    return [leaf_key(principal, test.path, storable(value)) for value in test.values]


def of_leaf(test: Comparison) -> tuple[Document, Document]:
    """What a task has itself, and by an entry."""
    leaf = leaf_of(test)
    return {"leaves": {"$elemMatch": leaf}}, {"entries.leaves": {"$elemMatch": leaf}}


def all_of(conditions: Sequence[Condition]) -> Iterator[Comparison]:
    """What must hold in any case."""
    for one in conditions:
        if isinstance(one, Comparison):
            yield one
        elif isinstance(one, AllOf):
            yield from all_of(one.conditions)
