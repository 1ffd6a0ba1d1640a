"""The forms of FEEL that go through lists: filters, loops and quantifiers, each counted."""

from __future__ import annotations

from collections.abc import Iterator as Iterating
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, TypeAlias

from engines.decisions.scope import Node, Scope
from engines.decisions.values import MAX_ITEMS, Impossible, Range, kind, whole

Iterator: TypeAlias = tuple[str, Node, Node | None]
"""A name, the list it runs through or where it begins, and where it ends."""


def filtered(owner: Node, condition: Node, cost: int) -> Node:
    """The item at a position, counted from 1 or from the end, or the items for which a condition holds."""

    def found(scope: Scope) -> Any:
        value = owner(scope)
        listed = value if isinstance(value, list) else [] if value is None else [value]
        kept: list[Any] = []
        for item in listed or [None]:
            scope.run.spend(cost)
            names = {"item": item, **item} if isinstance(item, dict) else {"item": item}
            answer = condition(scope.inner(names))
            if isinstance(answer, Decimal):
                return _at(listed, answer)
            if answer is True and listed:
                kept.append(item)
        return kept

    return found


def loop(iterators: Sequence[Iterator], body: Node, cost: int) -> Node:
    """A value for every combination; `partial` is what there is so far."""

    def found(scope: Scope) -> Any:
        results: list[Any] = []
        for inner in _combinations(scope.inner({"partial": results}), iterators, cost):
            if inner is None:
                return None
            results.append(body(inner))
            if len(results) > MAX_ITEMS:
                raise Impossible(f"makes a list of more than {MAX_ITEMS} items")
        return list(results)

    return found


def quantified(word: str, iterators: Sequence[Iterator], condition: Node, cost: int) -> Node:
    """Whether some, or every, combination meets a condition; null when that cannot be told."""
    decisive = word == "some"

    def found(scope: Scope) -> Any:
        answers = {True: 0, False: 0, None: 0}
        for inner in _combinations(scope, iterators, cost):
            answer = None if inner is None else condition(inner)
            if answer is decisive:
                return decisive
            answers[answer if isinstance(answer, bool) else None] += 1
        return None if answers[None] else not decisive

    return found


def _combinations(scope: Scope, iterators: Sequence[Iterator], cost: int) -> Iterating[Scope | None]:
    """A scope for every combination, or a single null when there is no list to go through."""
    (name, start, end), *others = iterators
    domain = _domain(start(scope)) if end is None else _steps(start(scope), end(scope))
    if domain is None:
        yield None
        return
    for value in domain:
        scope.run.spend(cost)
        inner = scope.inner({name: value})
        if others:
            yield from _combinations(inner, others, cost)
        else:
            yield inner


def _domain(value: Any) -> Sequence[Any] | None:
    if isinstance(value, Range):
        return _steps(value.low, value.high, skip=(not value.low_included, not value.high_included))
    return value if isinstance(value, list) else None if value is None else [value]


def _steps(low: Any, high: Any, skip: tuple[bool, bool] = (False, False)) -> Sequence[Any] | None:
    if kind(low) == kind(high) == "date":
        days = _numbers(low.toordinal(), high.toordinal(), skip)
        return [low + timedelta(days=day - low.toordinal()) for day in days]
    first, last = whole(low), whole(high)
    if first is None or last is None:
        return None
    return [Decimal(number) for number in _numbers(first, last, skip)]


def _numbers(first: int, last: int, skip: tuple[bool, bool]) -> range:
    step = 1 if first <= last else -1
    found = range(first + step * skip[0], last + step * (not skip[1]), step)
    if abs(last - first) >= MAX_ITEMS:
        raise Impossible(f"goes through more than {MAX_ITEMS} items")
    return found


def _at(listed: Sequence[Any], position: Decimal) -> Any:
    index = whole(position)
    if not index or abs(index) > len(listed):
        return None
    return listed[index - 1 if index > 0 else index]
