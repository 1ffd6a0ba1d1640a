"""Functions of FEEL that make one value of many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from engines.decisions.arithmetic import ARITHMETIC
from engines.decisions.functions.builtin import feel
from engines.decisions.values import NUMBERS, Months, Run, kind, order


def _numbers(run: Run, values: Sequence[Any]) -> list[Decimal] | None:
    run.spend(len(values))
    return list(values) if values and all(isinstance(value, Decimal) for value in values) else None


def _best(run: Run, values: Sequence[Any], sign: int) -> Any:
    run.spend(len(values))
    if not values:
        return None
    best = values[0]
    for value in values[1:]:
        found = order(value, best)
        if found is None:
            return None
        best = value if found * sign > 0 else best
    return best if order(best, best) is not None else None


@feel("min", "list...")
def _min(run: Run, values: list[Any]) -> Any:
    return _best(run, values, -1)


@feel("max", "list...")
def _max(run: Run, values: list[Any]) -> Any:
    return _best(run, values, 1)


@feel("sum", "list...")
def _sum(run: Run, values: list[Any]) -> Any:
    run.spend(len(values))
    if not values or not isinstance(values[0], Decimal | timedelta | Months):
        return None
    found: Any = values[0]
    for value in values[1:]:
        found = ARITHMETIC["+"](found, value) if kind(value) == kind(found) else None
    return found


@feel("product", "list...")
def _product(run: Run, values: list[Any]) -> Decimal | None:
    numbers = _numbers(run, values)
    if numbers is None:
        return None
    found = Decimal(1)
    for number in numbers:
        found = NUMBERS.multiply(found, number)
    return found


@feel("count", "list: list")
def _count(_run: Run, items: list[Any]) -> Decimal:
    return Decimal(len(items))


@feel("mean", "list...")
def _mean(run: Run, values: list[Any]) -> Any:
    total = _sum(run, values)
    return None if total is None else ARITHMETIC["/"](total, Decimal(len(values)))


@feel("median", "list...")
def _median(run: Run, values: list[Any]) -> Decimal | None:
    numbers = _numbers(run, values)
    if numbers is None:
        return None
    numbers.sort()
    middle = len(numbers) // 2
    if len(numbers) % 2:
        return numbers[middle]
    return NUMBERS.divide(NUMBERS.add(numbers[middle - 1], numbers[middle]), Decimal(2))


@feel("mode", "list...")
def _mode(run: Run, values: list[Any]) -> list[Decimal] | None:
    if not values:
        return []
    numbers = _numbers(run, values)
    if numbers is None:
        return None
    counted = Counter(numbers)
    most = max(counted.values())
    return sorted(number for number, count in counted.items() if count == most)


@feel("stddev", "list...")
def _stddev(run: Run, values: list[Any]) -> Decimal | None:
    numbers = _numbers(run, values)
    if numbers is None or len(numbers) == 1:
        return None
    mean = _mean(run, values)
    squares = Decimal(0)
    for number in numbers:
        distance = NUMBERS.subtract(number, mean)
        squares = NUMBERS.add(squares, NUMBERS.multiply(distance, distance))
    return NUMBERS.sqrt(NUMBERS.divide(squares, Decimal(len(numbers) - 1)))


@feel("all", "list...")
@feel("and", "list...")
def _all(run: Run, values: list[Any]) -> bool | None:
    run.spend(len(values))
    if any(value is False for value in values):
        return False
    return True if all(value is True for value in values) else None


@feel("any", "list...")
@feel("or", "list...")
def _any(run: Run, values: list[Any]) -> bool | None:
    run.spend(len(values))
    if any(value is True for value in values):
        return True
    return False if all(value is False for value in values) else None
