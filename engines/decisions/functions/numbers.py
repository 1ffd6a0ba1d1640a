"""Functions of FEEL over numbers, and over durations where they have a size."""

from __future__ import annotations

from datetime import timedelta
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)
from typing import Any

from engines.decisions.functions.builtin import feel
from engines.decisions.values import NUMBERS, Months, Run, whole

_MAX_SCALE = 6176


def _rounded(value: Decimal, scale: Decimal | None, how: str) -> Decimal | None:
    digits = 0 if scale is None else whole(scale.to_integral_value(ROUND_DOWN))
    if digits is None or not -_MAX_SCALE < digits < _MAX_SCALE:
        return None
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= digits:
        return value
    unit = Decimal(1).scaleb(-digits)
    return (
        NUMBERS.plus((value / unit).to_integral_value(how) * unit) if digits < 0 else value.quantize(unit, how, NUMBERS)
    )


@feel("decimal", "n: number, scale: number")
def _decimal(_run: Run, n: Decimal, scale: Decimal) -> Decimal | None:
    return _rounded(n, scale, ROUND_HALF_EVEN)


@feel("floor", "n: number, scale?: number")
def _floor(_run: Run, n: Decimal, scale: Decimal | None = None) -> Decimal | None:
    return _rounded(n, scale, ROUND_FLOOR)


@feel("ceiling", "n: number, scale?: number")
def _ceiling(_run: Run, n: Decimal, scale: Decimal | None = None) -> Decimal | None:
    return _rounded(n, scale, ROUND_CEILING)


@feel("round up", "n: number, scale?: number")
def _up(_run: Run, n: Decimal, scale: Decimal | None = None) -> Decimal | None:
    return _rounded(n, scale, ROUND_UP)


@feel("round down", "n: number, scale?: number")
def _down(_run: Run, n: Decimal, scale: Decimal | None = None) -> Decimal | None:
    return _rounded(n, scale, ROUND_DOWN)


@feel("round half up", "n: number, scale?: number")
def _half_up(_run: Run, n: Decimal, scale: Decimal | None = None) -> Decimal | None:
    return _rounded(n, scale, ROUND_HALF_UP)


@feel("round half down", "n: number, scale?: number")
def _half_down(_run: Run, n: Decimal, scale: Decimal | None = None) -> Decimal | None:
    return _rounded(n, scale, ROUND_HALF_DOWN)


@feel("abs", "n")
def _abs(_run: Run, n: Any) -> Any:
    if isinstance(n, Months):
        return Months(abs(n.count))
    return abs(n) if isinstance(n, Decimal | timedelta) else None


@feel("modulo", "dividend: number, divisor: number")
def _modulo(_run: Run, dividend: Decimal, divisor: Decimal) -> Decimal | None:
    if not divisor:
        return None
    rest = NUMBERS.remainder(dividend, divisor)
    return NUMBERS.add(rest, divisor) if rest and (rest < 0) != (divisor < 0) else rest


@feel("sqrt", "number: number")
def _sqrt(_run: Run, number: Decimal) -> Decimal:
    return NUMBERS.sqrt(number)


@feel("log", "number: number")
def _log(_run: Run, number: Decimal) -> Decimal | None:
    return NUMBERS.ln(number) if number > 0 else None


@feel("exp", "number: number")
def _exp(_run: Run, number: Decimal) -> Decimal:
    return NUMBERS.exp(number)


@feel("even", "number: number")
def _even(_run: Run, number: Decimal) -> bool:
    return NUMBERS.remainder(number, Decimal(2)) == 0


@feel("odd", "number: number")
def _odd(_run: Run, number: Decimal) -> bool:
    return abs(NUMBERS.remainder(number, Decimal(2))) == 1
