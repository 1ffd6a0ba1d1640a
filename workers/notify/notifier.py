"""The notifier process: events and due dates become notices, and notices become mail and posts."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Event, Thread
from types import FrameType
from typing import Final
from urllib.parse import quote

from domain.errors import BrokerUnavailable, StoreUnavailable, TooBroad
from observe import metrics
from observe.garbage import collect_seldom
from observe.retrying import retry
from settings import HOSTED, WEB_USER, Settings
from store.identity.people import open_people
from store.lists.due_tasks import DueTasks
from store.lists.task_list import Documents, TaskList
from store.messaging.event_queue import EventQueue
from store.messaging.topology import NOTIFIER, declare
from store.people.changes import Changes
from store.people.notices import Notices
from store.people.wishes import WishesOfPeople
from store.views.commands import CommandView
from store.views.generations import LiveViews
from store.views.writer import connect
from tasks.notices.deliver import LEASE, MAIL, Channel, Deliverer
from tasks.notices.due import DueLook
from tasks.notices.from_events import FromEvents
from tasks.notices.tell_changes import Teller
from workers.fleet.wiring import announce, senders_of, sign_of_life
from workers.notify.mail import Mail, Server
from workers.notify.webhook import Webhook

log = logging.getLogger("workers.notify.notifier")

LOOK_SECONDS: Final = 60.0
IDLE_SECONDS: Final = 1.0
LONGEST_PAUSE: Final = 5.0
STOP_SECONDS: Final = 8.0
"""Of the ten that the supervisor gives."""
AT_ONCE: Final = 4
"""Notices under way at once: a server that is slow holds up a part of them."""


class Stopping(Exception):
    """The process was asked to end."""


class Beside:
    """Something done again and again in a thread of its own, whatever goes wrong, until the process ends."""

    def __init__(self, name: str, work: Callable[[], float]) -> None:
        """`work` says how long to rest before the next time."""
        self._work, self._stop, self.turned = work, Event(), time.monotonic()
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after what is under way; what is not over then is done again by the next life."""
        self._stop.set()

    def wait(self, seconds: float) -> None:
        """Until it has ended, for so long at most."""
        self._thread.join(max(seconds, 0.0))

    def _run(self) -> None:
        while not self._stop.is_set():
            pause = LONGEST_PAUSE
            try:
                pause = self._work()
            except (StoreUnavailable, TooBroad) as error:
                metrics.notifier_waits.inc()
                log.warning("notifier_waits", extra={"reason": type(error).__name__})
            except Exception:
                log.exception("notifier_failed")
            self.turned = time.monotonic()
            self._stop.wait(pause)


def main() -> None:
    """Run until asked to stop; whatever is away is waited for."""
    announce()
    settings = Settings.from_env(os.environ)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    database = connect(settings.views_url(WEB_USER), settings.mongo_database)
    workers = beside(settings, database)
    try:
        for worker in workers:
            worker.start()
        collect_seldom()
        alive = partial(show_life, workers, sign_of_life())
        while True:
            _retry_transient(lambda: _consume(settings, database, alive), alive)
    except Stopping:
        for worker in workers:
            worker.stop()
        ends = time.monotonic() + STOP_SECONDS
        for worker in workers:
            worker.wait(ends - time.monotonic())
        log.info("notifier_stopped")


def beside(settings: Settings, database: Documents) -> list[Beside]:
    """The look at due dates and those who deliver, where there is a way to people; those who tell of changes."""
    return [
        *(_to_people(settings, database) if settings.notifying.tells_people else []),
        *_of_changes(settings, database),
    ]


def _to_people(settings: Settings, database: Documents) -> list[Beside]:
    views, notices = LiveViews(database), Notices(database)
    look = DueLook(DueTasks(views), notices, _now, timedelta(hours=settings.notifying.due_soon_hours))
    deliverer = Deliverer(
        notices,
        TaskList(views).current,
        open_people(settings).find,
        WishesOfPeople(database).of,
        channels(settings),
        partial(task_url, settings.public_url),
        _now,
        settings.notifying.locale,
    )
    return [
        Beside("due", partial(_looked, look)),
        *(Beside(f"deliver-{n}", lambda: 0.0 if deliverer.deliver_one() else IDLE_SECONDS) for n in range(AT_ONCE)),
    ]


