"""What an engine remembers: definitions and instances, in the transaction of the unit of work."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Connection, exists, func, insert, select, update

from domain.aggregates.process_definition import ProcessDefinition
from domain.deployment import StoredDefinition, StoredInstance
from domain.engine_job import EngineJob
from domain.values import iso
from domain.wire import dump, load
from store.engine.incidents import CANCELLED, TIMER, Incidents
from store.engine.jobs import Jobs
from store.sql.errors import ConcurrentUpdate
from store.sql.schema import FAILED, OPEN, definition, incident, instance

_DEFINITION = (definition.c.definition_id, definition.c.registered, definition.c.source, definition.c.compiled)
_INSTANCE = (
    *(instance.c.instance_id, instance.c.definition_id, instance.c.business_key, instance.c.start_user),
    *(instance.c.state, instance.c.finished, instance.c.due, instance.c.version),
)


class Instances:
    """One application's definitions and instances; the caller owns the transaction."""

    def __init__(self, connection: Connection, application: str) -> None:
        self._connection = connection
        self._application = application
        self._jobs = Jobs(connection, application)

    def next_version(self, key: str) -> int:
        """1, 2, 3 … per process key."""
        mine = (definition.c.application == self._application) & (definition.c.key == key)
        return int(self._connection.scalar(select(func.max(definition.c.version)).where(mine)) or 0) + 1

    def save_definition(self, stored: StoredDefinition) -> None:
        """Keep a new definition; a version that was taken meanwhile makes the unit of work run again."""
        registered = stored.definition
        self._connection.execute(
            insert(definition).values(
                definition_id=registered.definition_id,
                application=self._application,
                key=registered.key,
                version=registered.version,
                registered=orjson.dumps(dump(registered)).decode(),
                source=stored.source,
                compiled=stored.compiled,
            )
        )

    def deployed(self, source: bytes) -> bool:
        """Whether this very BPMN is there already."""
        same = (definition.c.application == self._application) & (definition.c.source == source)
        return self._connection.execute(select(definition.c.definition_id).where(same).limit(1)).first() is not None

    def definition(self, definition_id: str) -> StoredDefinition | None:
        """A definition by its id; definitions never change."""
        row = self._connection.execute(select(*_DEFINITION).where(definition.c.definition_id == definition_id)).first()
        return None if row is None else _definition(tuple(row))

    def latest(self, key: str) -> StoredDefinition | None:
        """The newest version of a process."""
        mine = (definition.c.application == self._application) & (definition.c.key == key)
        newest = select(*_DEFINITION).where(mine).order_by(definition.c.version.desc()).limit(1)
        row = self._connection.execute(newest).first()
        return None if row is None else _definition(tuple(row))

    def load(self, instance_id: str) -> StoredInstance | None:
        """Lock and read an instance."""
        wanted = select(*_INSTANCE).where(instance.c.instance_id == instance_id).with_for_update()
        row = self._connection.execute(wanted).first()
        return row and StoredInstance(*row)

    def save(self, stored: StoredInstance) -> None:
        """Insert (version 0) or update an instance; raises `ConcurrentUpdate` when its version has moved on."""
        values = {column.name: getattr(stored, column.name) for column in _INSTANCE[1:7]}
        values |= {"version": stored.version + 1, "failures": 0}
        if stored.version == 0:
            new = {"instance_id": stored.instance_id, "application": self._application, **values}
            self._connection.execute(insert(instance).values(**new))
            return
        same = (instance.c.instance_id == stored.instance_id) & (instance.c.version == stored.version)
        if self._connection.execute(update(instance).where(same).values(**values)).rowcount != 1:
            raise ConcurrentUpdate(f"instance {stored.instance_id} is no longer at version {stored.version}")

    def open_job(self, job: EngineJob) -> None:
        """Somebody else has something to do; one that is known stays as it is."""
        self._jobs.open(job)

    def close_job(self, job_id: str) -> None:
        """It is done or no longer wanted, and so is its incident; an unknown one is ignored."""
        closed = self._jobs.close(job_id)
        if closed is not None and closed.state == FAILED:
            Incidents(self._connection).close_of_job(closed.job.root_id, job_id, CANCELLED, None)

    def open_incident(
        self, instance_id: str, kind: str, element: str | None, problem: Mapping[str, Any], tries: int
    ) -> bool:
        """Set aside what failed for good; whether it was not set aside already."""
        return Incidents(self._connection).open(instance_id, kind, element, problem, tries)

    def rewrite(self, instance_id: str, state: str) -> None:
        """Replace what is kept of an instance that is locked; nothing that still holds it can save it."""
        kept = {"state": state, "version": instance.c.version + 1}
        self._connection.execute(update(instance).where(instance.c.instance_id == instance_id).values(**kept))

    def end(self, instance_id: str, state: str) -> None:
        """End an instance that is locked, without its engine; nothing that still holds it can save it."""
        self._jobs.close_all(instance_id)
        ended = {"finished": True, "due": None, "failures": 0, "state": state, "version": instance.c.version + 1}
        self._connection.execute(update(instance).where(instance.c.instance_id == instance_id).values(**ended))


def application_of(connection: Connection, instance_id: str) -> str | None:
    """Whose instance it is, by its engine's id; None where this store has none of that name."""
    return connection.scalar(select(instance.c.application).where(instance.c.instance_id == instance_id))


def due_instances(connection: Connection, now: str, limit: int = 100) -> list[str]:
    """Instances with a timer due at `now` (ISO-8601 UTC) and no open incident of one, the longest overdue first."""
    mine = incident.c.instance_id == instance.c.instance_id
    stuck = exists().where(mine, incident.c.kind == TIMER, incident.c.state == OPEN)
    due = instance.c.due.is_not(None) & (instance.c.due <= now) & ~instance.c.finished & ~stuck
    return list(connection.scalars(select(instance.c.instance_id).where(due).order_by(instance.c.due).limit(limit)))


def count_try(
    connection: Connection, instance_id: str, now: datetime, pause_after: Callable[[int], timedelta]
) -> tuple[int, str] | None:
    """Count a try of an instance's timers before it is made, and put the next one off until after a pause.

    Returns how many were made before and when the next one is; None when somebody else has taken this turn. Saving the
    instance, which its engine does when the try went well, forgets the count and says when it is really due.
    """
    still_due = (instance.c.instance_id == instance_id) & (instance.c.due <= iso(now)) & ~instance.c.finished
    before = connection.scalar(select(instance.c.failures).where(still_due).with_for_update())
    if before is None:
        return None
    until = iso(now + pause_after(before))
    connection.execute(update(instance).where(still_due).values(due=until, failures=before + 1))
    return before, until


def uncount_try(connection: Connection, instance_id: str, until: str, due: str) -> None:
    """A try that something else cut short is none, and the next is `due`; nothing when the instance has moved on."""
    same = (instance.c.instance_id == instance_id) & (instance.c.due == until) & (instance.c.failures > 0)
    connection.execute(update(instance).where(same).values(due=due, failures=instance.c.failures - 1))


@lru_cache(maxsize=256)
def _registered(text: str) -> ProcessDefinition:
    return load(ProcessDefinition, orjson.loads(text))


def _definition(row: Sequence[Any]) -> StoredDefinition:
    return StoredDefinition(_registered(row[1]), row[2], row[3])
