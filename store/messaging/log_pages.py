"""A log on its way to a rebuild: pages of events, a message each, on a queue that only the one who asked can read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any, Literal, Self

import pika
from amqp.exceptions import AMQPError, ChannelError, MessageNacked
from kombu.connection import Connection
from kombu.exceptions import KombuError
from pika.adapters.blocking_connection import BlockingChannel, BlockingConnection
from pika.exceptions import AMQPError as PikaError
from pika.exceptions import ChannelClosedByBroker

from domain.errors import BrokerUnavailable, Refused
from store.events.log_reader import LogCursor, Logged
from store.messaging.broker import broker_options
from store.messaging.topology import COMMANDS, LOGS

QUEUE = "taskpool.rebuild"
PAGES = 20
PREFETCH = 3
IDLE_SECONDS = 0.5
CONFIRM_SECONDS = 15
_LOCKED = 405
_NO_ROUTE = 312

Follows = Literal["more", "pause", "end"]


class NobodyAsks(Exception):
    """Whoever asked for the log has gone, or does not read it."""


class RebuildUnderWay(Refused):
    """Another rebuild is under way."""


@dataclass(frozen=True, slots=True)
class LogPage:
    """Events of one store's log up to `cursor`; `follows` says whether more comes by itself, once asked, or never."""

    run: str
    application: str
    sender: str | None
    cursor: LogCursor
    follows: Follows
    names: frozenset[str]
    bodies: Sequence[bytes]


class LogSender:
    """Sends pages, each confirmed before the next; use as a context manager."""

    def __init__(self, url: str, run: str, application: str) -> None:
        options = {"confirm_publish": True, "read_timeout": CONFIRM_SECONDS, "write_timeout": CONFIRM_SECONDS}
        self._connection = Connection(
            url, transport_options=options, connect_timeout=5, heartbeat=0, **broker_options(url)
        )
        self._producer = self._connection.Producer(auto_declare=False)
        self._names = {"run": run, "application": application}
        self._key = f"{LOGS}.{application}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.release()

    def send(self, page: Sequence[Logged], cursor: LogCursor, follows: Follows, until: float) -> None:
        """Wait for room, `until` then; raises `NobodyAsks` and `BrokerUnavailable`."""
        body = "\n".join(event.body for event in page).encode()
        names = "\n".join(sorted({event.application for event in page}))
        headers = {**self._names, "names": names, "xid": str(cursor.xid), "position": cursor.position}
        while not self._taken(body, {**headers, "follows": follows}):
            if monotonic() > until:
                raise NobodyAsks("the queue stays full")
            sleep(0.02)

    def _taken(self, body: bytes, headers: dict[str, Any]) -> bool:
        try:
            self._producer.publish(
                body,
                exchange=COMMANDS.name,
                routing_key=self._key,
                headers=headers,
                mandatory=True,
                delivery_mode=1,
                user_id=self._connection.userid,
                content_type="application/x-ndjson",
                content_encoding="utf-8",
                retry=False,
                confirm_timeout=CONFIRM_SECONDS,
            )
        except MessageNacked:
            return False
        except ChannelError as error:
            if getattr(error, "reply_code", None) == _NO_ROUTE:
                raise NobodyAsks("the queue is gone") from error
            raise BrokerUnavailable(str(error)) from error
        except (AMQPError, KombuError, OSError) as error:
            raise BrokerUnavailable(str(error) or type(error).__name__) from error
        return True


class LogQueue:
    """Made for one reader and gone with it, so that there is one rebuild at a time; use as a context manager."""

    def __init__(self, url: str) -> None:
        parameters = pika.URLParameters(url)
        # Whoever verifies for minutes answers no heartbeat.
        parameters.heartbeat, parameters.socket_timeout = 0, 5.0
        self._parameters = parameters

    def __enter__(self) -> Self:
        """Raises `RebuildUnderWay` and `BrokerUnavailable`."""
        arguments = {"x-max-length": PAGES, "x-overflow": "reject-publish"}
        try:
            self._connection: BlockingConnection = pika.BlockingConnection(self._parameters)
            self._channel: BlockingChannel = self._connection.channel()
            self._channel.queue_declare(QUEUE, exclusive=True, arguments=arguments)
            self._channel.queue_bind(QUEUE, COMMANDS.name, f"{LOGS}.#")
            self._channel.basic_qos(prefetch_count=PREFETCH)
        except ChannelClosedByBroker as error:
            self._connection.close()
            if error.reply_code == _LOCKED:
                raise RebuildUnderWay from error
            raise BrokerUnavailable(str(error)) from error
        except (PikaError, OSError) as error:
            raise BrokerUnavailable(str(error) or type(error).__name__) from error
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._connection.close()
        except (PikaError, OSError):
            return

    def pages(self) -> Iterator[LogPage | None]:
        """Pages as they come, None when none did for half a second; a page is forgotten when the next is asked for."""
        try:
            for method, properties, body in self._channel.consume(QUEUE, inactivity_timeout=IDLE_SECONDS):
                if method is None:
                    yield None
                    continue
                yield _page(properties.user_id, properties.headers, body)
                self._channel.basic_ack(method.delivery_tag)
        except (PikaError, OSError) as error:
            raise BrokerUnavailable(str(error) or type(error).__name__) from error


def _page(sender: str | None, headers: dict[str, Any], body: bytes) -> LogPage:
    cursor = LogCursor(int(headers["xid"]), headers["position"])
    names = frozenset(headers["names"].split("\n")) - {""}
    bodies = body.split(b"\n") if body else ()
    return LogPage(headers["run"], headers["application"], sender, cursor, headers["follows"], names, bodies)
