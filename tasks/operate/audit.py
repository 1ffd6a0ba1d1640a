"""Who did what in the whole system, put together from where each thing is kept anyway."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

from sqlalchemy import Connection

from domain.acts import Act, Place, Wanted
from domain.values import iso, parse_time
from store.engine.decided import PREFIX as INCIDENT
from store.engine.decided import decided
from store.lists.acts import ActsInViews
from store.outbox.let_go import PREFIX as PARKED
from store.outbox.let_go import let_go
from store.people.operator_acts import OperatorActs
from store.sql.database import Database
from store.sql.databases import ApplicationDatabases
from tasks.operate.dead_letters import PREFIX as DEAD

SESSION, NOTICE, REQUEST = "session", "notice", "request"
"""What actions about sessions and notices begin with, and what the web did not allow."""
_Ask = Callable[[Wanted, Place | None, int], Sequence[Act]]
_BY_OPERATORS = (DEAD, SESSION, NOTICE, REQUEST)
_IN_STORES = {INCIDENT: decided, PARKED: let_go}


@dataclass(frozen=True, slots=True)
class Behind:
    """How far a reader is: in each source that something was told of, and when the last of all of it was."""

    places: Mapping[str, Place] = field(default_factory=dict)
    last: str | None = None


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Newest first; `next` is None at the end, and stores that are away are named with the reason."""

    acts: Sequence[Act]
    next: Behind | None
    away: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Audit:
    """Asks the views, and every store whose operators may have done something."""

    views: ActsInViews
    operators: OperatorActs
    databases: ApplicationDatabases

    def page(self, wanted: Wanted, behind: Behind, most: int) -> AuditPage:
        """The next acts; raises `TooBroad` and `StoreUnavailable`, which a store that is away is not."""
        away: dict[str, str] = {}
        found: list[tuple[str, Act]] = []
        for name, ask in self._sources(wanted, away):
            place = behind.places.get(name)
            asked = wanted if place is not None else _before(wanted, behind.last)
            found += ((name, act) for act in ask(asked, place, most + 1))
        # Stable: of one moment, those of one source stay in its own order.
        found.sort(key=lambda one: one[1].time, reverse=True)
        told = found[:most]
        places = {**behind.places, **{name: act.place for name, act in told}}
        after = Behind(places, told[-1][1].time) if len(found) > most else None
        return AuditPage([act for _, act in told], after, away)

    def _sources(self, wanted: Wanted, away: dict[str, str]) -> Iterator[tuple[str, _Ask]]:
        """Each with a name of its own; a store that does not answer is named, and has nothing to say."""
        if wanted.may_be("task"):
            yield "task", self.views.on_tasks
        if wanted.may_be(""):
            yield "command", self.views.by_command
            yield "refused", self.views.refused
        if any(map(wanted.may_be, _BY_OPERATORS)):
            yield "operator", self.operators.find
        stores = self.databases.names if wanted.application is None else (self.databases.store_of(wanted.application),)
        for prefix, read in _IN_STORES.items():
            if wanted.may_be(prefix):
                for store in stores:
                    yield f"{prefix} {store}", partial(self._ask, store, read, away)

    def _ask(  # noqa: PLR0917 - where, how, and all that is asked
        self,
        store: str,
        read: Callable[[Connection, Wanted, Place | None, int], list[Act]],
        away: dict[str, str],
        wanted: Wanted,
        place: Place | None,
        most: int,
    ) -> Sequence[Act]:
        def ask(database: Database) -> list[Act]:
            with database.reading() as connection:
                return read(connection, wanted, place, most)

        found = self.databases.ask(ask, [store])
        away |= found.away
        return found.answers.get(store, [])


def _before(wanted: Wanted, last: str | None) -> Wanted:
    """Of a source that nothing was told of yet: nothing newer than what was told last."""
    if last is None:
        return wanted
    end = iso(parse_time(last) + timedelta(milliseconds=1))
    return replace(wanted, end=end if wanted.end is None else min(end, wanted.end))
