"""How often a password may be wrong: counted by name and by address, in Redis for all web processes together."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage, RedisStorage, Storage
from limits.strategies import FixedWindowRateLimiter

_NAMESPACE = "taskpool.sign-in"
_TIMES = 10
AWAY_SECONDS = 10.0
_TIMEOUT = 0.5

AnswerT = TypeVar("AnswerT")

log = logging.getLogger(__name__)


class Guesses:
    """Failed sign-ins of the last minutes; while Redis is away each process counts for itself."""

    def __init__(self, redis_url: str, per_minute: int = 10) -> None:
        """`per_minute`: for one name from one address; ten times as many for one address, or one name in ten minutes.

        Whoever guesses from many addresses keeps the person out as well, though not out of open sessions.
        """
        self._both = RateLimitItemPerMinute(per_minute, namespace=_NAMESPACE)
        self._of_address = RateLimitItemPerMinute(_TIMES * per_minute, namespace=_NAMESPACE)
        self._of_name = RateLimitItemPerMinute(_TIMES * per_minute, 10, namespace=_NAMESPACE)
        self._own = FixedWindowRateLimiter(MemoryStorage())
        self._shared: FixedWindowRateLimiter | None = None
        self._redis_url, self._away_until = redis_url, 0.0

    def left(self, name: str, address: str) -> bool:
        """Whether another password may be tried."""
        return self._ask(
            lambda limiter: all(limiter.test(item, *key) for item, key in self._limits(name, address)), otherwise=True
        )

    def seconds(self, name: str, address: str) -> int:
        """After how long one may be tried again, at least 1."""

        def longest(limiter: FixedWindowRateLimiter) -> int:
            spent = [(item, key) for item, key in self._limits(name, address) if not limiter.test(item, *key)]
            resets = [limiter.get_window_stats(item, *key).reset_time - time.time() for item, key in spent]
            return max(1, *(int(seconds) + 1 for seconds in (0.0, *resets)))

        return self._ask(longest, otherwise=1)

    def failed(self, name: str, address: str) -> None:
        """One more was wrong."""

        def count(limiter: FixedWindowRateLimiter) -> None:
            for item, key in self._limits(name, address):
                limiter.hit(item, *key)

        self._ask(count, otherwise=None)
        log.warning("sign_in_failed", extra={"user": name[:100], "address": address})

    def _ask(self, question: Callable[[FixedWindowRateLimiter], AnswerT], otherwise: AnswerT) -> AnswerT:
        if self._redis_url and time.monotonic() > self._away_until:
            try:
                return question(self._opened())
            except Exception as error:  # noqa: BLE001 - the storage lets through whatever its driver raises
                log.warning("sign_in_limits_alone", extra={"reason": type(error).__name__})
                self._away_until = time.monotonic() + AWAY_SECONDS
        try:
            return question(self._own)
        except Exception:
            log.exception("sign_in_limits_failed")
            return otherwise

    def _opened(self) -> FixedWindowRateLimiter:
        if self._shared is None:
            storage: Storage = RedisStorage(
                self._redis_url, socket_timeout=_TIMEOUT, socket_connect_timeout=_TIMEOUT, key_prefix="taskpool"
            )
            self._shared = FixedWindowRateLimiter(storage)
        return self._shared

    def _limits(self, name: str, address: str) -> Iterator[tuple[RateLimitItem, tuple[str, ...]]]:
        # A name is whatever somebody sends: as a digest it is short, and nobody reads it in Redis.
        who = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        yield self._both, ("both", who, address)
        yield self._of_address, ("address", address)
        yield self._of_name, ("name", who)
