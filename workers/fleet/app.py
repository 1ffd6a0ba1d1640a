"""The Celery app: every worker, beat and Flower are started with `-A workers.fleet.app`."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from typing import Any

from celery import Celery
from celery.signals import (
    heartbeat_sent,
    setup_logging,
    task_failure,
    task_postrun,
    task_prerun,
    worker_init,
    worker_process_init,
    worker_process_shutdown,
    worker_ready,
    worker_shutdown,
    worker_shutting_down,
)

from observe import logs, metrics
from workers.fleet import wiring
from workers.roles import BEAT, ENGINE, FLOWER, PROCESS, PUBLISHER

log = logging.getLogger(__name__)

app = Celery("taskpool", events="workers.fleet.worker_events:BoundedEvents")
app.config_from_object("celeryconfig")
app.set_default()

_role = os.environ.get(PROCESS, "").partition(".")[0]
_alive: Callable[[], None] = wiring.sign_of_life()

if _role in (ENGINE, PUBLISHER, BEAT, FLOWER):
    # Before anything of Celery's is said: it would not be in our form.
    wiring.announce()

if _role == FLOWER:
    from workers.fleet.flower_guard import look_only

    look_only()


@setup_logging.connect
def _logging(**_: object) -> None:
    """Celery sets up its own unless somebody is listening here."""


@worker_init.connect
def _open(sender: Any, **_: object) -> None:
    try:
        wiring.open_worker(app, sender.pool_cls, sender.concurrency)
    except Exception:
        # Celery would only log it and go on with nothing open, failing every job; the supervisor starts it again.
        log.exception("worker_not_opened")
        sys.exit(1)


@worker_process_init.connect
def _open_child(**_: object) -> None:
    wiring.open_child(app)


@worker_process_shutdown.connect
def _close_child(**_: object) -> None:
    wiring.close_worker()


@worker_ready.connect
def _ready(**_: object) -> None:
    log.info("worker_ready")
    wiring.watch_children()
    wiring.submit_first(app)


@heartbeat_sent.connect
def _beats(**_: object) -> None:
    """Every two seconds while it takes jobs from the broker; a publisher shows at each turn that it publishes."""
    if _role != PUBLISHER:
        wiring.show_life(_alive)


@task_prerun.connect
def _begins(task_id: str, task: Any, **_: object) -> None:
    logs.forget()
    logs.add(job=task.name, job_id=task_id)


@task_failure.connect
def _failed(exception: BaseException, **_: object) -> None:
    log.error("job_failed", exc_info=exception)


@task_postrun.connect
def _ended(task: Any, state: str | None, **_: object) -> None:
    metrics.jobs.labels(task.name, state or "REJECTED").inc()
    logs.forget()


@worker_shutting_down.connect
def _stopping(**_: object) -> None:
    wiring.stop_working()


@worker_shutdown.connect
def _close(**_: object) -> None:
    wiring.close_worker()
