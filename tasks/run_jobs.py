"""Do the jobs that instances wait for: the code of each in no transaction, its result once, in a unit of work."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from threading import Event, Thread
from time import monotonic
from typing import Any

from domain.aggregates.advance import Origin
from domain.engine_job import JOB
from domain.errors import AlreadyCompleted, BpmnError, NotFound, Suspended, Transient
from domain.stop import Stop
from domain.values import iso
from engines.protocol import Engine
from observe import metrics
from observe.retrying import retry
from store.engine.jobs import Jobs, StoredJob, Taken, Taker, Wanted
from store.engine.overruns import Overruns
from store.events.unit_of_work import UnitOfWork
from store.sql.database import Database, clock
from tasks.carry_out import Begin, EngineOf, over_budget, tell_incident
from tasks.job_code import JobCode, JobContext
from tasks.settle_job import fail, set_aside
from tasks.timers import words_of

log = logging.getLogger(__name__)

LEASE_SECONDS = 30.0
SLICE_SECONDS = 20.0
MOST_AT_ONCE = 2
"""Jobs of one application that are done at the same moment: what people ask for needs processes, too."""
PATIENCE_SECONDS = 60.0
"""How long a result waits for a store that is away."""
LONGEST_DETAILS = 20_000
_EVERY = 100
Result = Mapping[str, Any] | BpmnError


@dataclass(frozen=True, slots=True)
class JobRunner:
    """Does the jobs of one application; `owner` names this process."""

    database: Database
    begin: Begin
    engine_of: EngineOf
    codes: Mapping[str, JobCode]
    variables_of: Callable[[str, str], Mapping[str, Any]]
    now: Callable[[], datetime]
    owner: str
    overruns: Overruns | None = None
    lease: float = LEASE_SECONDS

    def run_due(self, stop: Stop) -> int:
        """Do what is due, one after the other, for a slice of time; returns how many. Raises `Transient`."""
        if not self.codes:
            return 0
        self._give_up_abandoned()
        until, done = monotonic() + SLICE_SECONDS, 0
        while not stop.is_set() and monotonic() < until and (taken := self._take()):
            self._do(taken, stop)
            done += 1
        return done

    def _take(self) -> Taken | None:
        """The next one, its try counted: whatever becomes of this process."""
        wanted = [Wanted(name, self.lease) for name in self.codes]
        with self.database.reading() as connection:
            if not Jobs(connection, self._application).is_wanted(JOB, wanted, clock(connection)):
                return None
        with self.database.transaction() as connection:
            jobs, now = Jobs(connection, self._application), clock(connection)
            if jobs.held(JOB, now) >= MOST_AT_ONCE:
                return None
            for taken in jobs.take(JOB, wanted, Taker(self.owner, 1), now):
                jobs.count_try(taken.stored.job.job_id, self._left(taken.stored) - 1)
                return taken
        return None

    def _do(self, taken: Taken, stop: Stop) -> None:
        stored, code = taken.stored, self.codes[taken.stored.job.topic]
        context = JobContext(stored.job, stored.locks)
        with self._kept(stored, context):
            try:
                result = self._called(taken, code, context)
                told = self._tell(stored, result, stop)
            except _ResultWaits as waiting:
                self._give_back(stored)
                raise waiting.reason from waiting
            except Suspended:
                # Whoever resumes the instance has it done again.
                self._give_back(stored)
                told = "dropped"
            except Exception as error:
                log.exception("job_try_failed", extra=_facts(stored))
                self._failed(stored, code, error)
                told = "failed"
        metrics.application_jobs.labels(self._application, told).inc()

    def _called(self, taken: Taken, code: JobCode, context: JobContext) -> Result:
        """What the code says; whatever it raises is its own failure, our "try again later" included."""
        try:
            result = code.function(context, dict(self.variables_of(taken.state, taken.stored.job.job_id)))
        except BpmnError as error:
            return error
        if result is not None and not isinstance(result, Mapping):
            raise TypeError(f"a job returns variables by name or nothing, not {type(result).__name__}")
        return result or {}

    def _give_back(self, stored: StoredJob) -> None:
        """It was not its fault; where even this cannot be written, one try is lost."""
        with suppress(Transient), self.database.transaction() as connection:
            jobs = Jobs(connection, self._application)
            if _is_mine(jobs.find(stored.job.job_id, lock=True), stored):
                said = (stored.error_message, stored.error_details)
                jobs.put_off(stored.job.job_id, self._left(stored), clock(connection), *said)

    def _tell(self, stored: StoredJob, result: Result, stop: Stop) -> str:
        """The engine, once, and not at all where nobody waits any more; a store that is away is waited for."""
        tell = partial(self._tell_once, stored, result)
        try:
            return retry(tell, on=Transient, pause=0.05, longest=2.0, seconds=PATIENCE_SECONDS, sleep=stop.wait)
        except Transient as error:
            raise _ResultWaits(error) from error

    def _tell_once(self, stored: StoredJob, result: Result) -> str:
        job = stored.job
        try:
            with self._mine(stored) as (_work, engine, held):
                if held is None:
                    log.warning("job_result_dropped", extra=_facts(stored))
                    return "dropped"
                if isinstance(result, BpmnError):
                    engine.raise_error(job.root_id, job.job_id, result.code, result.message, result.variables)
                    return "error"
                engine.finish_job(job.root_id, job.job_id, result, {})
                return "done"
        except (NotFound, AlreadyCompleted):
            log.warning("job_result_dropped", extra=_facts(stored))
            return "dropped"

    def _failed(self, stored: StoredJob, code: JobCode, error: Exception) -> None:
        left, message = self._left(stored) - 1, words_of(error)
        details = "".join(traceback.format_exception(error))[-LONGEST_DETAILS:].replace("\0", "")
        if left <= 0:
            self._give_up(stored, message, details)
            return
        with self.database.transaction() as connection:
            jobs = Jobs(connection, self._application)
            if _is_mine(jobs.find(stored.job.job_id, lock=True), stored):
                due = clock(connection) + code.pause_after(code.retries - left)
                jobs.put_off(stored.job.job_id, left, due, message, details)

    def _give_up(self, stored: StoredJob, message: str, details: str | None) -> None:
        told = None
        try:
            with self._mine(stored) as (work, engine, held):
                if held is not None:
                    told = fail(work, engine, held, message, details)
        except Transient:
            raise
        except Exception:
            # An instance that cannot be brought to life has its incident all the same.
            log.exception("job_try_failed", extra=_facts(stored))
            with self.database.transaction() as connection:
                told = set_aside(connection, stored, message, details)
        if told:
            tell_incident(self._application, JOB, told["instance"], told["tries"])

    def _give_up_abandoned(self) -> None:
        """Those whose last try ended its process."""
        with self.database.reading() as connection:
            found = Jobs(connection, self._application).abandoned(JOB, clock(connection), _EVERY)
        for stored in found:
            overrun = self.overruns.of(stored.job.root_id) if self.overruns else None
            words = str(over_budget(overrun, stored.locks)) if overrun else "its worker ended each time it was tried"
            self._give_up(stored, words, None)

    @contextmanager
    def _mine(self, stored: StoredJob) -> Iterator[tuple[UnitOfWork, Engine, StoredJob | None]]:
        """A unit of work that holds the instance and the job, None where it is no longer ours."""
        with self.begin(Origin(iso(self.now()))) as work:
            engine = self.engine_of(work)
            # Instance before job, the order in which engines take them.
            engine.hold(stored.job.root_id)
            held = Jobs(work.connection, self._application).find(stored.job.job_id, lock=True)
            yield work, engine, held if _is_mine(held, stored) else None

    @contextmanager
    def _kept(self, stored: StoredJob, context: JobContext) -> Iterator[None]:
        """Its lock is renewed for as long as the block takes."""
        over = Event()
        keeper = Thread(target=self._keep, args=(stored, context, over), name="lease", daemon=True)
        keeper.start()
        try:
            yield
        finally:
            over.set()
            keeper.join()

    def _keep(self, stored: StoredJob, context: JobContext, over: Event) -> None:
        while not over.wait(self.lease / 3):
            # A store that is away is asked again; until the lease has passed nobody else has the job.
            with suppress(Transient), self.database.transaction() as connection:
                now = clock(connection)
                jobs = Jobs(connection, self._application)
                if not jobs.extend(stored.job.job_id, self.owner, now + self.lease, now):
                    context.is_lost()
                    return

    def _left(self, stored: StoredJob) -> int:
        """How many tries there are, with the one that is being made."""
        return self.codes[stored.job.topic].retries if stored.job.retries is None else stored.job.retries

    @property
    def _application(self) -> str:
        return self.database.application


class _ResultWaits(Exception):
    """A result that could not be told in time."""

    def __init__(self, reason: Transient) -> None:
        super().__init__(str(reason))
        self.reason = reason


def _is_mine(held: StoredJob | None, stored: StoredJob) -> bool:
    """Nobody has taken it since; one whose lease has passed, and that nobody took, still is."""
    return held is not None and (held.worker_id, held.locks) == (stored.worker_id, stored.locks)


def _facts(stored: StoredJob) -> dict[str, object]:
    return {"job_id": stored.job.job_id, "topic": stored.job.topic, "instance_id": stored.job.root_id}
