"""Makes a process that is no Celery worker visible in Flower: online, a heartbeat, one task event per batch."""

from __future__ import annotations

import logging
from collections import deque
from contextlib import suppress
from threading import Event, Thread
from time import time
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from celery.events import EventDispatcher

from workers.fleet.app import app
from workers.fleet.consumer import UNCONFIRMED

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 2.0
REMEMBERED_BATCHES = 100
JOB = "taskpool.project"


class FlowerFeed:
    """Tells Flower what happens, from a thread of its own: the work never waits for the picture of it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._batches: deque[tuple[int, float]] = deque(maxlen=REMEMBERED_BATCHES)
        self._processed = 0
        self._stop = Event()
        self._connection: Any = None
        self._dispatcher: Any = None
        self._thread = Thread(target=self._run, name="flower", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(HEARTBEAT_SECONDS)

    def batch(self, size: int, seconds: float) -> None:
        """One batch of `size` events took this long; when very many do, only the newest are shown."""
        self._processed += 1
        self._batches.append((size, seconds))

    def _run(self) -> None:
        while not self._stop.wait(HEARTBEAT_SECONDS):
            self._tell()
        self._say_goodbye()

    def _tell(self) -> None:
        try:
            self._send("worker-heartbeat", processed=self._processed, active=0, freq=HEARTBEAT_SECONDS)
            while self._batches:
                self._send_batch(*self._batches.popleft())
        except Exception as error:  # noqa: BLE001 - a picture for people; the work must not stop for it
            log.warning("flower_not_told", extra={"reason": str(error)})
            self._forget()

    def _say_goodbye(self) -> None:
        with suppress(Exception):
            self._send("worker-offline")
        self._forget()

    def _send_batch(self, size: int, seconds: float) -> None:
        name = str(uuid4())
        self._send("task-received", uuid=name, name=JOB, args=f"({size} events,)", kwargs="{}")
        self._send("task-started", uuid=name)
        self._send("task-succeeded", uuid=name, result=str(size), runtime=seconds)

    def _send(self, kind: str, **fields: Any) -> None:
        if self._dispatcher is None:
            self._connection = app.connection_for_write(connect_timeout=2, **UNCONFIRMED)
            self._dispatcher = EventDispatcher(self._connection, hostname=self._name, app=app)
            self._dispatcher.send("worker-online", sw_ident="taskpool")
        self._dispatcher.send(kind, **fields, local_received=time())

    def _forget(self) -> None:
        connection, self._connection, self._dispatcher = self._connection, None, None
        if connection is not None:
            connection.collect(0.2)
