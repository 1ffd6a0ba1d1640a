"""What failed again and again while nobody waited for it, set aside until an operator decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import time
from typing import Any, ClassVar
from uuid import uuid4

import orjson
from sqlalchemy import Connection, func, insert, select, update

from domain.errors import Refused
from store.sql.database import clock
from store.sql.schema import OPEN, incident, instance, job

RETRIED, RESOLVED, CANCELLED = "retried", "resolved", "cancelled"
TIMER, COMMAND, ELEMENT, JOB = "timer", "command", "element", "job"
"""What was tried: timers that came due, which wait until an operator decides; what somebody asked for, who may ask
again; one element of an instance, which has stopped before it and otherwise goes on; or a job."""
TRIED_AGAIN = (TIMER, ELEMENT)
"""Kinds that the clock tries again."""
NEW_TRIES = 3
"""How often a job is tried again that an operator has tried again."""
MAX_LISTED = 1000


class NoIncident(Refused):
    """There is no such open incident."""

    status: ClassVar[int] = 404
    slug: ClassVar[str] = "not-found"


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident; `problem` as RFC 9457 has it, `tries` made in vain, times are seconds since 1970."""

    incident_id: str
    application: str
    instance_id: str
    definition_id: str
    kind: str
    element: str | None
    problem: Mapping[str, Any]
    tries: int
    created: float
    state: str
    closed: float | None = None
    operator: str | None = None


