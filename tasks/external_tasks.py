"""External tasks of all applications, wherever they are: looked at, kept and given back. Ending one is a command."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from domain.access import User
from domain.engine_job import EXTERNAL
from domain.errors import JobNotLocked, NotFound, StoreUnavailable
from store.engine.incidents import RETRIED, Incidents
from store.engine.job_list import JobFilter, count_jobs, list_jobs
from store.engine.jobs import Jobs, StoredJob
from store.events.inbox import Inbox
from store.sql.database import Database, clock
from store.sql.databases import ApplicationDatabases
from tasks.fetch_tasks import applications_of
from tasks.settle_job import DONE, ended_by, not_locked

AnswerT = TypeVar("AnswerT")


@dataclass(frozen=True, slots=True)
class Failure:
    """What a worker says of a try that failed: how many are left, after how many seconds the next may be made."""

    retries: int
    pause: float
    message: str | None
    details: str | None


@dataclass(frozen=True, slots=True)
class ExternalTasks:
    """One per web process. Everything raises `NotAllowed`, and `StoreUnavailable` when it may be in one away."""

    databases: ApplicationDatabases

    def one(self, user: User, job_id: str) -> StoredJob:
        """An external task; raises `NotFound`."""
        return self._where_it_is(user, job_id)[1]

    def find(self, user: User, wanted: JobFilter, first: int, most: int) -> list[StoredJob]:
        """Some of them, the oldest first."""

        def ask(database: Database) -> list[StoredJob]:
            with database.reading() as connection:
                return list_jobs(connection, wanted, clock(connection), first + most)

        found = [one for part in self._all(user, ask) for one in part]
        return sorted(found, key=lambda one: (one.created, one.job.job_id))[first : first + most]

    def count(self, user: User, wanted: JobFilter) -> int:
        """How many there are."""

        def ask(database: Database) -> int:
            with database.reading() as connection:
                return count_jobs(connection, wanted, clock(connection))

        return sum(self._all(user, ask))

    def has_ended(self, user: User, job_id: str, worker_id: str, action: str) -> bool:
        """Whether this worker has ended it so before."""

        def ask(database: Database) -> bool:
            with database.reading() as connection:
                return Inbox(connection).seen(DONE, ended_by(job_id, worker_id, action))

        return any(self._all(user, ask))

    def put_off(self, user: User, job_id: str, worker_id: str, failure: Failure) -> None:
        """Let go of it until there is another try; raises `NotFound` and `JobNotLocked`."""

        def act(jobs: Jobs, found: StoredJob, now: float) -> None:
            told = (found.job.retries, found.error_message, found.worker_id)
            if found.lock_end is None and told == (failure.retries, failure.message, worker_id):
                return
            _require_lock(found, worker_id, now)
            jobs.put_off(job_id, failure.retries, now + failure.pause, failure.message, failure.details)

        self._act(user, job_id, act)

    def extend(self, user: User, job_id: str, worker_id: str, seconds: float) -> None:
        """Keep it for so long from now; raises `NotFound` and `JobNotLocked`."""

        def act(jobs: Jobs, found: StoredJob, now: float) -> None:
            _require_lock(found, worker_id, now)
            jobs.extend(job_id, worker_id, now + seconds, now)

        self._act(user, job_id, act)

    def lock(self, user: User, job_id: str, worker_id: str, seconds: float) -> None:
        """Take this one; raises `NotFound` and, where it is not to be had, `JobNotLocked`."""

        def act(jobs: Jobs, found: StoredJob, now: float) -> None:
            if jobs.lock(job_id, worker_id, now + seconds, now) is None:
                raise JobNotLocked(not_locked(found, worker_id))

        self._act(user, job_id, act)

    def unlock(self, user: User, job_id: str) -> None:
        """Whoever has it has it no longer; raises `NotFound`."""
        self._act(user, job_id, lambda jobs, _found, _now: jobs.unlock(job_id))

    def set_retries(self, user: User, job_id: str, retries: int) -> None:
        """It may be tried so often, at least once, which ends its incident; raises `NotFound`."""

        def act(jobs: Jobs, found: StoredJob, _now: float) -> None:
            Incidents(jobs.connection).close_of_job(found.job.root_id, job_id, RETRIED, user.name)
            jobs.set_retries(job_id, retries)

        self._act(user, job_id, act)

    def _act(self, user: User, job_id: str, act: Callable[[Jobs, StoredJob, float], object]) -> None:
        """In the transaction in which nobody else changes it."""
        database, _ = self._where_it_is(user, job_id)
        with database.transaction() as connection:
            jobs = Jobs(connection, database.application)
            found = jobs.find(job_id, lock=True)
            if found is None:
                raise _no_such(job_id)
            act(jobs, found, clock(connection))

    def _where_it_is(self, user: User, job_id: str) -> tuple[Database, StoredJob]:
        def ask(database: Database) -> StoredJob | None:
            with database.reading() as connection:
                found = Jobs(connection, database.application).find(job_id)
                return found if found and found.job.kind == EXTERNAL else None

        found = self.databases.ask(ask, applications_of(user, self.databases))
        for name, stored in found.answers.items():
            if stored is not None:
                return self.databases.open(name), stored
        if found.away:
            raise StoreUnavailable(f"{job_id} may be in a store that is away: {', '.join(sorted(found.away))}")
        raise _no_such(job_id)

    def _all(self, user: User, ask: Callable[[Database], AnswerT]) -> list[AnswerT]:
        found = self.databases.ask(ask, applications_of(user, self.databases))
        if found.away:
            raise StoreUnavailable("; ".join(found.away.values()))
        return list(found.answers.values())


def _no_such(job_id: str) -> NotFound:
    return NotFound(f"External task with id {job_id} does not exist")


def _require_lock(found: StoredJob, worker_id: str, now: float) -> None:
    if not found.is_locked_by(worker_id, now):
        raise JobNotLocked(not_locked(found, worker_id))
