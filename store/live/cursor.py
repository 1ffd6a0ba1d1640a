"""A position in the stream of changes that a reader holds."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bson.timestamp import Timestamp

from domain.errors import BadRequest
from domain.values import iso, parse_time

Moment = tuple[int, int, int]
"""Seconds and increment of a cluster time, and how many changes of that time came before this one.

The changes of a transaction share one; since MongoDB 8 so may any. Every reader of the stream counts them alike.
"""
_LAST = 2**31
_PARTS = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The collections' generation, the moment of the newest change seen, and the wall clock in milliseconds."""

    generation: int
    time: Moment
    millis: int

    @property
    def token(self) -> str:
        """Opaque and URL-safe; the same everywhere, so that any web process can answer it."""
        text = f"{self.generation}.{'.'.join(map(str, self.time))}.{self.millis}"
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, token: str) -> Cursor:
        """Read a token; raises `BadRequest` for anything else."""
        try:
            raw = base64.b64decode(token.encode("ascii") + b"=" * (-len(token) % 4), altchars=b"-_", validate=True)
            numbers = [int(part) for part in raw.decode("ascii").split(".")]
        except ValueError:
            raise BadRequest("`cursor` is not one this list has given out") from None
        if len(numbers) != _PARTS or not all(0 <= number < 2**62 for number in numbers):
            raise BadRequest("`cursor` is not one this list has given out")
        return cls(numbers[0], (numbers[1], numbers[2], numbers[3]), numbers[4])


def end_of(time: Timestamp) -> Moment:
    """After every change of that time."""
    return (time.time, time.inc, _LAST)


def following(last: Moment, time: Timestamp) -> Moment:
    """The moment of the change that comes after the `last` one."""
    same = last[:2] == (time.time, time.inc)
    return (time.time, time.inc, min(last[2] + 1, _LAST) if same else 0)


def iso_of_millis(millis: int) -> str:
    """The moment as views write it."""
    return iso(_EPOCH + timedelta(milliseconds=millis))


def millis_of(text: str) -> int:
    """The moment as cursors carry it."""
    return (parse_time(text) - _EPOCH) // timedelta(milliseconds=1)