class Incidents:
    """The incidents of one store; the caller owns the transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open(self, instance_id: str, kind: str, element: str | None, problem: Mapping[str, Any], tries: int) -> bool:
        """Make one, unless the instance is gone, has ended or has an open one of this kind; whether it was made.

        A `problem` of a job names it as `job`: an instance has one for each.
        """
        known = select(instance.c.application, instance.c.definition_id, instance.c.finished)
        row = self._connection.execute(known.where(instance.c.instance_id == instance_id).with_for_update()).first()
        if row is None or row.finished or self._is_open(instance_id, kind, element, problem.get("job")):
            return False
        values = {
            "incident_id": str(uuid4()),
            "application": row.application,
            "instance_id": instance_id,
            "definition_id": row.definition_id,
            "kind": kind,
            "element": element,
            "problem": orjson.dumps(problem, default=str).decode(),
            "tries": tries,
            "created": time(),
            "state": OPEN,
        }
        self._connection.execute(insert(incident).values(**values))
        return True

    def find(self, application: str | None = None, instance_id: str | None = None) -> list[Incident]:
        """The open ones, oldest first, a thousand at most."""
        wanted = select(incident).where(incident.c.state == OPEN).order_by(incident.c.created).limit(MAX_LISTED)
        if application is not None:
            wanted = wanted.where(incident.c.application == application)
        if instance_id is not None:
            wanted = wanted.where(incident.c.instance_id == instance_id)
        return [_incident(row) for row in self._connection.execute(wanted)]

    def one(self, incident_id: str) -> Incident:
        """An incident, closed ones too; raises `NoIncident`."""
        row = self._connection.execute(select(incident).where(incident.c.incident_id == incident_id)).first()
        if row is None:
            raise NoIncident(f"there is no incident {incident_id}")
        return _incident(row)

    def is_known(self, incident_id: str) -> bool:
        """Whether it is one of this store."""
        wanted = select(incident.c.incident_id).where(incident.c.incident_id == incident_id)
        return self._connection.execute(wanted).first() is not None

    def count(self, instance_id: str) -> int:
        """How many are open for an instance."""
        wanted = select(func.count()).select_from(incident)
        mine = wanted.where(incident.c.instance_id == instance_id, incident.c.state == OPEN)
        return int(self._connection.scalar(mine) or 0)

    def counts(self, instance_ids: Sequence[str]) -> dict[str, int]:
        """The same for many instances; those without any are left out."""
        mine = incident.c.instance_id.in_(instance_ids) & (incident.c.state == OPEN)
        grouped = select(incident.c.instance_id, func.count()).where(mine).group_by(incident.c.instance_id)
        return {str(name): int(number) for name, number in self._connection.execute(grouped)}

    def retry(self, incident_id: str, operator: str, now: str) -> Incident:
        """Close it and try the instance's timers or the job again at once, with new tries; raises `NoIncident`."""
        found = self._close(incident_id, RETRIED, operator)
        self._change_waiting(found, TRIED_AGAIN, due=now, failures=0)
        if found.kind == JOB:
            again = {"retries": NEW_TRIES, "due": clock(self._connection), "state": OPEN}
            mine = job.c.job_id == found.problem.get("job")
            self._connection.execute(update(job).where(mine).values(**again))
        return found

    def resolve(self, incident_id: str, operator: str) -> Incident:
        """Give up: close it, and do not try again what failed until the instance moves on; raises `NoIncident`."""
        found = self._close(incident_id, RESOLVED, operator)
        self._change_waiting(found, (TIMER,), due=None)
        return found

    def close_of_job(self, instance_id: str, job_id: str, state: str, operator: str | None) -> None:
        """The job is tried again, or no longer wanted."""
        for found in self.find(instance_id=instance_id):
            if found.kind == JOB and found.problem.get("job") == job_id:
                self._close(found.incident_id, state, operator)

    def close_all(self, instance_id: str, operator: str) -> None:
        """The instance has been cancelled."""
        mine = (incident.c.instance_id == instance_id) & (incident.c.state == OPEN)
        closed = {"state": CANCELLED, "closed": time(), "operator": operator}
        self._connection.execute(update(incident).where(mine).values(**closed))

    def elements(self, instance_id: str) -> frozenset[str]:
        """The elements of an instance that are set aside and that nobody has decided about."""
        mine = (incident.c.instance_id == instance_id) & (incident.c.kind == ELEMENT) & (incident.c.state == OPEN)
        return frozenset(self._connection.scalars(select(incident.c.element).where(mine)))

    def close_element(self, instance_id: str, element: str) -> None:
        """The instance no longer stands before this element."""
        mine = (incident.c.instance_id == instance_id) & (incident.c.element == element)
        wanted = mine & (incident.c.kind == ELEMENT) & (incident.c.state == OPEN)
        self._connection.execute(update(incident).where(wanted).values(state=RESOLVED, closed=time()))

    def _is_open(self, instance_id: str, kind: str, element: str | None, job_id: object) -> bool:
        mine = (incident.c.instance_id == instance_id) & (incident.c.kind == kind) & (incident.c.state == OPEN)
        if kind == ELEMENT:
            mine &= incident.c.element == element
        problems = self._connection.scalars(select(incident.c.problem).where(mine))
        return any(kind != JOB or orjson.loads(problem).get("job") == job_id for problem in problems)

    def _change_waiting(self, found: Incident, kinds: Sequence[str], **values: Any) -> None:
        """When its timers come next; what was asked for has had its answer, and is nobody's timer."""
        if found.kind in kinds:
            root = select(instance.c.root_id).where(instance.c.instance_id == found.instance_id)
            saved = self._connection.scalar(root) or found.instance_id
            waiting = (instance.c.instance_id == saved) & ~instance.c.finished
            self._connection.execute(update(instance).where(waiting).values(**values))

    def _close(self, incident_id: str, state: str, operator: str | None) -> Incident:
        mine = (incident.c.incident_id == incident_id) & (incident.c.state == OPEN)
        closed = {"state": state, "closed": time(), "operator": operator}
        if self._connection.execute(update(incident).where(mine).values(**closed)).rowcount != 1:
            raise NoIncident(f"there is no open incident {incident_id}")
        return self.one(incident_id)


def _incident(row: Any) -> Incident:
    return Incident(**{**row._mapping, "problem": orjson.loads(row.problem)})  # noqa: SLF001 - SQLAlchemy's own name
