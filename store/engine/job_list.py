"""Lists of external tasks, as those who look after workers ask for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from domain.engine_job import EXTERNAL
from store.engine.jobs import StoredJob, stored_job
from store.sql.schema import job


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which ones: what is None does not restrict."""

    topic: str | None = None
    worker_id: str | None = None
    element: str | None = None
    instance_id: str | None = None
    definition_id: str | None = None
    locked: bool | None = None
    retries_left: bool | None = None


def list_jobs(connection: Connection, wanted: JobFilter, now: float, most: int) -> list[StoredJob]:
    """The oldest of them."""
    found = select(job).where(*_conditions(wanted, now)).order_by(job.c.created, job.c.job_id).limit(most)
    return [stored_job(row) for row in connection.execute(found)]


def count_jobs(connection: Connection, wanted: JobFilter, now: float) -> int:
    """How many there are."""
    return int(connection.scalar(select(func.count()).select_from(job).where(*_conditions(wanted, now))) or 0)


def _conditions(wanted: JobFilter, now: float) -> Iterator[ColumnElement[bool]]:
    yield job.c.kind == EXTERNAL
    equal = {
        job.c.topic: wanted.topic,
        job.c.worker_id: wanted.worker_id,
        job.c.element: wanted.element,
        job.c.instance_id: wanted.instance_id,
        job.c.definition_id: wanted.definition_id,
    }
    yield from (column == value for column, value in equal.items() if value is not None)
    if wanted.locked is not None:
        locked = and_(job.c.lock_end.is_not(None), job.c.lock_end > now)
        yield locked if wanted.locked else ~locked
    if wanted.retries_left is not None:
        yield or_(job.c.retries.is_(None), job.c.retries > 0) if wanted.retries_left else job.c.retries <= 0
