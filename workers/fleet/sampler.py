"""Looks how much waits, beside the projector: there is one in a system, and it goes on while the web is away."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from threading import Event, Thread
from time import time

from domain.errors import StoreUnavailable
from settings import HOSTED, Settings
from store.health.last_hour import EVERY_SECONDS, MOST, LastHour, Sample, sources, taken
from store.sql.databases import ApplicationDatabases

log = logging.getLogger(__name__)


class Sampler:
    """Every twenty seconds until the process ends; what MongoDB does not take is kept here and offered again."""

    def __init__(self, take: Callable[[float], Sample], hour: LastHour) -> None:
        self._take, self._hour = take, hour
        self._unwritten: deque[Sample] = deque(maxlen=MOST)

    def start(self) -> None:
        """Look from now on."""
        Thread(target=self._run, name="sampler", daemon=True).start()

    def look(self, at: float) -> None:
        """Look once."""
        self._unwritten.append(self._take(at))
        try:
            self._hour.keep(list(self._unwritten))
        except StoreUnavailable:
            return
        self._unwritten.clear()

    def _run(self) -> None:
        never = Event()
        while True:
            try:
                self.look(time())
            except Exception:
                log.exception("sampler_failed")
            never.wait(EVERY_SECONDS - time() % EVERY_SECONDS)


def sampler_of(settings: Settings, hour: LastHour) -> Sampler:
    """Asks every store and the broker of a system."""
    stores = ApplicationDatabases(settings.database_url, (*settings.applications, HOSTED))
    asked = sources(settings.amqp_url, stores)
    return Sampler(lambda at: taken(asked, at), hour)
