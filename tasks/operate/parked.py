"""Parked aggregates of the whole system: found wherever they are, let go again, their publishers told."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import time
from typing import TypeVar

from store.outbox.parked import NotParked, Parked, ParkedAggregate, ParkedSelection
from store.sql.database import Database
from store.sql.databases import ApplicationDatabases, Everywhere

log = logging.getLogger(__name__)

AnswerT = TypeVar("AnswerT")


@dataclass(frozen=True, slots=True)
class ParkedEverywhere:
    """What operators do about parked aggregates; `wake` tells a store's publishers that there is work."""

    databases: ApplicationDatabases
    wake: Callable[[str], None]

    def find(self, wanted: ParkedSelection) -> Everywhere[list[ParkedAggregate]]:
        """What is parked, by store; stores that are away are named."""

        def ask(database: Database) -> list[ParkedAggregate]:
            with database.reading() as connection:
                return Parked(connection).find(self._within(database, wanted))

        return self.databases.ask(ask, self._stores(wanted))

    def show(self, key: str) -> tuple[ParkedAggregate, str | None]:
        """One parked aggregate and the event that could not be published; raises `NotParked`, `StoreUnavailable`."""

        def ask(database: Database) -> tuple[ParkedAggregate, str | None]:
            with database.reading() as connection:
                found = Parked(connection).one(key)
                return found, Parked(connection).event(found.position)

        return self._where_it_is(key, ask)

    def retry(self, wanted: ParkedSelection, operator: str) -> Everywhere[list[ParkedAggregate]]:
        """Let all of them try again, a bounded number in each transaction."""
        return self.databases.ask(
            lambda database: self._retry(database, self._within(database, wanted), operator), self._stores(wanted)
        )

    def retry_one(self, key: str, operator: str) -> ParkedAggregate:
        """Let one try again; raises `NotParked`, `StoreUnavailable`."""

        def act(database: Database) -> ParkedAggregate:
            retried = self._retry(database, ParkedSelection(key=key), operator)
            if not retried:
                raise NotParked(f"no aggregate {key} is parked")
            return retried[0]

        return self._where_it_is(key, act)

    def skip(self, key: str, operator: str) -> ParkedAggregate:
        """Leave out the event that cannot go, let the rest follow; raises `NotParked`, `StoreUnavailable`."""

        def act(database: Database) -> ParkedAggregate:
            with database.transaction() as connection:
                skipped = Parked(connection).skip(key, operator)
            log.warning("event_skipped", extra={"key": key, "position": skipped.position, "operator": operator})
            self.wake(database.application)
            return skipped

        return self._where_it_is(key, act)

    def _retry(self, database: Database, wanted: ParkedSelection, operator: str) -> list[ParkedAggregate]:
        # What a publisher parks again meanwhile is left to the next retry: this one has to end.
        wanted = replace(wanted, until=time())
        retried: list[ParkedAggregate] = []
        while True:
            with database.transaction() as connection:
                some = Parked(connection).retry(wanted, operator)
            if not some:
                return retried
            retried += some
            self.wake(database.application)

    def _where_it_is(self, key: str, act: Callable[[Database], AnswerT]) -> AnswerT:
        answer = self.databases.first(lambda database: _unless_missing(act, database), key)
        if answer is None:
            raise NotParked(f"no aggregate {key} is parked")
        return answer

    def _stores(self, wanted: ParkedSelection) -> Sequence[str] | None:
        return None if wanted.application is None else [self.databases.store_of(wanted.application)]

    def _within(self, database: Database, wanted: ParkedSelection) -> ParkedSelection:
        """Naming a store means everything in it."""
        return replace(wanted, application=None) if wanted.application == database.application else wanted


def _unless_missing(act: Callable[[Database], AnswerT], database: Database) -> AnswerT | None:
    try:
        return act(database)
    except NotParked:
        return None
