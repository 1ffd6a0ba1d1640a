"""How often what the outside world has refused is tried, and with which pauses, as the model says it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engines.expressions.failure import ExpressionFailed
from engines.expressions.moments import Duration, parse_duration
from engines.protocol import PAUSES
from engines.spiff.feel import value_of

_REPEATED = re.compile(r"R(\d{0,9})/(P.+)")
_WHOLE = re.compile(r"[1-9]\d{0,8}")
CYCLE = "failedJobRetryTimeCycle"


@dataclass(frozen=True, slots=True)
class Retries:
    """`most` tries altogether, None for no end; a pause for each that failed, the last also for all behind it."""

    most: int | None
    pauses: tuple[Duration, ...]

    def again(self, tries: int, now: datetime) -> datetime | None:
        """When to try again after so many tries; None is never."""
        if self.most is not None and tries >= self.most:
            return None
        try:
            return self.pauses[min(tries, len(self.pauses)) - 1].after(now)
        except ValueError:
            return None


_USUAL = tuple(Duration(0, pause) for pause in PAUSES)
USUAL = Retries(len(PAUSES) + 1, _USUAL)


def retries_of(said: Mapping[str, Any], scope: Mapping[str, Any], now: datetime) -> Retries:
    """Those of an element; the usual ones where it says nothing, or nothing that can be made out now."""
    if text := said.get(CYCLE):
        try:
            return read_cycle(str(value_of(text, scope, now)))
        except (ExpressionFailed, ValueError):
            return USUAL
    if _WHOLE.fullmatch(found := said.get("retries") or ""):
        return Retries(int(found), _USUAL)
    return USUAL


def read_cycle(text: str) -> Retries:
    """`R3/PT10M` are three tries, `PT1M,PT1H` are three with these pauses; raises `ValueError`."""
    if repeated := _REPEATED.fullmatch(text.strip()):
        return Retries(int(repeated[1]) if repeated[1] else None, (parse_duration(repeated[2]),))
    pauses = tuple(parse_duration(part.strip()) for part in text.split(","))
    return Retries(len(pauses) + 1, pauses)
