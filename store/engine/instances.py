"""What an engine remembers: definitions and instances, in the transaction of the unit of work."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, bindparam, case, delete, exists, func, insert, select, update

from domain.aggregates.process_definition import ProcessDefinition
from domain.deployment import FormFile, StartEvent, StoredDefinition, StoredInstance, Wait
from domain.engine_job import EngineJob
from domain.wire import dump, load
from store.engine.files import Files
from store.engine.incidents import CANCELLED, ELEMENT, Incidents
from store.engine.jobs import Jobs
from store.sql.errors import ConcurrentUpdate
from store.sql.schema import (
    FAILED,
    decision,
    definition,
    form,
    incident,
    instance,
    job,
    owed_event,
    start_event,
    wait,
)

log = logging.getLogger(__name__)

AT_A_TIME = 500
"""Ids in one statement."""

_DEFINITION = (definition.c.definition_id, definition.c.registered, definition.c.source, definition.c.compiled)
_INSTANCE = (
    *(instance.c.instance_id, instance.c.definition_id, instance.c.business_key, instance.c.start_user),
    *(instance.c.state, instance.c.finished, instance.c.due, instance.c.version, instance.c.root_id),
    instance.c.suspended,
)
_SAVED = (*(column.name for column in _INSTANCE[1:7]), "version", "failures")
# What every step needs: put together once, as that takes longer than the look-up.
_LOAD = select(*_INSTANCE).where(instance.c.instance_id == bindparam("instance_id")).with_for_update()
# What is owed to it makes it due, whoever moves it meanwhile.
_OWED = exists().where(owed_event.c.root_id == instance.c.instance_id)
_STILL_DUE = case((_OWED & instance.c.due.is_not(None), instance.c.due), else_=bindparam("due"))
_SAVE = (
    update(instance)
    .where(instance.c.instance_id == bindparam("same_instance"), instance.c.version == bindparam("same_version"))
    .values({name: bindparam(name) for name in _SAVED} | {"due": _STILL_DUE})
)
_LATEST = (
    select(definition.c.registered)
    .where(definition.c.application == bindparam("application"), definition.c.key == bindparam("key"))
    .order_by(definition.c.version.desc())
    .limit(1)
)


class Instances:
    """One application's definitions and instances; the caller owns the transaction."""

    def __init__(self, connection: Connection, application: str) -> None:
        self._connection = connection
        self._application = application
        self._jobs = Jobs(connection, application)
        self._decisions = Files(connection, application, decision)
        self._forms = Files(connection, application, form)

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

    def deployed(self, source: bytes, tenant: str | None = None) -> bool:
        """Whether this very file is there already; all of its processes as this tenant's, where one is said."""
        for table in (decision, form):
            same = (table.c.application == self._application) & (table.c.source == source)
            if self._connection.execute(select(table.c.version).where(same).limit(1)).first() is not None:
                return True
        same = (definition.c.application == self._application) & (definition.c.source == source)
        wanted = select(definition.c.registered).where(same).order_by(definition.c.version)
        newest = {one.key: one.tenant_id for one in map(_registered, self._connection.scalars(wanted))}
        return bool(newest) and all(tenant in (None, one) for one in newest.values())

    def definition(self, definition_id: str) -> StoredDefinition | None:
        """A definition by its id; definitions never change."""
        row = self._connection.execute(select(*_DEFINITION).where(definition.c.definition_id == definition_id)).first()
        return None if row is None else _definition(tuple(row))

    def latest(self, key: str) -> ProcessDefinition | None:
        """The newest version of a process."""
        text = self._connection.scalar(_LATEST, {"application": self._application, "key": key})
        return None if text is None else _registered(text)

    def version(self, key: str, version: int) -> ProcessDefinition | None:
        """One version of a process."""
        return next(self._newest(key, definition.c.version == version), None)

    def tagged(self, key: str, tag: str) -> ProcessDefinition | None:
        """The newest version of a process with this version tag."""
        return next((found for found in self._newest(key) if found.version_tag == tag), None)

    def deployed_with(self, key: str, definition_id: str) -> ProcessDefinition | None:
        """A process of the file of this definition; the newest, where the file was deployed again."""
        file = select(definition.c.source).where(definition.c.definition_id == definition_id).scalar_subquery()
        return next(self._newest(key, definition.c.source == file), None)

    def _newest(self, key: str, *among: ColumnElement[bool]) -> Iterator[ProcessDefinition]:
        mine = (definition.c.application == self._application) & (definition.c.key == key)
        wanted = select(definition.c.registered).where(mine, *among).order_by(definition.c.version.desc())
        return map(_registered, self._connection.scalars(wanted))

    def load(self, instance_id: str) -> StoredInstance | None:
        """Lock and read an instance; of one that was called, the instance it is saved with."""
        row = self._connection.execute(_LOAD, {"instance_id": instance_id}).first()
        found = row and StoredInstance(**row._mapping)  # noqa: SLF001 - SQLAlchemy's own name
        return self.load(found.root_id) if found and found.root_id else found

    def peek(self, instance_id: str) -> StoredInstance | None:
        """The same without locking it."""
        root = select(func.coalesce(instance.c.root_id, instance.c.instance_id)).where(
            instance.c.instance_id == instance_id
        )
        row = self._connection.execute(
            select(*_INSTANCE).where(instance.c.instance_id == root.scalar_subquery())
        ).first()
        return row and StoredInstance(**row._mapping)  # noqa: SLF001 - SQLAlchemy's own name

    def save_called(self, called: StoredInstance) -> None:
        """Insert or update what is known of an instance that is saved with another, its `root_id`."""
        same = instance.c.instance_id == called.instance_id
        ended = {"finished": called.finished}
        if self._connection.execute(update(instance).where(same).values(**ended)).rowcount:
            return
        values = {column.name: getattr(called, column.name) for column in _INSTANCE}
        new = insert(instance).values(application=self._application, **{**values, "version": 1})
        self._connection.execute(new)

    def waits(self, root_id: str, waits: frozenset[Wait]) -> None:
        """Replace what a saved instance waits for; what it goes on waiting for keeps its place."""
        mine = wait.c.root_id == root_id
        known = {_wait(row): row.number for row in self._connection.execute(select(wait).where(mine))}
        gone = [number for one, number in known.items() if one not in waits]
        if gone:
            self._connection.execute(delete(wait).where(wait.c.number.in_(gone)))
        new = sorted(waits - known.keys(), key=lambda one: (one.kind, one.name, one.instance_id))
        if new:
            rows = [{"application": self._application, **asdict(one)} for one in new]
            self._connection.execute(insert(wait), rows)
        if not waits:
            self._connection.execute(delete(owed_event).where(owed_event.c.root_id == root_id))

    def waiting(
        self, kind: str, name: str, business_key: str | None = None, instance_id: str | None = None
    ) -> list[Wait]:
        """Who waits for a message or signal, the longest waiting first; of one business key, or one instance alone."""
        mine = (wait.c.application == self._application) & (wait.c.kind == kind) & (wait.c.name == name)
        if business_key is not None:
            mine &= wait.c.business_key == business_key
        if instance_id is not None:
            mine &= wait.c.instance_id == instance_id
        awake = select(wait).join(instance, instance.c.instance_id == wait.c.root_id).where(~instance.c.suspended)
        return [_wait(row) for row in self._connection.execute(awake.where(mine).order_by(wait.c.number))]

    def owe(self, waits: Sequence[Wait], variables: Mapping[str, Any], now: str) -> None:
        """Keep what has come for these, whose saved instances are due `now` (ISO-8601 UTC)."""
        text = orjson.dumps(variables).decode()
        rows = [{"application": self._application, "variables": text, **asdict(one)} for one in waits]
        if rows:
            self._connection.execute(insert(owed_event), rows)
        later = (instance.c.due.is_(None) | (instance.c.due > now)) & ~instance.c.finished
        # In one order, so that two who do this do not wait for one another.
        names = sorted({one.root_id for one in waits})
        for first in range(0, len(names), AT_A_TIME):
            page = instance.c.instance_id.in_(names[first : first + AT_A_TIME])
            self._connection.execute(update(instance).where(page, later).values(due=now))

    def owed(self, root_id: str) -> list[tuple[Wait, Mapping[str, Any]]]:
        """Take what is kept for a saved instance, in the order in which it came."""
        mine = owed_event.c.root_id == root_id
        rows = self._connection.execute(select(owed_event).where(mine).order_by(owed_event.c.number)).all()
        if rows:
            self._connection.execute(delete(owed_event).where(mine))
        return [(_wait(row), orjson.loads(row.variables)) for row in rows]

    def starts(self, key: str, starts: Sequence[StartEvent]) -> None:
        """Replace what starts a process beside people."""
        mine = (start_event.c.application == self._application) & (start_event.c.key == key)
        self._connection.execute(delete(start_event).where(mine))
        if starts:
            rows = [{"application": self._application, **asdict(one)} for one in starts]
            self._connection.execute(insert(start_event), rows)

    def started_by(self, kind: str, name: str) -> list[StartEvent]:
        """What a message or signal starts."""
        mine = (start_event.c.application == self._application) & (start_event.c.kind == kind)
        wanted = select(start_event).where(mine, start_event.c.name == name).order_by(start_event.c.number)
        return [start_of(row) for row in self._connection.execute(wanted)]

    def save_decision(self, key: str, tag: str | None, source: bytes) -> int:
        """Keep the DMN file of a decision as its next version."""
        return self._decisions.save(key, tag, source)

    def decision(self, key: str, version: int | None = None, tag: str | None = None) -> bytes | None:
        """The DMN file of a decision: of one version, of the newest with a tag, or of the newest."""
        found = self._decisions.find(key, version, tag)
        return None if found is None else found[1]

    def save_form(self, key: str, tag: str | None, source: bytes) -> int:
        """Keep the file of a form as its next version."""
        return self._forms.save(key, tag, source)

    def form(self, key: str, version: int | None = None, tag: str | None = None) -> FormFile | None:
        """The file of a form: of one version, of the newest with a tag, or of the newest."""
        found = self._forms.find(key, version, tag)
        return None if found is None else FormFile(*found)

    def open_incident(
        self, instance_id: str, element: str, problem: Mapping[str, Any], tries: int, kind: str = ELEMENT
    ) -> None:
        """Set an element or its job aside for operators, unless it is."""
        if Incidents(self._connection).open(instance_id, kind, element, problem, tries):
            log.error("incident", extra={"instance_id": instance_id, "kind": kind, "tries": tries})

    def open_incidents(self, instance_id: str) -> frozenset[str]:
        """The elements of an instance that are set aside and that nobody has decided about."""
        return Incidents(self._connection).elements(instance_id)

    def close_incident(self, instance_id: str, element: str) -> None:
        """Nothing is to be decided about this element any more."""
        Incidents(self._connection).close_element(instance_id, element)

    def save(self, stored: StoredInstance) -> None:
        """Insert (version 0) or update an instance; raises `ConcurrentUpdate` when its version has moved on."""
        values = {column.name: getattr(stored, column.name) for column in _INSTANCE[1:7]}
        values |= {"version": stored.version + 1, "failures": 0}
        if stored.version == 0:
            new = {"instance_id": stored.instance_id, "application": self._application, **values}
            self._connection.execute(insert(instance), new)
            return
        same = {"same_instance": stored.instance_id, "same_version": stored.version}
        if self._connection.execute(_SAVE, same | values).rowcount != 1:
            raise ConcurrentUpdate(f"instance {stored.instance_id} is no longer at version {stored.version}")

    def called_by(self, root_id: str) -> list[str]:
        """Instances that call activities have started within a saved one, and that have not ended."""
        mine = (instance.c.root_id == root_id) & ~instance.c.finished
        return list(self._connection.scalars(select(instance.c.instance_id).where(mine)))

    def open_job(self, job: EngineJob) -> None:
        """Somebody else has something to do; one that is known stays as it is."""
        self._jobs.open(job)

    def close_job(self, job_id: str) -> None:
        """It is done or no longer wanted, and so is its incident; an unknown one is ignored."""
        closed = self._jobs.close(job_id)
        if closed is not None and closed.state == FAILED:
            Incidents(self._connection).close_of_job(closed.job.instance_id, job_id, CANCELLED, None)

    def rewrite(self, instance_id: str, state: str) -> None:
        """Replace what is kept of an instance that is locked; nothing that still holds it can save it."""
        kept = {"state": state, "version": instance.c.version + 1}
        self._connection.execute(update(instance).where(instance.c.instance_id == instance_id).values(**kept))

    def suspend(self, instance_id: str, *, suspended: bool) -> None:
        """Stop an instance that is locked where it is, or let it go on; nothing that still holds it can save it."""
        mine = (instance.c.instance_id == instance_id) | (instance.c.root_id == instance_id)
        kept = {"suspended": suspended, "version": instance.c.version + 1}
        self._connection.execute(update(instance).where(mine).values(**kept))

    def running(self, definition_id: str, after: str, limit: int) -> list[str]:
        """Instances of a definition that have not ended, by id; those behind `after`."""
        mine = (instance.c.definition_id == definition_id) & ~instance.c.finished & (instance.c.instance_id > after)
        wanted = select(instance.c.instance_id).where(mine, instance.c.application == self._application)
        return list(self._connection.scalars(wanted.order_by(instance.c.instance_id).limit(limit)))

    def rebind(self, instance_id: str, definition_id: str) -> None:
        """An instance is one of another version from now on, and so is what is kept beside it."""
        for table in (instance, job, incident):
            mine = table.c.instance_id == instance_id
            self._connection.execute(update(table).where(mine).values(definition_id=definition_id))

    def end(self, instance_id: str, state: str) -> None:
        """End an instance that is locked and what it has called, without its engine; nothing can save it any more."""
        self.waits(instance_id, frozenset())
        self._connection.execute(update(instance).where(instance.c.root_id == instance_id).values(finished=True))
        self._jobs.close_all(instance_id)
        ended = {"finished": True, "due": None, "failures": 0, "state": state, "version": instance.c.version + 1}
        self._connection.execute(update(instance).where(instance.c.instance_id == instance_id).values(**ended))


def application_of(connection: Connection, instance_id: str) -> str | None:
    """Whose instance it is, by its engine's id; None where this store has none of that name."""
    return connection.scalar(select(instance.c.application).where(instance.c.instance_id == instance_id))


def start_of(row: Any) -> StartEvent:
    """What starts a process, from its row."""
    return StartEvent(row.key, row.definition_id, row.element, row.kind, row.name, row.due, row.value)


@lru_cache(maxsize=256)
def _registered(text: str) -> ProcessDefinition:
    return load(ProcessDefinition, orjson.loads(text))


def _definition(row: Sequence[Any]) -> StoredDefinition:
    return StoredDefinition(_registered(row[1]), row[2], row[3])


def _wait(row: Any) -> Wait:
    return Wait(row.root_id, row.instance_id, row.kind, row.name, row.business_key)