def _of_changes(settings: Settings, database: Documents) -> list[Beside]:
    """For each address one of its own: who is slow holds up nobody else."""
    names, changes = TaskList(LiveViews(database)).current_ones, Changes(database)
    url_of, secret = partial(task_url, settings.public_url), settings.notifying.webhook_secret
    tellers = [
        Teller(way, changes, Webhook(url, secret), names, url_of, _now) for way, url in change_ways(settings).items()
    ]
    return [Beside(one.way, partial(_told, one)) for one in tellers]


def _told(teller: Teller) -> float:
    return 0.0 if teller.tell_lot() else IDLE_SECONDS


def _looked(look: DueLook) -> float:
    look.look()
    return LOOK_SECONDS


def channels(settings: Settings) -> dict[str, Channel]:
    """The ways there are, each by a name that stays as long as its place in the settings."""
    ways = settings.notifying
    hooks = {f"webhook{n}": Webhook(url, ways.webhook_secret) for n, url in enumerate(ways.webhooks, start=1)}
    mail = {MAIL: Mail(Server.of(ways.smtp_url), ways.templates)} if ways.smtp_url else {}
    return {**hooks, **mail}


def change_ways(settings: Settings) -> dict[str, str]:
    """The addresses that hear of every event, each by a name that stays as long as its place in the settings."""
    return {f"change{n}": url for n, url in enumerate(settings.notifying.change_webhooks, start=1)}


def task_url(root: str, task_id: str) -> str:
    """Where the page shows the task."""
    return f"{root}/?task={quote(task_id, safe='')}"


def from_events(settings: Settings, database: Documents) -> FromEvents:
    """What makes notices of events."""
    notices = Notices(database) if settings.notifying.tells_people else None
    found, ways = CommandView(database).find, tuple(change_ways(settings))
    return FromEvents(notices, found, _now, senders_of(settings), Changes(database), ways)


def show_life(workers: list[Beside], alive: Callable[[], None]) -> None:
    """Give the sign of life, unless one of them is stuck in one thing."""
    longest = max(LEASE.total_seconds(), LOOK_SECONDS * 2)
    if all(time.monotonic() - worker.turned < longest for worker in workers):
        alive()


def _consume(settings: Settings, database: Documents, alive: Callable[[], None]) -> None:
    changes = settings.notifying.tells_changes
    declare(settings.amqp_url, (*settings.applications, HOSTED), notices=True, changes=changes)
    queue, maker = EventQueue(settings.amqp_url, NOTIFIER), from_events(settings, database)
    for batch in queue.batches():
        alive()
        if batch:
            _insist(queue, partial(maker.apply, batch), alive)
            queue.acknowledge(batch)


def _insist(queue: EventQueue, work: Callable[[], object], alive: Callable[[], None]) -> None:
    """MongoDB away: hold the batch unacknowledged and try again, for ever."""
    waits = partial(_record_wait, alive)
    retry(work, on=StoreUnavailable, pause=0.05, longest=LONGEST_PAUSE, failed=waits, sleep=queue.pause)


def _retry_transient(work: Callable[[], None], alive: Callable[[], None]) -> None:
    passing = (BrokerUnavailable, StoreUnavailable, OSError)
    retry(work, on=passing, pause=0.1, longest=LONGEST_PAUSE, failed=partial(_record_wait, alive))


def _record_wait(alive: Callable[[], None], error: BaseException) -> None:
    metrics.notifier_waits.inc()
    log.warning("notifier_waits", extra={"reason": type(error).__name__})
    alive()


def _now() -> datetime:
    return datetime.now(UTC)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Stopping


if __name__ == "__main__":
    main()
