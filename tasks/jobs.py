"""The Celery jobs: names that are a public contract, and what each verdict of the error tree means to the broker."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from celery import Task as Job
from celery import shared_task
from celery.exceptions import Reject

from domain.errors import Permanent, Transient
from domain.requests.request import Request, from_plain
from observe.logs import about_command
from observe.retrying import retry
from tasks import runtime
from tasks.collect import collect
from tasks.repair.stream_log import STREAM_JOB, LogWanted, stream_log

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 20.0
PUBLISH_SECONDS = 20.0


def retry_transient(work: Callable[[], object]) -> None:
    """Try again in place while the failure may pass; then give the message back, or set it aside when it never will."""
    try:
        retry(work, on=Transient, pause=0.05, longest=2.0, seconds=PATIENCE_SECONDS)
    except Transient as error:
        raise Reject(str(error), requeue=True) from error
    except Permanent as error:
        log.exception("message_set_aside", extra={"reason": str(error)})
        raise Reject(str(error), requeue=False) from error


@shared_task(name="taskpool.engine.command", bind=True)
def command_job(self: Job, message: Mapping[str, Any] | str) -> None:
    """Carry out what a person asked for."""
    again = bool(self.request.delivery_info.get("redelivered"))
    retry_transient(lambda: _carry_out(from_plain(message), again=again))


@shared_task(name="taskpool.engine.timers")
def timers_job() -> None:
    """Fire the engine's due timers."""
    timers = runtime.current().timers
    if timers is not None:
        retry_transient(timers.fire_due)


@shared_task(name="taskpool.jobs", acks_late=False)
def application_jobs_job() -> None:
    """Do what instances wait for; the message is acknowledged first, as RabbitMQ does not wait as long as some take."""
    runner = runtime.current().jobs
    if runner is not None:
        retry_transient(lambda: runner.run_due(runtime.current().stop))


@shared_task(name=STREAM_JOB)
def stream_log_job(wanted: Mapping[str, Any]) -> None:
    """Send the log to a rebuild that asked for it."""
    opened = runtime.current()
    stream_log(opened.database, opened.log_sender, LogWanted.from_plain(wanted), opened.stop)


@shared_task(name="taskpool.collect")
def collect_job() -> None:
    """Apply what outside engines have sent."""
    retry_transient(lambda: collect(runtime.current().executor.begin, _now))


@shared_task(name="taskpool.settle")
def settle_job() -> None:
    """Answer the commands that were set aside."""
    retry_transient(runtime.current().settler.settle)


@shared_task(name="taskpool.spread")
def spread_job() -> None:
    """Tell tasks of changed entries that too many are about to be told at once."""
    retry_transient(lambda: runtime.current().spreader.spread(runtime.current().stop))


@shared_task(name="taskpool.clean")
def clean_job() -> None:
    """Remove what is past its retention, and what is left of people whose data is erased."""
    retry_transient(lambda: runtime.current().cleaner.run(runtime.current().stop))
    retry_transient(lambda: runtime.current().eraser.finish(runtime.current().stop))


@shared_task(name="taskpool.publish")
def publish_job() -> None:
    """Ship the outbox for one time slice, then hand over to a successor; where none can be sent, this message is it."""
    opened = runtime.current()
    opened.publisher.run(PUBLISH_SECONDS, opened.stop)
    retry_transient(opened.submit_successor)


def _carry_out(request: Request, *, again: bool) -> None:
    with about_command(request):
        runtime.current().executor.carry_out(request, again=again)


def _now() -> datetime:
    return datetime.now(UTC)
