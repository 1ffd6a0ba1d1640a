"""Requests that wait, indexed by what they wait for."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager


class Waiter:
    """One waiting request; `wants` decides whether news under one of its keys concerns it."""

    def __init__(self, wants: Callable[[object], bool]) -> None:
        self.wants = wants
        self._event = threading.Event()

    def wake(self) -> None:
        """Let the request look again."""
        self._event.set()

    def sleep(self, seconds: float) -> bool:
        """Wait for news; False when there was none in time."""
        woken = self._event.wait(max(seconds, 0))
        self._event.clear()
        return woken


class Waiters:
    """Wakes those whom news concerns, and counts how often."""

    def __init__(self) -> None:
        self._by_key: dict[Hashable, set[Waiter]] = defaultdict(set)
        self._lock = threading.Lock()
        self.held = 0
        self.wakes = 0

    @contextmanager
    def waiting(self, keys: Sequence[Hashable], wants: Callable[[object], bool]) -> Iterator[Waiter]:
        """Be woken for these keys while the block runs."""
        waiter, keys = Waiter(wants), list(set(keys))
        with self._lock:
            self.held += 1
            for key in keys:
                self._by_key[key].add(waiter)
        try:
            yield waiter
        finally:
            with self._lock:
                self.held -= 1
                for key in keys:
                    self._by_key[key].discard(waiter)
                    if not self._by_key[key]:
                        del self._by_key[key]

    def tell(self, keys: Iterable[Hashable], news: object) -> None:
        """Wake everybody waiting under one of the keys who wants to know."""
        with self._lock:
            found = {waiter for key in keys if key in self._by_key for waiter in self._by_key[key]}
        for waiter in found:
            if waiter.wants(news):
                self.wakes += 1
                waiter.wake()

    def tell_all(self) -> None:
        """Wake everybody."""
        with self._lock:
            found = {waiter for waiters in self._by_key.values() for waiter in waiters}
        for waiter in found:
            waiter.wake()
