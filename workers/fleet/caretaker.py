"""Looks after what was prepared at start: queues, bindings, broker users, collections, their images and indexes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from threading import Event, Thread
from typing import Protocol

from domain.errors import BrokerUnavailable, StoreUnavailable
from settings import HOSTED, Settings
from store.health.last_hour import LastHour
from store.identity.sessions import Lifetime, MongoSessions
from store.lists.task_list import Documents
from store.messaging.topology import declare
from store.people.changes import Changes
from store.people.left import LeftByPeople
from store.people.notices import Notices
from store.people.operator_acts import OperatorActs
from store.people.wishes import Calendars
from store.views.indexes import indexes
from store.views.losses import Losses
from store.views.writer import Views
from workers.fleet.broker_users import create_users

log = logging.getLogger(__name__)

LOOK_SECONDS = 10.0


class Prepared(Protocol):
    """Collections of its own."""

    def prepare(self) -> None:
        """Make what is missing; repeating it changes nothing. Raises `StoreUnavailable`."""


def prepared(settings: Settings, database: Documents) -> list[Prepared]:
    """Collections that are no views; the web may not make them."""
    told: list[Prepared] = [Notices(database), Changes(database), Calendars(database, settings.secret_key)]
    people: list[Prepared] = [LeftByPeople(database), MongoSessions(database, Lifetime()), OperatorActs(database)]
    return [*told, *people, LastHour(database)]


class Caretaker:
    """Declares again what somebody has deleted while the system runs; beside the projector until the process ends."""

    def __init__(self, settings: Settings, views: Views, prepared: Sequence[Prepared], losses: Losses) -> None:
        self._settings, self._views, self._prepared, self._losses = settings, views, prepared, losses

    def start(self) -> None:
        """Look every ten seconds from now on."""
        Thread(target=self._run, name="caretaker", daemon=True).start()

    def look(self) -> None:
        """Restore what is missing once; what is away is looked at the next time."""
        everybody, ways = (*self._settings.applications, HOSTED), self._settings.notifying
        self._try(lambda: declare(self._settings.amqp_url, everybody, notices=ways.is_on, changes=ways.tells_changes))
        self._try(lambda: create_users(self._settings, everybody))
        self._try(self._mend_views)

    def _run(self) -> None:
        never = Event()
        while not never.wait(LOOK_SECONDS):
            self.look()

    def _mend_views(self) -> None:
        for one in self._prepared:
            one.prepare()
        if missing := self._views.unprepared(indexes()):
            # Before they look like new: what was in them has to come from the logs again.
            self._losses.note(self._views.lost())
            log.error("views_mended", extra={"collections": ", ".join(missing)})
            self._views.prepare(indexes())

    def _try(self, work: Callable[[], None]) -> None:
        try:
            work()
        except (BrokerUnavailable, StoreUnavailable, OSError) as error:
            log.info("caretaker_waits", extra={"reason": str(error)})
        except Exception:
            log.exception("caretaker_failed")
