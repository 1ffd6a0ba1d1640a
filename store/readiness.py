"""Whether the servers answer, asked with short patience."""

from __future__ import annotations

from typing import Any

from pika import BlockingConnection, URLParameters
from pika.exceptions import AMQPError
from pymongo.database import Database
from redis import Redis
from redis.exceptions import RedisError

from domain.errors import BrokerUnavailable, StoreUnavailable
from store.task_list import answering

_PATIENCE = 2.0


def mongodb_answers(database: Database[dict[str, Any]]) -> None:
    """Raise `StoreUnavailable` when MongoDB does not."""
    with answering():
        database.command("ping")


def broker_answers(url: str) -> None:
    """Raise `BrokerUnavailable` when RabbitMQ does not."""
    parameters = URLParameters(url)
    parameters.socket_timeout = parameters.blocked_connection_timeout = _PATIENCE
    parameters.connection_attempts = 1
    try:
        BlockingConnection(parameters).close()
    except (AMQPError, OSError) as error:
        raise BrokerUnavailable(f"RabbitMQ: {type(error).__name__}") from error


def redis_answers(url: str) -> None:
    """Raise `StoreUnavailable` when Redis does not."""
    try:
        with Redis.from_url(url, socket_connect_timeout=_PATIENCE, socket_timeout=_PATIENCE) as redis:
            redis.ping()
    except RedisError as error:
        raise StoreUnavailable(f"Redis: {type(error).__name__}") from error
