"""What instances wait for others to do: kept while it is wanted, locked by whoever does it.

The caller owns the transaction and says what time it is, by `store.sql.database.clock`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from time import time
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    delete,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from domain.engine_job import EngineJob, JobKind
from store.sql.schema import FAILED, OPEN, instance, job

LOOKED_AT = 1000
"""Of how many jobs at most is asked, in one look, whether they are accepted."""
_MEMBERS = tuple(EngineJob.__dataclass_fields__)
_OWN = ("application", "created", "state", "worker_id", "lock_end", "locks", "due", "error_message", "error_details")


@dataclass(frozen=True, slots=True)
class StoredJob:
    """A job and who does it until when; `due`: not before, `locks`: how often it was taken; times since 1970."""

    job: EngineJob
    application: str
    created: float
    state: str
    worker_id: str | None
    lock_end: float | None
    locks: int
    due: float | None
    error_message: str | None
    error_details: str | None

    def is_locked_by(self, worker_id: str, now: float) -> bool:
        """Whether this worker has it, and still in time."""
        return self.worker_id == worker_id and self.lock_end is not None and self.lock_end > now


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a worker would do: jobs of a topic, taken for so many seconds; empty restrictions do not restrict.

    `accepts` is asked of jobs, with the saved state of their instance, that are within all else.
    """

    topic: str
    seconds: float
    definition_ids: tuple[str, ...] = ()
    definition_keys: tuple[str, ...] = ()
    business_key: str | None = None
    accepts: Callable[[StoredJob, str], bool] | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """Which come first: by age, within the same priority or whatever that is."""

    by_priority: bool = True
    newest_first: bool = False


@dataclass(frozen=True, slots=True)
class Taker:
    """Who would do jobs, and how many at once."""

    worker_id: str
    most: int
    order: Order = Order()


@dataclass(frozen=True, slots=True)
class Taken:
    """A job that a worker has now, with the saved state of the instance that holds it."""

    stored: StoredJob
    state: str


