"""Exchanges, queues and their bindings: one place, declared by whoever starts first."""

from __future__ import annotations

from typing import Any

from kombu.connection import Connection
from kombu.entity import Exchange, Queue, binding

from store.messaging.broker import broker_options

EVENTS = Exchange("taskpool.events", type="topic", durable=True)
COMMANDS = Exchange("taskpool.commands", type="topic", durable=True)
PROJECTOR = "taskpool.projector"
DEAD = "taskpool.projector.dead"
NOTIFIER = "taskpool.notifier"
NEWS_MILLISECONDS = 24 * 3600 * 1000
"""What waited for longer is no news, and is dropped; so that queue fills no disk where nobody reads it any more."""
LOGS = "log"
"""First word of the routing key under which an application sends its log to who asked for it."""
DEAD_COMMANDS = "taskpool.commands.dead"
DELIVERY_LIMIT = 100
TICKS = ("publisher", "timers", "jobs", "collect", "settle", "spread", "clean")

_QUORUM: dict[str, Any] = {"x-queue-type": "quorum"}


def _dying_into(dead: str) -> dict[str, Any]:
    return {
        **_QUORUM,
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": dead,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }


def projector_queue() -> Queue:
    """Everything that happened, for the views."""
    return Queue(PROJECTOR, EVENTS, routing_key="#", queue_arguments=_dying_into(DEAD))


EVERY_CHANGE = "task.#"
"""Under which the notifier hears of whatever happens to tasks, beside what may be a person's to hear."""


def notifier_queue() -> Queue:
    """What of tasks may be somebody's to hear; without dead letters, as the projector has the same messages."""
    keys = [binding(EVENTS, routing_key=f"task.{event}.#") for event in ("created", "assigned")]
    arguments = {**_QUORUM, "x-delivery-limit": DELIVERY_LIMIT, "x-message-ttl": NEWS_MILLISECONDS}
    return Queue(NOTIFIER, bindings=keys, queue_arguments=arguments)


def engine_queue(application: str) -> Queue:
    """Jobs for the engine of one application."""
    name = f"engine.{application}"
    return Queue(name, COMMANDS, routing_key=name, queue_arguments=_dying_into(DEAD_COMMANDS))


def outbound_queue(application: str) -> Queue:
    """Commands for an engine that is not ours, as CloudEvents."""
    name = f"outbound.{application}"
    return Queue(name, COMMANDS, routing_key=name, queue_arguments=_dying_into(DEAD_COMMANDS))


def tick_queue(kind: str, application: str) -> Queue:
    """A tick of one of the kinds in `TICKS`: one is as good as many, so at most one waits and none is kept."""
    name = f"{kind}.{application}"
    arguments = {**_QUORUM, "x-max-length": 1, "x-overflow": "drop-head"}
    return Queue(name, COMMANDS, routing_key=name, queue_arguments=arguments)


def found(queue: Queue) -> Queue:
    """The same queue as somebody uses it who may not declare it."""
    queue.no_declare = True  # type: ignore[attr-defined] # kombu stubs do not know it
    return queue


def dead_queues() -> list[Queue]:
    """Messages set aside with the reason they died of."""
    default = Exchange("")
    return [Queue(name, default, routing_key=name, queue_arguments=_QUORUM) for name in (DEAD, DEAD_COMMANDS)]


def declare(url: str, applications: tuple[str, ...], *, notices: bool = False, changes: bool = False) -> None:
    """Declare everything; repeating it changes nothing.

    `notices`: somebody is to be told of them; `changes`: of whatever happens to tasks.
    """
    queues = [*dead_queues(), projector_queue(), *([notifier_queue()] if notices else [])]
    for application in applications:
        queues += [engine_queue(application), *(tick_queue(kind, application) for kind in TICKS)]
    with Connection(url, **broker_options(url)) as connection:
        channel = connection.channel()
        for queue in queues:
            queue(channel).declare()
        if notices:
            bind = channel.queue_bind if changes else channel.queue_unbind
            bind(NOTIFIER, EVENTS.name, EVERY_CHANGE)


def without_notices(url: str) -> None:
    """Nobody reads what the notifier did any more; nothing happens where it never was."""
    with Connection(url, **broker_options(url)) as connection:
        notifier_queue()(connection.channel()).delete()
