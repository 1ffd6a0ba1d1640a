"""What a worker outside says became of a job, judged by its lock and handed to the engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from domain.engine_job import EXTERNAL
from domain.errors import JobFailed, JobNotLocked, NotAllowed, NotFound
from domain.identity import derived_id
from domain.requests.request import Request
from engines.protocol import Engine
from store.engine.incidents import JOB, Incidents
from store.engine.jobs import Jobs, StoredJob
from store.events.unit_of_work import UnitOfWork
from store.sql.database import clock

DONE = "job"
"""Name in the inbox under which is remembered who has ended which job."""


def settle_job(work: UnitOfWork, engine: Engine, request: Request) -> Mapping[str, Any] | None:
    """Do what the request says about its job; raises `NotAllowed`, `NotFound` and `JobNotLocked`."""
    if not (request.user.is_operator or request.user.application == request.application):
        raise NotAllowed("only operators and the application's own services do its jobs")
    said = request.arguments
    jobs, job_id, worker_id = Jobs(work.connection, request.application), str(said.get("jobId")), said.get("workerId")
    found = jobs.find(job_id)
    if found is not None and found.job.kind == EXTERNAL:
        # Instance before job, the order in which engines take them.
        engine.hold(found.job.root_id)
        found = jobs.find(job_id, lock=True)
    if found is None or found.job.kind != EXTERNAL:
        raise NotFound(f"there is no job {job_id!r}")
    if worker_id is not None and not found.is_locked_by(worker_id, clock(work.connection)):
        raise JobNotLocked(not_locked(found, worker_id))
    root_id, variables = found.job.root_id, said.get("variables") or {}
    match request.action:
        case "finish_job":
            engine.finish_job(root_id, job_id, variables, said.get("localVariables") or {})
        case "raise_error":
            engine.raise_error(root_id, job_id, str(said.get("code")), said.get("message"), variables)
        case _:
            return fail(work, engine, found, said.get("message"), said.get("details"))
    work.inbox.remember(DONE, ended_by(job_id, str(worker_id), request.action))
    return None


def fail(
    work: UnitOfWork, engine: Engine, found: StoredJob, message: str | None, details: str | None
) -> dict[str, Any]:
    """A job has failed for good: it waits with an incident; which instance and how many tries there were."""
    problem = _let_go(work.connection, found, message, details)
    engine.fail_job(found.job.root_id, found.job.job_id, problem, found.locks)
    return {"instance": found.job.root_id, "tries": found.locks}


def set_aside(
    connection: Connection, found: StoredJob, message: str | None, details: str | None
) -> dict[str, Any] | None:
    """The same without the engine, where that cannot bring the instance to life; None when there is an incident."""
    problem, job = _let_go(connection, found, message, details), found.job
    made = Incidents(connection).open(job.root_id, JOB, job.element, problem, found.locks)
    return {"instance": job.root_id, "tries": found.locks} if made else None


def _let_go(connection: Connection, found: StoredJob, message: str | None, details: str | None) -> dict[str, object]:
    job = found.job
    Jobs(connection, found.application).put_off(job.job_id, 0, clock(connection), message, details)
    return JobFailed(message, job=job.job_id, element=job.element, topic=job.topic, instance=job.instance_id).problem()


def ended_by(job_id: str, worker_id: str, action: str) -> str:
    """What is remembered of who ended a job, so that the same may be said again."""
    return derived_id("job", job_id, worker_id, action)


def not_locked(found: StoredJob, worker_id: str) -> str:
    """Why this worker may not say anything about the job."""
    if found.worker_id == worker_id:
        return f"the lock of {worker_id!r} on the job {found.job.job_id} has passed"
    holder = f"it is locked by {found.worker_id!r}" if found.worker_id else "nobody has locked it"
    return f"the job {found.job.job_id} is not locked by {worker_id!r}; {holder}"
