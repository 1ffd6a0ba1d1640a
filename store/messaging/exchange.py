"""Publishing to RabbitMQ: pipelined, mandatory and confirmed, so that a row counts as sent only when a queue has it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any

from amqp.basic_message import Message
from amqp.exceptions import (
    AccessRefused,
    AMQPError,
    ChannelError,
    FrameSyntaxError,
    NotFound,
    RecoverableConnectionError,
)
from amqp.exceptions import ConnectionError as AmqpConnectionError
from kombu.connection import Connection

from domain.errors import BrokerUnavailable
from store.messaging.broker import broker_options
from store.messaging.topology import EVENTS, PROJECTOR, projector_queue
from store.messaging.window import Verdicts, Window
from store.outbox.outbox import OutboxRow

CONFIRM_SECONDS = 30.0
"""Without a single confirm; a broker that confirms slowly is waited for as long as it does."""
SOCKET_SECONDS = 15.0
LOOK_UP_SECONDS = 1.0
"""How often `meanwhile` is called while nothing comes."""
STEP_SECONDS = 1.0
"""Rows that still stand behind others of their aggregate after so long are left for the next window."""


_OF_A_ROW = frozenset({501, 502, 505})
"""Replies with which the broker closes the whole connection for what a message looks like: frame and syntax errors."""


class ChannelClosed(Exception):
    """A message cannot be put on the wire, or the broker refused the channel for it, or the exchange is gone."""


class EventExchange:
    """One connection and channel of its own to `taskpool.events`; connects when first needed, again after a failure.

    With a `queue` named, everything goes straight there, and nobody else who listens hears it. `meanwhile` is called
    with each row that leaves, and every second while confirms are awaited; it must not raise.
    """

    def __init__(self, url: str, queue: str | None = None, meanwhile: Callable[[], object] = lambda: None) -> None:
        self._url = url
        self._queue = queue
        self.meanwhile = meanwhile
        self._connection: Connection | None = None
        self._channel: Any = None
        self._user = ""
        self._may_declare = True
        self._tag = 0
        self._window: Window | None = None

    def publish(self, rows: Sequence[OutboxRow]) -> Verdicts:
        """Send a window, await its confirms; raises `BrokerUnavailable` and `ChannelClosed`, then nothing is known."""
        try:
            self._open()
            window = self._window = Window(rows, self._tag)
            self._send(window)
            self._await(window)
        except ChannelClosed:
            self.close()
            raise
        except ChannelError as error:
            self.close()
            raise ChannelClosed(str(error)) from error
        except (AMQPError, OSError) as error:
            self.close()
            if getattr(error, "reply_code", None) in _OF_A_ROW:
                raise ChannelClosed(str(error)) from error
            raise BrokerUnavailable(str(error) or type(error).__name__) from error
        if window.verdicts.failed:
            # Opening again checks, and mends where it may, the catch-all binding.
            self.close()
        return window.verdicts

    def close(self) -> None:
        """Let go of the connection, whatever state it is in."""
        connection, self._connection, self._channel = self._connection, None, None
        if connection is not None:
            try:
                connection.collect(0.2)
            except (AMQPError, OSError):
                connection = None

    def _open(self) -> None:
        if self._connection is not None and self._connection.connected:
            return
        self.close()
        limits = {"read_timeout": SOCKET_SECONDS, "write_timeout": SOCKET_SECONDS, "on_blocked": _blocked}
        connection = Connection(
            self._url, transport_options=limits, connect_timeout=5, heartbeat=0, **broker_options(self._url)
        )
        connection.connect()
        self._connection, self._user = connection, connection.userid or ""
        channel = self._checked(connection)
        channel.confirm_select()
        channel.events["basic_ack"].add(self._acked)
        channel.events["basic_nack"].add(self._nacked)
        channel.events["basic_return"].add(self._returned)
        self._channel, self._tag = channel, 0

    def _checked(self, connection: Connection) -> Any:
        """A channel, once the projectors' queue is there: the catch-all binding makes every route good.

        Only the platform's user may mend that binding; an application can see the queue, and relies on the projector.
        """
        if self._may_declare:
            channel = connection.channel()
            try:
                projector_queue()(channel).declare()
                return channel
            except AccessRefused:
                self._may_declare = False
        channel = connection.channel()
        try:
            channel.exchange_declare(EVENTS.name, EVENTS.type, passive=True)
            channel.queue_declare(PROJECTOR, passive=True)
        except NotFound as error:
            raise RecoverableConnectionError(f"{error.reply_text}: the platform makes it") from error
        return channel

    def _message(self, row: OutboxRow) -> Message:
        return Message(
            row.body,
            content_type="application/cloudevents+json",
            content_encoding="utf-8",
            delivery_mode=2,
            message_id=row.event_id,
            user_id=self._user,
        )

    def _send(self, window: Window) -> None:
        for row in window.leaving():
            self.meanwhile()
            self._tag += 1
            exchange, key = ("", self._queue) if self._queue else (EVENTS.name, row.routing_key)
            try:
                self._channel.basic_publish(self._message(row), exchange, key, mandatory=True)
            except Exception as error:
                if isinstance(error, AMQPError | OSError) and not isinstance(error, FrameSyntaxError):
                    raise
                # Half a frame may have left. Whatever is wrong is wrong with this row, and the others go without it.
                raise ChannelClosed(f"it cannot be encoded: {type(error).__name__}: {error}") from error

    def _await(self, window: Window) -> None:
        began = confirmed = monotonic()
        while unsettled := len(window.waiting):
            self._listen()
            now = monotonic()
            if len(window.waiting) < unsettled:
                confirmed = now
            elif now - confirmed > CONFIRM_SECONDS:
                raise RecoverableConnectionError(f"{unsettled} confirms did not come in {CONFIRM_SECONDS:.0f} s")
            if now - began < STEP_SECONDS:
                self._send(window)

    def _listen(self) -> None:
        """Take in what the broker says next; nothing at all for too long is a broken connection."""
        silent_since = monotonic()
        while True:
            self.meanwhile()
            try:
                self._connection.drain_events(timeout=LOOK_UP_SECONDS)  # type: ignore[union-attr]
                return
            except TimeoutError:
                if monotonic() - silent_since > SOCKET_SECONDS:
                    raise

    def _acked(self, tag: int, multiple: bool) -> None:
        if self._window:
            self._window.record_confirm(tag, multiple, None)

    def _nacked(self, tag: int, multiple: bool, *_requeue: bool) -> None:
        if self._window:
            self._window.record_confirm(tag, multiple, "the broker refused it (nack)")

    def _returned(self, error: ChannelError, _exchange: str, routing_key: str, message: Message) -> None:
        if self._window:
            reason = f"returned: {error.reply_code} {error.reply_text} for {routing_key}"
            self._window.returned[message.properties["message_id"]] = reason


def _blocked(reason: str) -> None:
    raise AmqpConnectionError(f"the broker has blocked publishers: {reason}")
