"""Functions of FEEL over lists."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from engines.decisions.functions.builtin import feel
from engines.decisions.values import MAX_ITEMS, Function, Impossible, Run, equal, key, order, whole


def _bounded(run: Run, items: list[Any]) -> list[Any]:
    run.spend(len(items))
    if len(items) > MAX_ITEMS:
        raise Impossible(f"makes a list of more than {MAX_ITEMS} items")
    return items


@feel("list contains", "list: list, element")
def _contains(run: Run, items: list[Any], element: Any) -> bool:
    return any(equal(run, item, element) for item in items)


@feel("append", "list: list, item...")
def _append(run: Run, items: list[Any], others: list[Any]) -> list[Any]:
    return _bounded(run, [*items, *others])


@feel("concatenate", "lists...")
def _concatenate(run: Run, lists: list[Any]) -> list[Any] | None:
    if any(items is None for items in lists):
        return None
    found: list[Any] = []
    for items in lists:
        found.extend(items if isinstance(items, list) else [items])
        _bounded(run, found)
    return found


@feel("union", "lists...")
def _union(run: Run, lists: list[Any]) -> list[Any] | None:
    found = _concatenate(run, lists)
    return None if found is None else _distinct(run, found)


@feel("distinct values", "list: list")
@feel("duplicate free", "list: list")
def _distinct(run: Run, items: list[Any]) -> list[Any]:
    found: dict[Any, Any] = {}
    for item in items:
        found.setdefault(key(run, item), item)
    return list(found.values())


@feel("duplicate values", "list: list")
def _duplicates(run: Run, items: list[Any]) -> list[Any]:
    seen: dict[Any, int] = {}
    for item in items:
        seen[key(run, item)] = seen.get(key(run, item), 0) + 1
    return [item for item in _distinct(run, items) if seen[key(run, item)] > 1]


@feel("insert before", "list: list, position: number, newItem")
def _insert(run: Run, items: list[Any], position: Decimal, item: Any) -> list[Any] | None:
    index = _index(items, position)
    return None if index is None else _bounded(run, [*items[:index], item, *items[index:]])


@feel("list replace", "list: list, position: number, newItem", "list: list, match: function, newItem")
def _list_replace(run: Run, items: list[Any], where: Any, item: Any) -> list[Any] | None:
    if isinstance(where, Function):
        return [item if where.call(run, [old, item]) is True else old for old in items]
    index = _index(items, where)
    return None if index is None else [*items[:index], item, *items[index + 1 :]]


@feel("remove", "list: list, position: number")
def _remove(run: Run, items: list[Any], position: Decimal) -> list[Any] | None:
    index = _index(items, position)
    return None if index is None else _bounded(run, items[:index] + items[index + 1 :])


@feel("sublist", "list: list, start position: number, length?: number")
def _sublist(run: Run, items: list[Any], start: Decimal, length: Decimal | None = None) -> list[Any] | None:
    index = _index(items, start)
    count = len(items) if length is None else whole(length)
    if index is None or count is None or count < 0 or (length is not None and index + count > len(items)):
        return None
    return _bounded(run, items[index : index + count])


@feel("reverse", "list: list")
def _reverse(run: Run, items: list[Any]) -> list[Any]:
    return _bounded(run, items[::-1])


@feel("index of", "list: list, match")
def _index_of(run: Run, items: list[Any], match: Any) -> list[Decimal]:
    return [Decimal(at) for at, item in enumerate(items, 1) if equal(run, item, match)]


@feel("flatten", "list: list")
def _flatten(run: Run, items: list[Any]) -> list[Any]:
    found: list[Any] = []
    for item in items:
        run.spend()
        found.extend(_flatten(run, item) if isinstance(item, list) else [item])
    return _bounded(run, found)


@feel("sort", "list: list, precedes?: function|null")
def _sort(run: Run, items: list[Any], precedes: Function | None = None) -> list[Any] | None:
    if precedes is None:
        return _sorted(run, items)
    if len(precedes.parameters) != 2:  # noqa: PLR2004 - one and another
        return None

    def compare(one: Any, other: Any) -> int:
        if precedes.call(run, [one, other]) is True:
            return -1
        return 1 if precedes.call(run, [other, one]) is True else 0

    return sorted(_bounded(run, items), key=cmp_to_key(compare))


def _sorted(run: Run, items: Sequence[Any]) -> list[Any] | None:
    if any(order(item, items[0]) is None for item in items):
        return None
    run.spend(20 * len(items))
    return sorted(items, key=cmp_to_key(lambda one, other: order(one, other) or 0))


def _index(items: Sequence[Any], position: Decimal) -> int | None:
    found = whole(position)
    if not found or abs(found) > len(items):
        return None
    return found - 1 if found > 0 else found + len(items)
