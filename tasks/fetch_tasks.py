"""Give external tasks to workers that ask, however many wait: what there is, is looked up once for all of them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import sample
from threading import Lock
from time import monotonic
from typing import Any

from domain.access import User
from domain.engine_job import EXTERNAL
from domain.errors import NotAllowed, StoreUnavailable
from store.engine.jobs import Jobs, StoredJob, Taken, Taker, Wanted
from store.sql.database import Database, clock
from store.sql.databases import ApplicationDatabases

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.25
"""How old may be what is known of a topic."""
MOST_TOPICS_KNOWN = 10_000
VariablesOf = Callable[[str, str], Mapping[str, Any]]
"""`(saved state, job id) -> the variables visible there`."""


@dataclass(frozen=True, slots=True)
class Given:
    """An external task that a worker was given, with the saved state of its instance and the variables it may see."""

    taken: Taken
    variables: Mapping[str, Any]

    @property
    def stored(self) -> StoredJob:
        """The task itself."""
        return self.taken.stored


@dataclass(slots=True)
class _Known:
    """Of which topics of one store there was something a moment ago."""

    topics: dict[str, tuple[float, bool]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)


def applications_of(user: User, databases: ApplicationDatabases) -> list[str]:
    """For which applications the user may do external tasks; raises `NotAllowed` where it is none."""
    if not user.is_operator and user.application is None:
        raise NotAllowed("only operators and services of an application work on external tasks")
    # The host, the last, runs no engine.
    return [name for name in databases.names[:-1] if user.is_operator or name == user.application]


@dataclass(frozen=True, slots=True)
class Fetching:
    """One per web process."""

    databases: ApplicationDatabases
    variables_of: VariablesOf
    _known: dict[str, _Known] = field(default_factory=dict)

    def fetch(self, user: User, wanted: Sequence[Wanted], by: Taker) -> list[Given]:
        """Lock what there is for a worker, of all the user's applications; `StoreUnavailable`: no store answers."""
        names = applications_of(user, self.databases)
        given: list[Given] = []
        away: dict[str, str] = {}
        for name in sample(names, len(names)):
            left = replace(by, most=by.most - len(given))
            found = self.databases.ask(lambda database, left=left: self._take(database, wanted, left), [name])  # type: ignore[misc]
            away |= found.away
            given += found.answers.get(name, [])
            if len(given) >= by.most:
                break
        if away and len(away) == len(names):
            raise StoreUnavailable("; ".join(away.values()))
        return given

    def _take(self, database: Database, wanted: Sequence[Wanted], by: Taker) -> list[Given]:
        there = self._available(database, {one.topic for one in wanted})
        asked = [one for one in wanted if one.topic in there]
        # Asked without a lock first: on SQLite a transaction that may write keeps others from writing.
        if not asked or not self._is_wanted(database, asked):
            return []
        with database.transaction() as connection:
            taken = Jobs(connection, database.application).take(EXTERNAL, asked, by, clock(connection))
        return [given for one in taken if (given := self._given(one))]

    def _is_wanted(self, database: Database, asked: Sequence[Wanted]) -> bool:
        with database.reading() as connection:
            return Jobs(connection, database.application).is_wanted(EXTERNAL, asked, clock(connection))

    def _available(self, database: Database, topics: Collection[str]) -> frozenset[str]:
        known = self._known.setdefault(database.application, _Known())
        with known.lock:
            now = monotonic()
            if len(known.topics) > MOST_TOPICS_KNOWN:
                known.topics.clear()
            old = [one for one in topics if known.topics.get(one, (-LOOK_SECONDS, False))[0] + LOOK_SECONDS <= now]
            if old:
                with database.reading() as connection:
                    found = Jobs(connection, database.application).available(EXTERNAL, old, clock(connection))
                known.topics.update({one: (now, one in found) for one in old})
            return frozenset(one for one in topics if known.topics[one][1])

    def _given(self, taken: Taken) -> Given | None:
        try:
            return Given(taken, self.variables_of(taken.state, taken.stored.job.job_id))
        except Exception:
            # One whose instance cannot be read keeps no other from its worker; its lock will pass.
            log.exception("external_task_unreadable", extra={"job_id": taken.stored.job.job_id})
            return None