class Jobs:
    """The jobs of one application."""

    def __init__(self, connection: Connection, application: str) -> None:
        self.connection = connection
        self._application = application

    def open(self, wanted: EngineJob) -> None:
        """It is to be done; one that is known stays as it is."""
        insert = sqlite.insert if self.connection.dialect.name == "sqlite" else postgresql.insert
        values = {name: getattr(wanted, name) for name in _MEMBERS}
        values |= {"application": self._application, "created": time(), "state": OPEN}
        self.connection.execute(insert(job).values(**values).on_conflict_do_nothing())

    def close(self, job_id: str) -> StoredJob | None:
        """It is done or no longer wanted; as it was, None where it is unknown."""
        row = self.connection.execute(delete(job).where(job.c.job_id == job_id).returning(job)).first()
        return None if row is None else stored_job(row)

    def close_all(self, root_id: str) -> None:
        """Nothing in this stored instance is wanted any more."""
        self.connection.execute(delete(job).where(job.c.root_id == root_id))

    def find(self, job_id: str, *, lock: bool = False) -> StoredJob | None:
        """One by its id; `lock`: nobody else changes it until the transaction ends."""
        wanted = select(job).where(job.c.job_id == job_id, job.c.application == self._application)
        row = self.connection.execute(wanted.with_for_update() if lock else wanted).first()
        return None if row is None else stored_job(row)

    def available(self, kind: JobKind, topics: Collection[str], now: float) -> frozenset[str]:
        """Those of these topics of which something could be taken now."""
        each = [
            select(literal(one)).where(exists().where(self._of(kind), job.c.topic == one, _free(now))) for one in topics
        ]
        return frozenset(self.connection.scalars(union_all(*each))) if each else frozenset()

    def is_wanted(self, kind: JobKind, wanted: Sequence[Wanted], now: float) -> bool:
        """Whether there is any that a worker could take; asking locks nothing."""
        return any(True for _ in self._acceptable(self._candidates(kind, wanted, now, 1, Order()), wanted))

    def take(self, kind: JobKind, wanted: Sequence[Wanted], by: Taker, now: float) -> list[Taken]:
        """Lock what is free for a worker; nobody else gets any of it until its lock has passed.

        Where several ask at the same moment, none waits for another: what one looks at, the others pass over.
        """
        candidates = self._candidates(kind, wanted, now, by.most, by.order)
        seconds = {one.topic: one.seconds for one in wanted}
        taken: list[Taken] = []
        for row in islice(self._acceptable(candidates.with_for_update(of=job, skip_locked=True), wanted), by.most):
            held = self._lock(row.job_id, by.worker_id, now + seconds[row.topic], _free(now))
            taken += [Taken(held, row.saved)] if held else []
        return taken

    def lock(self, job_id: str, worker_id: str, until: float, now: float) -> StoredJob | None:
        """Take this one, unless somebody else has it; None then."""
        mine = or_(job.c.lock_end.is_(None), job.c.lock_end <= now, job.c.worker_id == worker_id)
        suspended = exists().where(instance.c.instance_id == job.c.root_id, instance.c.suspended)
        return self._lock(job_id, worker_id, until, and_(job.c.state == OPEN, mine, ~suspended))

    def extend(self, job_id: str, worker_id: str, until: float, now: float) -> bool:
        """Keep it longer, or less long; whether this worker still had it."""
        mine = and_(job.c.job_id == job_id, job.c.worker_id == worker_id, job.c.lock_end > now)
        return self.connection.execute(update(job).where(mine).values(lock_end=until)).rowcount == 1

    def unlock(self, job_id: str) -> bool:
        """Nobody has it; whether there is such a job."""
        one = update(job).where(job.c.job_id == job_id).values(worker_id=None, lock_end=None)
        return self.connection.execute(one).rowcount == 1

    def set_retries(self, job_id: str, retries: int, now: float | None = None) -> bool:
        """So many tries are left, the next one `now`, or when it was due anyway; whether there is such a job."""
        values: dict[str, Any] = {"retries": retries, "state": OPEN if retries > 0 else FAILED}
        values |= {} if now is None else {"due": now}
        return self.connection.execute(update(job).where(job.c.job_id == job_id).values(**values)).rowcount == 1

    def put_off(self, job_id: str, retries: int, due: float, message: str | None, details: str | None) -> None:
        """A try has failed: let go of it; with no more `retries` it waits for an operator."""
        values: dict[str, Any] = {"retries": retries, "due": due, "error_message": message, "error_details": details}
        values |= {"lock_end": None, "state": OPEN if retries > 0 else FAILED}
        self.connection.execute(update(job).where(job.c.job_id == job_id).values(**values))

    def count_try(self, job_id: str, left: int) -> None:
        """Note before a try how many are left after it, so that one that ends its worker is counted, too."""
        self.connection.execute(update(job).where(job.c.job_id == job_id).values(retries=left))

    def held(self, kind: JobKind, now: float) -> int:
        """How many somebody is at work on."""
        locked = select(func.count()).select_from(job).where(self._of(kind), job.c.lock_end > now)
        return int(self.connection.scalar(locked) or 0)

    def abandoned(self, kind: JobKind, now: float, limit: int) -> list[StoredJob]:
        """Those whose last try ended its worker."""
        ended = and_(job.c.state == OPEN, job.c.retries <= 0, or_(job.c.lock_end.is_(None), job.c.lock_end <= now))
        found = select(job).where(self._of(kind), ended).order_by(job.c.created).limit(limit)
        return [stored_job(row) for row in self.connection.execute(found)]

    def _candidates(self, kind: JobKind, wanted: Sequence[Wanted], now: float, most: int, order: Order) -> Select[Any]:
        """What is free and within the restrictions; more of it where who asks will choose."""
        restricted = or_(false(), *(_within(one) for one in wanted))
        created = job.c.created.desc() if order.newest_first else job.c.created
        return (
            select(job, instance.c.state.label("saved"))
            .join(instance, instance.c.instance_id == job.c.root_id)
            .where(self._of(kind), _free(now), restricted, ~instance.c.finished, ~instance.c.suspended)
            .order_by(*((job.c.priority.desc(),) if order.by_priority else ()), created, job.c.job_id)
            .limit(LOOKED_AT if any(one.accepts for one in wanted) else most)
        )

    def _acceptable(self, candidates: Select[Any], wanted: Sequence[Wanted]) -> Iterator[Any]:
        accepts = {one.topic: one.accepts for one in wanted}
        for row in self.connection.execute(candidates).all():
            judge = accepts[row.topic]
            if judge is None or judge(stored_job(row), row.saved):
                yield row

    def _of(self, kind: JobKind) -> ColumnElement[bool]:
        return and_(job.c.application == self._application, job.c.kind == kind)

    def _lock(self, job_id: str, worker_id: str, until: float, only: ColumnElement[bool]) -> StoredJob | None:
        values = {"worker_id": worker_id, "lock_end": until, "locks": job.c.locks + 1}
        one = update(job).where(job.c.job_id == job_id, only).values(**values).returning(job)
        row = self.connection.execute(one).first()
        return None if row is None else stored_job(row)


def _free(now: float) -> ColumnElement[bool]:
    return and_(
        job.c.state == OPEN,
        or_(job.c.retries.is_(None), job.c.retries > 0),
        or_(job.c.lock_end.is_(None), job.c.lock_end <= now),
        or_(job.c.due.is_(None), job.c.due <= now),
    )


def _within(one: Wanted) -> ColumnElement[bool]:
    return and_(
        job.c.topic == one.topic,
        job.c.definition_id.in_(one.definition_ids) if one.definition_ids else true(),
        job.c.definition_key.in_(one.definition_keys) if one.definition_keys else true(),
        job.c.business_key == one.business_key if one.business_key is not None else true(),
    )


def stored_job(row: Any) -> StoredJob:
    """A row of the table."""
    values: Mapping[str, Any] = row._mapping  # noqa: SLF001 - SQLAlchemy's own name
    return StoredJob(EngineJob(**{name: values[name] for name in _MEMBERS}), *(values[name] for name in _OWN))
