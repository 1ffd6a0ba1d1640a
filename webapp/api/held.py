"""How many polls and streams one person holds: beyond a limit the next is told to come back later."""

from __future__ import annotations

from collections import Counter
from typing import ClassVar

from domain.errors import Refused


class TooMany(Refused):
    """You hold too many requests open; close some tabs, or try again later."""

    status: ClassVar[int] = 429
    slug: ClassVar[str] = "too-many-requests"


class Held:
    """Counts what is held, by person; one greenlet at a time counts."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: Counter[str] = Counter()

    def take(self, name: str) -> None:
        """One more; raises `TooMany`."""
        if self._held[name] >= self._most:
            raise TooMany
        self._held[name] += 1

    def give_back(self, name: str) -> None:
        """One less."""
        self._held[name] -= 1
        if self._held[name] <= 0:
            del self._held[name]
