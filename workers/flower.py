"""Makes a process that is no Celery worker visible in Flower: online, a heartbeat, one task event per batch."""

from __future__ import annotations

import logging
from time import monotonic, time
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from celery.events import EventDispatcher

from workers.app import app

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 2.0
JOB = "taskpool.project"


class FlowerFeed:
    """Tells Flower what happens; when the broker is away it says nothing and harms nobody."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._connection: Any = None
        self._dispatcher: Any = None
        self._next = 0.0
        self._processed = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._send("worker-offline")
        self._forget()

    def tick(self) -> None:
        """Say that we are alive, every two seconds."""
        if monotonic() >= self._next:
            self._next = monotonic() + HEARTBEAT_SECONDS
            self._send("worker-heartbeat", processed=self._processed, active=0, freq=HEARTBEAT_SECONDS)

    def batch(self, size: int, seconds: float) -> None:
        """One batch of `size` events took this long."""
        self._processed += 1
        name = str(uuid4())
        self._send("task-received", uuid=name, name=JOB, args=f"({size} events,)", kwargs="{}")
        self._send("task-started", uuid=name)
        self._send("task-succeeded", uuid=name, result=str(size), runtime=seconds)

    def _send(self, kind: str, **fields: Any) -> None:
        try:
            if self._dispatcher is None:
                self._connection = app.connection_for_write(connect_timeout=2)
                self._dispatcher = EventDispatcher(self._connection, hostname=self._name, app=app)
                self._dispatcher.send("worker-online", sw_ident="taskpool")
            self._dispatcher.send(kind, **fields, local_received=time())
        except Exception as error:  # noqa: BLE001 - a picture for people; the work must not stop for it
            log.warning("flower_not_told reason=%s", error)
            self._forget()
            self._next = monotonic() + HEARTBEAT_SECONDS

    def _forget(self) -> None:
        connection, self._connection, self._dispatcher = self._connection, None, None
        if connection is not None:
            connection.collect(0.2)
