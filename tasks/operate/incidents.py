"""Incidents of the whole system: found wherever they are, tried again or given up."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from domain.values import iso
from store.engine.incidents import Incident, Incidents, NoIncident
from store.sql.database import Database
from store.sql.databases import ApplicationDatabases, Everywhere

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class IncidentsEverywhere:
    """What operators do about incidents."""

    databases: ApplicationDatabases

    def find(self, application: str | None = None) -> Everywhere[list[Incident]]:
        """The open ones, by store; stores that are away are named."""

        def ask(database: Database) -> list[Incident]:
            with database.reading() as connection:
                return Incidents(connection).find(application)

        return self.databases.ask(ask, None if application is None else [self.databases.store_of(application)])

    def show(self, incident_id: str) -> Incident:
        """One of them, closed or not; raises `NoIncident`, `StoreUnavailable`."""
        return self._where_it_is(incident_id, lambda incidents: incidents.one(incident_id))

    def retry(self, incident_id: str, operator: str) -> Incident:
        """Try again at once, with all its tries; raises `NoIncident`, `StoreUnavailable`."""
        now = iso(datetime.now(UTC))
        return self._decided(incident_id, "retried", lambda incidents: incidents.retry(incident_id, operator, now))

    def resolve(self, incident_id: str, operator: str) -> Incident:
        """Give it up; the instance stays as it is until somebody moves or cancels it. Raises as `retry`."""
        return self._decided(incident_id, "resolved", lambda incidents: incidents.resolve(incident_id, operator))

    def counts(self, instances: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """How many are open for (application, instance) pairs; those of a store that is away are left out."""
        asked: dict[str, list[tuple[str, str]]] = {}
        for pair in instances:
            asked.setdefault(self.databases.store_of(pair[0]), []).append(pair)
        found: dict[tuple[str, str], int] = {}
        for store, pairs in asked.items():
            answer = self.databases.ask(partial(_counts, pairs=pairs), [store]).answers
            counted = answer.get(store)
            if counted is not None:
                found |= {pair: counted.get(pair[1], 0) for pair in pairs}
        return found

    def _decided(self, incident_id: str, what: str, act: Callable[[Incidents], Incident]) -> Incident:
        found = self._where_it_is(incident_id, act)
        log.warning("incident_decided", extra={"incident_id": incident_id, "decision": what})
        return found

    def _where_it_is(self, incident_id: str, act: Callable[[Incidents], Incident]) -> Incident:
        found = self.databases.first(lambda database: _unless_missing(act, database, incident_id), incident_id)
        if found is None:
            raise NoIncident(f"there is no open incident {incident_id}")
        return found


def _unless_missing(act: Callable[[Incidents], Incident], database: Database, incident_id: str) -> Incident | None:
    with database.reading() as connection:
        if not Incidents(connection).is_known(incident_id):
            return None
    with database.transaction() as connection:
        return act(Incidents(connection))


def _counts(database: Database, pairs: Sequence[tuple[str, str]]) -> dict[str, int]:
    with database.reading() as connection:
        return Incidents(connection).counts([instance_id for _, instance_id in pairs])
