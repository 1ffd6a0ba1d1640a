"""Sending work to the queue of the engine that must do it; what no queue takes is known at once."""

from __future__ import annotations

import logging
import struct
from collections.abc import Callable
from typing import Any

import orjson
from amqp.exceptions import AMQPError, ChannelError
from celery import Celery
from kombu.exceptions import KombuError, OperationalError

from domain.errors import EngineUnreachable
from domain.requests.request import Request, to_text
from store.messaging.topology import COMMANDS, outbound_queue

COMMAND_JOB = "taskpool.engine.command"
NO_ROUTE = 312
CONNECT_SECONDS = 3
CONFIRM_SECONDS = 8

log = logging.getLogger(__name__)


class NotCarried(EngineUnreachable):
    """No message can carry this command; nothing was done."""

    status, slug = 422, "invalid-value"


class Dispatcher:
    """Publishes commands mandatory and confirmed."""

    def __init__(self, celery: Celery, sign: Callable[[Request], Request] = lambda request: request) -> None:
        self._celery = celery
        self._sign = sign
        self._outbound: set[str] = set()

    def send(self, request: Request) -> None:
        """To the application's engine, or to the host when it has none; raises `EngineUnreachable`, nothing sent."""
        request = self._sign(request)
        queues = [f"outbound.{request.application}"] if request.outside else [f"engine.{request.application}"]
        if request.task_id is not None and not request.outside:
            queues.append("engine.hosted")
        for queue in queues:
            if self._sent(queue, request):
                return
        raise EngineUnreachable(f"the engine of {request.application!r} is unknown or cannot be reached")

    def prepare_outbound(self, application: str) -> None:
        """The queue on which commands wait for an engine outside; raises `EngineUnreachable`."""
        if application in self._outbound:
            return
        try:
            with self._celery.connection_or_acquire() as connection:
                outbound_queue(application)(connection.default_channel).declare()
        except (AMQPError, KombuError, OSError) as error:
            raise EngineUnreachable("the message broker cannot be reached; send the records again") from error
        self._outbound.add(application)

    def hint(self, job: str, queue: str) -> None:
        """Ask for a job soon; beat asks again should this be lost."""
        try:
            self._celery.send_task(job, exchange=COMMANDS.name, routing_key=queue, retry=False, confirm_timeout=1)
        except (AMQPError, KombuError, OperationalError, OSError):
            return

    def _sent(self, queue: str, request: Request) -> bool:
        with self._celery.producer_or_acquire() as producer:
            _make_ready(producer)
            try:
                if request.outside:
                    _send_cloudevent(producer, queue, request)
                else:
                    self._send_job(producer, queue, request)
            except ChannelError as error:
                if getattr(error, "reply_code", None) == NO_ROUTE:
                    return False
                raise EngineUnreachable(f"the broker refused the command: {error}") from error
            except (struct.error, ValueError, TypeError, OverflowError) as error:
                # Half a frame may have left: what is sent next must not follow it.
                producer.connection.collect(0.2)
                raise NotCarried(f"no message can carry this command: {error}") from error
            except (AMQPError, KombuError, OSError) as error:
                # It may have arrived, or not: only its outcome can tell.
                log.warning("command_send_unsure", extra={"command_id": request.command_id, "reason": str(error)})
                # A confirm that comes late would be taken for the next command's.
                producer.connection.collect(0.2)
        return True

    def _send_job(self, producer: Any, queue: str, request: Request) -> None:
        self._celery.send_task(
            COMMAND_JOB,
            (to_text(request),),
            task_id=request.command_id,
            # What Flower shows of it: not the values.
            argsrepr=f"({request.action},)",
            producer=producer,
            exchange=COMMANDS.name,
            routing_key=queue,
            mandatory=True,
            retry=False,
            confirm_timeout=CONFIRM_SECONDS,
        )


def _make_ready(producer: Any) -> None:
    """Find out before anything is sent whether there is a broker; raises `EngineUnreachable`: nothing was done."""
    connection = producer.connection
    if connection.connected:
        try:
            connection.drain_events(timeout=0)
        except TimeoutError:
            return
        except (AMQPError, KombuError, OSError):
            connection.collect(0.2)
    try:
        connection.ensure_connection(max_retries=1, timeout=CONNECT_SECONDS)
        producer.revive(connection)
    except (AMQPError, KombuError, OSError) as error:
        raise EngineUnreachable("the message broker cannot be reached; nothing was done, try again later") from error


def _send_cloudevent(producer: Any, queue: str, request: Request) -> None:
    producer.publish(
        orjson.dumps(_cloudevent(request)),
        exchange=COMMANDS.name,
        routing_key=queue,
        mandatory=True,
        content_type="application/cloudevents+json",
        content_encoding="utf-8",
        delivery_mode=2,
        message_id=request.command_id,
        confirm_timeout=CONFIRM_SECONDS,
    )


def _cloudevent(request: Request) -> dict[str, Any]:
    tracing = {"traceparent": request.traceparent} if request.traceparent else {}
    return {
        **tracing,
        "specversion": "1.0",
        "id": request.command_id,
        "source": "/taskpool",
        "type": f"taskpool.command.{request.action}.v1",
        "subject": request.command_id,
        "time": request.issued_at,
        "datacontenttype": "application/json",
        **({"signature": request.signature} if request.signature else {}),
        "data": {
            "application": request.application,
            "action": request.action,
            "taskId": request.task_id,
            "user": request.user.name,
            "groups": list(request.user.groups),
            "arguments": dict(request.arguments),
            "expectedRevision": request.expected_revision,
            "expiresAt": request.expires_at,
        },
    }
