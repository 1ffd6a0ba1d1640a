"""The projector process: reads its queue in batches and keeps the views up to date; Flower sees it as a worker."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import FrameType

from domain.errors import BrokerUnavailable, StoreUnavailable
from domain.events.envelope import Envelope
from domain.values import parse_time
from observe import metrics
from observe.garbage import collect_seldom
from observe.logs import trace_id
from observe.retrying import retry
from settings import HOSTED, PROJECTOR_USER, Settings
from store.health.last_hour import LastHour
from store.messaging.event_queue import Delivery, EventQueue
from store.messaging.topology import PROJECTOR, declare
from store.personal.cipher import Keyring
from store.views.indexes import indexes
from store.views.losses import Losses
from store.views.writer import Views, connect
from tasks.project import Projector, ResultT, in_order
from workers.fleet.caretaker import Caretaker, prepared
from workers.fleet.flower import FlowerFeed
from workers.fleet.sampler import sampler_of
from workers.fleet.wiring import announce, senders_of

log = logging.getLogger("workers.fleet.projector")

MAX_BACKOFF_SECONDS = 5.0


class Stopping(Exception):
    """The process was asked to end."""


def main() -> None:
    """Run until asked to stop; whatever is away is waited for."""
    announce()
    settings = Settings.from_env(os.environ)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    alive = settings.home / "run" / "projector.alive"
    database = connect(settings.views_url(PROJECTOR_USER), settings.mongo_database)
    views = Views(database)
    sampler_of(settings, LastHour(database)).start()
    try:
        _retry_transient(lambda: views.prepare(indexes()), alive)
        Caretaker(settings, views, prepared(settings, database), Losses(database)).start()
        collect_seldom()
        with FlowerFeed("projector@taskpool") as feed:
            while True:
                _retry_transient(lambda: _consume(settings, views, feed, alive), alive)
    except Stopping:
        log.info("projector_stopped")


def _consume(settings: Settings, views: Views, feed: FlowerFeed, alive: Path) -> None:
    declare(settings.amqp_url, (*settings.applications, HOSTED))
    queue = EventQueue(settings.amqp_url)
    projector = Projector(views, queue.bury, senders_of(settings), Keyring(settings.personal_keys).open)
    came: deque[float] = deque()

    def batches() -> Iterator[list[Delivery]]:
        for batch in queue.batches():
            alive.touch()
            came.append(time.monotonic())
            yield batch

    for batch, applied in in_order(projector, batches(), partial(_insist, queue, alive)):
        seconds = time.monotonic() - came.popleft()
        if batch:
            _record_metrics(applied, time.time())
            queue.acknowledge(batch)
            feed.batch(len(batch), seconds)
            metrics.batch_events.observe(len(batch))
            metrics.batch_seconds.observe(seconds)


def _record_metrics(applied: list[tuple[Delivery, Envelope]], durable: float) -> None:
    """Once per unit of work, whose events have one time; what is sent again straight to the queue was seen before."""
    new = [envelope for delivery, envelope in applied if delivery.routing_key != PROJECTOR]
    for moment in {envelope.time for envelope in new}:
        metrics.visible_seconds.observe(max(durable - parse_time(moment).timestamp(), 0.0))
    outcomes = [trace_id(envelope.traceparent) for envelope in new if envelope.key.aggregate == "command"]
    if outcomes:
        log.info("outcomes_visible", extra={"trace_ids": outcomes})


def _insist(queue: EventQueue, alive: Path, work: Callable[[], ResultT]) -> ResultT:
    """MongoDB away: hold the batch unacknowledged and try again, for ever."""

    def failed(error: BaseException) -> None:
        log.warning("views_unavailable", extra={"reason": str(error)})
        _record_wait(alive)

    return retry(work, on=StoreUnavailable, pause=0.05, longest=MAX_BACKOFF_SECONDS, failed=failed, sleep=queue.pause)


def _retry_transient(work: Callable[[], None], alive: Path) -> None:
    def failed(error: BaseException) -> None:
        log.warning("projector_waits", extra={"reason": str(error)})
        _record_wait(alive)

    passing = (BrokerUnavailable, StoreUnavailable, OSError)
    retry(work, on=passing, pause=0.1, longest=MAX_BACKOFF_SECONDS, failed=failed)


def _record_wait(alive: Path) -> None:
    metrics.projector_waits.inc()
    alive.touch()


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Stopping


if __name__ == "__main__":
    main()
