"""Hints through Redis: something was committed, look now. Nothing depends on them."""

from __future__ import annotations

from time import monotonic

from redis import Redis
from redis.client import PubSub
from redis.exceptions import RedisError

from domain.stop import Stop

POLL_SECONDS = 0.25


class Signals:
    """Sends and awaits wake-ups; when Redis is away, sending does nothing and waiting becomes polling."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url, socket_timeout=1.0, socket_connect_timeout=0.5, health_check_interval=0)
        self._silent_until = 0.0

    def wake(self, application: str) -> None:
        """Tell the application's publishers that there is something to ship."""
        if monotonic() < self._silent_until:
            return
        try:
            self._redis.publish(_channel(application), b"1")
        except RedisError:
            # A hint is not worth waiting for: leave Redis alone for a while.
            self._silent_until = monotonic() + 2.0

    def listen(self, application: str) -> Wakeups:
        """Wake-ups for one application, from now on."""
        return Wakeups(self._redis, _channel(application))

    def close(self) -> None:
        """Let go of the connections."""
        self._redis.close()


class Wakeups:
    """What a publisher waits on between windows."""

    def __init__(self, redis: Redis, channel: str) -> None:
        self._redis = redis
        self._channel = channel
        self._pubsub: PubSub | None = None

    def wait(self, seconds: float, stop: Stop) -> None:
        """Return on a wake-up, after `seconds`, or soon after `stop` is set."""
        deadline = monotonic() + seconds
        while not stop.is_set() and (left := deadline - monotonic()) > 0:
            if self._heard(min(left, POLL_SECONDS)):
                return
            if self._pubsub is None:
                stop.wait(min(left, POLL_SECONDS))
                return

    def close(self) -> None:
        """Stop listening."""
        pubsub, self._pubsub = self._pubsub, None
        if pubsub is not None:
            try:
                pubsub.close()
            except RedisError:
                pubsub = None

    def _heard(self, seconds: float) -> bool:
        try:
            if self._pubsub is None:
                self._pubsub = self._redis.pubsub(ignore_subscribe_messages=True)
                self._pubsub.subscribe(self._channel)
            if self._pubsub.get_message(timeout=seconds) is None:
                return False
            while self._pubsub.get_message(timeout=0) is not None:
                pass
            return True
        except (RedisError, OSError):
            self.close()
            return False


def _channel(application: str) -> str:
    return f"taskpool.wake.{application}"
