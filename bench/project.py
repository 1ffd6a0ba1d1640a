"""`project`: the projector's queue to durable documents, against a raw consume and guarded bulk write."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import orjson
import pika
from pymongo.write_concern import WriteConcern

from bench.by_hand import entry, guarded
from bench.harness import Result, compare, timed
from bench.relay import purge
from bench.stores import task
from domain.aggregates.advance import Head, Origin, advance
from domain.aggregates.task import AssignTask
from domain.events.envelope import Envelope, to_cloudevent
from settings import Settings
from store.messaging.event_queue import EventQueue
from store.messaging.exchange import EventExchange
from store.messaging.topology import PROJECTOR, declare
from store.outbox.outbox import OutboxRow
from store.views.indexes import indexes
from store.views.writer import Views, connect
from tasks.project import Projector, in_order

COUNT, BATCH, WINDOW = 10_000, 500, 1000


def run(settings: Settings) -> list[Result]:
    """Events per second: the goal is a ratio of at least 0.8."""
    declare(settings.amqp_url, ())
    return [compare("project", "events/s", lambda: ours(settings), lambda: raw(settings))]


def ours(settings: Settings) -> float:
    """The projector's own batch loop."""
    database = _views(settings)
    _fill(settings)
    queue = EventQueue(settings.amqp_url)
    projector, left = Projector(Views(database), queue.bury), COUNT
    with timed() as seconds:
        for batch, _ in in_order(projector, queue.batches()):
            if batch:
                queue.acknowledge(batch)
                left -= len(batch)
            if not left:
                break
        rate = COUNT / seconds()
    queue.close()
    _drop(database)
    return rate


def raw(settings: Settings) -> float:
    """Parse, one guarded replacement of the state and one history insert per event, acknowledge."""
    database = _views(settings)
    _fill(settings)
    durable = WriteConcern(w="majority", j=True)
    tasks = database.get_collection("task", write_concern=durable)
    history = database.get_collection("task_history", write_concern=durable)
    connection = pika.BlockingConnection(pika.URLParameters(settings.amqp_url))
    channel = connection.channel()
    channel.basic_qos(prefetch_count=BATCH * 2)
    batch: list[dict[str, Any]] = []
    done = 0
    with timed() as seconds:
        for method, _, body in channel.consume(PROJECTOR):
            batch.append(orjson.loads(body))
            if len(batch) == BATCH or done + len(batch) == COUNT:
                tasks.bulk_write([guarded(event) for event in batch], ordered=False)
                history.insert_many([entry(event) for event in batch], ordered=False)
                channel.basic_ack(method.delivery_tag, multiple=True)
                done += len(batch)
                batch = []
            if done == COUNT:
                break
        rate = COUNT / seconds()
    connection.close()
    _drop(database)
    return rate


def _fill(settings: Settings) -> None:
    """Tasks that are created, a window of them, and then assigned: half of the events are the first of their task."""
    purge(settings)
    exchange = EventExchange(settings.amqp_url)
    for _ in range(0, COUNT, 2 * WINDOW):
        lives = [_life() for _ in range(WINDOW)]
        for step in (0, 1):
            exchange.publish([_row(number, life[step]) for number, life in enumerate(lives)])
    exchange.close()


def _life() -> list[Envelope]:
    key, create = task(uuid4().hex)
    return advance(Head(key, 1, 0, None), [create, AssignTask("ann")], Origin("2026-01-01T00:00:00.000Z"))[1]


def _row(number: int, made: Envelope) -> OutboxRow:
    body = orjson.dumps(to_cloudevent(made)).decode()
    return OutboxRow(number, made.key.lane, made.key.opaque, 0, made.event_id, made.routing_key, body)


def _views(settings: Settings) -> Any:
    database = connect(settings.mongo_url, f"b{uuid4().hex[:10]}")
    Views(database).prepare(indexes())
    return database


def _drop(database: Any) -> None:
    database.client.drop_database(database.name)
    database.client.close()
