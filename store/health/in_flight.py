"""What is on its way from the logs to the views."""

from __future__ import annotations

from amqp.exceptions import AMQPError
from kombu.connection import Connection as BrokerConnection
from sqlalchemy import func, select

from domain.errors import BrokerUnavailable
from store.messaging.broker import broker_options
from store.messaging.topology import PROJECTOR
from store.sql.database import Database
from store.sql.schema import event, outbox


def waiting_in_queue(url: str, queue: str = PROJECTOR) -> int:
    """How many messages nobody has been handed yet; raises `BrokerUnavailable`."""
    try:
        with BrokerConnection(url, connect_timeout=5, **broker_options(url)) as connection:
            return int(connection.channel().queue_declare(queue, passive=True).message_count)
    except (AMQPError, OSError) as error:
        raise BrokerUnavailable(f"RabbitMQ: {error or type(error).__name__}") from error


def newest_position(database: Database) -> int:
    """Where the log ends now."""
    with database.reading() as connection:
        return int(connection.scalar(select(func.max(event.c.position))) or 0)


def waiting_in_outbox(database: Database, until: int) -> int:
    """How many events up to this position are not published yet; parked ones wait for an operator and do not count."""
    with database.reading() as connection:
        waiting = select(func.count()).where(~outbox.c.parked, outbox.c.position <= until)
        return int(connection.scalar(waiting) or 0)
