"""The hand-written pipeline that latencies are compared with: the bare drivers, nothing promised.

SQL insert and commit; a woken thread publishes and awaits the confirm; a consumer writes; a change stream sees.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter, sleep
from typing import Any
from uuid import uuid4

import pika
from pymongo import UpdateOne
from pymongo.write_concern import WriteConcern
from redis import Redis
from sqlalchemy import text

from bench.stores import fresh
from settings import Settings
from store.sql.database import Database
from store.views.writer import connect


@dataclass
class Floor:
    """Three threads; `seen` says when the change stream showed a name, and `told` is called then."""

    settings: Settings
    database: Database
    views: Any
    queue: str
    redis: Redis
    seen: dict[str, float] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)

    def commit(self, name: str) -> float:
        """When it was committed."""
        body = json.dumps({"id": name, "x": "x" * 1000})
        with self.database.transaction() as connection:
            connection.execute(text("INSERT INTO item (body) VALUES (:body)"), {"body": body})
        committed = perf_counter()
        self.redis.publish(self.queue, b"1")
        return committed

    def wait(self, name: str) -> None:
        """Until the change stream has shown it."""
        while name not in self.seen:
            sleep(0.0005)

    def relay(self) -> None:
        """Woken by Redis: read, publish, await the confirm, delete."""
        connection = pika.BlockingConnection(pika.URLParameters(self.settings.amqp_url))
        channel = connection.channel()
        channel.confirm_delivery()
        wakeups = self.redis.pubsub(ignore_subscribe_messages=True)
        wakeups.subscribe(self.queue)
        while not self.stop.is_set():
            wakeups.get_message(timeout=0.5)
            with self.database.transaction() as reading:
                rows = reading.execute(text("SELECT id, body FROM item ORDER BY id")).all()
            for _, body in rows:
                properties = pika.BasicProperties(delivery_mode=2)
                channel.basic_publish("", self.queue, body.encode(), properties, mandatory=True)
            if rows:
                with self.database.transaction() as writing:
                    writing.execute(text("DELETE FROM item WHERE id <= :id"), {"id": rows[-1][0]})
        wakeups.close()
        connection.close()

    def consume(self) -> None:
        """Write one document per message, journaled, then acknowledge."""
        connection = pika.BlockingConnection(pika.URLParameters(self.settings.amqp_url))
        channel = connection.channel()
        channel.queue_declare(self.queue, durable=True, arguments={"x-queue-type": "quorum"})
        tasks = self.views.get_collection("task", write_concern=WriteConcern(w="majority", j=True))
        for method, _, body in channel.consume(self.queue, inactivity_timeout=0.3):
            if self.stop.is_set():
                break
            if method is not None:
                found = json.loads(body)
                tasks.bulk_write([UpdateOne({"_id": found["id"]}, {"$set": found}, upsert=True)])
                channel.basic_ack(method.delivery_tag)
        channel.cancel()
        channel.queue_delete(self.queue)
        connection.close()

    def watch(self) -> None:
        """Note when each document is seen."""
        with self.views.task.watch() as stream:
            for change in stream:
                self.seen[change["documentKey"]["_id"]] = perf_counter()
                if self.stop.is_set():
                    return


@contextmanager
def floor(settings: Settings) -> Iterator[Floor]:
    """A pipeline of its own, on SQLite and the servers given."""
    queue = f"bench.{uuid4().hex[:8]}"
    views = connect(settings.mongo_url, queue.replace(".", "_"))
    views.create_collection("task")
    redis = Redis.from_url(settings.redis_url)
    with fresh(settings, "sqlite") as database:
        with database.transaction() as connection:
            connection.execute(text("CREATE TABLE item (id INTEGER PRIMARY KEY, body TEXT)"))
        made = Floor(settings, database, views, queue, redis)
        jobs = [threading.Thread(target=job) for job in (made.watch, made.consume, made.relay)]
        for job in jobs:
            job.start()
        sleep(1)
        try:
            yield made
        finally:
            made.stop.set()
            redis.publish(queue, b"1")
            views.task.insert_one({"_id": "end"})
            for job in jobs:
                job.join(20)
    views.client.drop_database(views.name)
    views.client.close()
    redis.close()
