"""The projector process: reads its queue in batches and keeps the views up to date; Flower sees it as a worker."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from domain.errors import BrokerUnavailable, StoreUnavailable
from settings import Settings
from store.event_queue import Delivery, EventQueue
from store.topology import declare
from store.view_indexes import INDEXES
from store.views import Views, connect
from tasks.project import Projector
from workers.flower import FlowerFeed
from workers.wiring import configure_logging

log = logging.getLogger(__name__)

MAX_BACKOFF_SECONDS = 5.0


class Stopping(Exception):
    """The process was asked to end."""


def main() -> None:
    """Run until asked to stop; whatever is away is waited for."""
    configure_logging()
    settings = Settings.from_env(os.environ)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    alive = settings.home / "run" / "projector.alive"
    views = Views(connect(settings.mongo_url, settings.mongo_database))
    try:
        _patiently(lambda: views.prepare(INDEXES), alive)
        with FlowerFeed("projector@taskpool") as feed:
            while True:
                _patiently(lambda: _consume(settings, views, feed, alive), alive)
    except Stopping:
        log.info("projector_stopped")


def _consume(settings: Settings, views: Views, feed: FlowerFeed, alive: Path) -> None:
    declare(settings.amqp_url, ())
    queue = EventQueue(settings.amqp_url)
    projector = Projector(views, queue.bury)
    for batch in queue.batches():
        alive.touch()
        if batch:
            started = time.monotonic()
            _apply(projector, queue, batch, alive)
            queue.acknowledge(batch)
            feed.batch(len(batch), time.monotonic() - started)


def _apply(projector: Projector, queue: EventQueue, batch: list[Delivery], alive: Path) -> None:
    """MongoDB away: hold the batch unacknowledged and try again, for ever."""
    pause = 0.05
    while True:
        try:
            projector.apply(batch)
            return
        except StoreUnavailable as error:
            log.warning("views_unavailable reason=%s", error)
            alive.touch()
            queue.pause(pause)
            pause = min(pause * 2, MAX_BACKOFF_SECONDS)


def _patiently(work: Callable[[], None], alive: Path) -> None:
    pause = 0.1
    while True:
        try:
            work()
            return
        except (BrokerUnavailable, StoreUnavailable, OSError) as error:
            log.warning("projector_waits reason=%s", error)
            alive.touch()
            time.sleep(pause)
            pause = min(pause * 2, MAX_BACKOFF_SECONDS)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Stopping


if __name__ == "__main__":
    main()
