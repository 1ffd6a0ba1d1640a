"""The parts a system is made of, and how each is asked whether it works."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from domain.errors import StoreUnavailable
from settings import HOSTED, Settings
from store.health.checks import (
    broker_answers,
    commands_are_answered,
    consumed,
    mongodb_answers,
    process_works,
    redis_answers,
    sql_answers,
    views_are_whole,
)
from store.lists.task_list import Documents
from store.live.hub import Hub
from store.messaging.topology import PROJECTOR
from store.sql.databases import ApplicationDatabases

NOTIFIER_PROCESS = "notifier"

Check = Callable[[], None]
"""Raises when the part does not work; may hang."""


def required_checks(
    settings: Settings, database: Documents, hub: Hub, stores: ApplicationDatabases
) -> Mapping[str, Check]:
    """What people need: without one of these, something they do is not shown, not done, or not possible."""
    read = [PROJECTOR, *(f"{kind}.{store}" for kind in ("engine", "publisher") for store in stores.names)]
    return {
        "mongodb": partial(mongodb_answers, database),
        "rabbitmq": partial(broker_answers, settings.amqp_url),
        "hub": partial(_is_listening, hub),
        **{f"sql.{name}": partial(sql_answers, partial(stores.open, name)) for name in stores.names},
        "views": partial(views_are_whole, database),
        "commands": partial(commands_are_answered, database),
        "queues": partial(consumed, settings.amqp_url, read),
        **{name: partial(process_works, settings.home, name) for name in processes(settings)},
    }


def optional_checks(settings: Settings) -> Mapping[str, Check]:
    """What only makes it quicker, or tells people what they would see in the list."""
    told = {NOTIFIER_PROCESS: partial(process_works, settings.home, NOTIFIER_PROCESS)}
    return {"redis": partial(redis_answers, settings.redis_url), **(told if settings.notifying.is_on else {})}


def processes(settings: Settings) -> list[str]:
    """The processes that show signs of life, by their names in `run/`."""
    workers = [f"{role}.{name}" for name in (*settings.applications, HOSTED) for role in ("engine", "publisher")]
    return ["projector", "beat", *workers]


def _is_listening(hub: Hub) -> None:
    if not hub.running:
        raise StoreUnavailable("the change stream is not open")
