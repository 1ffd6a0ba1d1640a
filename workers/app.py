"""The Celery app: every worker, beat and Flower are started with `-A workers.app`."""

from __future__ import annotations

from celery import Celery
from celery.signals import setup_logging, worker_init, worker_ready, worker_shutdown, worker_shutting_down

from workers import wiring

app = Celery("taskpool")
app.config_from_object("celeryconfig")
app.set_default()


@setup_logging.connect
def _logging(**_: object) -> None:
    wiring.configure_logging()


@worker_init.connect
def _open(**_: object) -> None:
    wiring.open_worker(app)


@worker_ready.connect
def _ready(**_: object) -> None:
    wiring.submit_first(app)


@worker_shutting_down.connect
def _stopping(**_: object) -> None:
    wiring.stop_working()


@worker_shutdown.connect
def _close(**_: object) -> None:
    wiring.close_worker()
