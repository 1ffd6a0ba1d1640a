"""`latency`: from commit to the answer of a waiting long poll, and the hand-written floor to a change stream.

Ours is a whole system: an engine step in this process, its outbox, publisher, projector, hub and web server.
The floor is three threads with the bare drivers: SQL insert, publish and confirm, consume and bulk write.
"""

from __future__ import annotations

import json
import threading
from time import perf_counter, sleep, time_ns
from uuid import uuid4

import httpx
import pika
from pymongo import UpdateOne
from pymongo.write_concern import WriteConcern
from redis import Redis
from sqlalchemy import text

from bench.harness import Result, compare, percentile
from bench.stores import fresh
from settings import Settings
from store.views import connect
from tasks.application import ProcessApplication
from tests.system.running import RunningSystem, temporary_home
from workers.record import free_port

SAMPLES, PAUSE = 200, 0.03


def run(settings: Settings) -> list[Result]:
    """Milliseconds at light load: the goal is a ratio of at most 2, at p50 and at p99."""
    with temporary_home() as home:
        system = RunningSystem(home, free_port())
        system.up()
        try:
            rounds = [(ours(system), floor(settings)) for _ in range(3)]
        finally:
            system.down()
    results = []
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        mine = iter([percentile(pair[0], share) for pair in rounds])
        base = iter([percentile(pair[1], share) for pair in rounds])
        results.append(compare(f"latency {name}", "ms", lambda m=mine: next(m), lambda b=base: next(b)))
    return results


def ours(system: RunningSystem) -> list[float]:
    """Milliseconds from after the commit to the answer in the client."""
    application = ProcessApplication("approval", system.settings)
    answered: dict[str, float] = {}
    stop = threading.Event()
    ready = threading.Event()
    waiting = threading.Thread(target=_poll, args=(system.url, answered, stop, ready))
    waiting.start()
    ready.wait(20)
    committed = {}
    for _ in range(SAMPLES):
        with application.unit_of_work() as work:
            name = work.engine.start("approve_request", {"subject": "a chair", "amount": 1}, None, "requester1")
        committed[name] = perf_counter()
        sleep(PAUSE)
    sleep(1)
    stop.set()
    with httpx.Client(base_url=f"{system.url}/api/v1", auth=("requester1", "requester1")) as client:
        client.post("/process-definitions/approval/approve_request/start", json={"variables": {"amount": 1}})
    waiting.join(30)
    missing = committed.keys() - answered.keys()
    if missing:
        raise AssertionError(f"{len(missing)} of {SAMPLES} were never seen")
    return [(answered[name] - moment) * 1000 for name, moment in committed.items()]


def _poll(url: str, answered: dict[str, float], stop: threading.Event, ready: threading.Event) -> None:
    with httpx.Client(base_url=f"{url}/api/v1", auth=("approver1", "approver1"), timeout=70) as client:
        cursor = client.get("/tasks", params={"size": 1}).json()["cursor"]
        ready.set()
        while not stop.is_set():
            changes = client.get("/tasks/changes", params={"cursor": cursor, "wait": 30})
            moment = perf_counter()
            for task in changes.json()["entered"]:
                answered.setdefault(task["processInstanceId"], moment)
            cursor = changes.json()["cursor"]


def floor(settings: Settings) -> list[float]:
    """Insert and commit; a woken thread publishes and awaits the confirm; a consumer writes; a change stream sees."""
    queue = f"bench.{uuid4().hex[:8]}"
    views = connect(settings.mongo_url, queue.replace(".", "_"))
    views.create_collection("task")
    seen: dict[str, float] = {}
    stop = threading.Event()
    redis = Redis.from_url(settings.redis_url)
    with fresh(settings, "sqlite") as database:
        with database.transaction() as connection:
            connection.execute(text("CREATE TABLE item (id INTEGER PRIMARY KEY, body TEXT)"))
        jobs = [
            threading.Thread(target=_watch, args=(views, seen, stop)),
            threading.Thread(target=_consume, args=(settings.amqp_url, queue, views, stop)),
            threading.Thread(target=_relay, args=(settings, queue, database, redis, stop)),
        ]
        for job in jobs:
            job.start()
        sleep(1)
        committed = {}
        for _ in range(SAMPLES):
            name = str(time_ns())
            with database.transaction() as connection:
                connection.execute(
                    text("INSERT INTO item (body) VALUES (:body)"), {"body": json.dumps({"id": name, "x": "x" * 1000})}
                )
            committed[name] = perf_counter()
            redis.publish(queue, b"1")
            sleep(PAUSE)
        sleep(1)
        stop.set()
        redis.publish(queue, b"1")
        views.task.insert_one({"_id": "end"})
        for job in jobs:
            job.join(20)
    views.client.drop_database(views.name)
    views.client.close()
    redis.close()
    return [(seen[name] - moment) * 1000 for name, moment in committed.items()]


def _relay(settings, queue, database, redis, stop):  # type: ignore[no-untyped-def]
    connection = pika.BlockingConnection(pika.URLParameters(settings.amqp_url))
    channel = connection.channel()
    channel.confirm_delivery()
    wakeups = redis.pubsub(ignore_subscribe_messages=True)
    wakeups.subscribe(queue)
    while not stop.is_set():
        wakeups.get_message(timeout=0.5)
        with database.transaction() as reading:
            rows = reading.execute(text("SELECT id, body FROM item ORDER BY id")).all()
        for _, body in rows:
            channel.basic_publish("", queue, body.encode(), pika.BasicProperties(delivery_mode=2), mandatory=True)
        if rows:
            with database.transaction() as writing:
                writing.execute(text("DELETE FROM item WHERE id <= :id"), {"id": rows[-1][0]})
    wakeups.close()
    connection.close()


def _consume(amqp, queue, views, stop):  # type: ignore[no-untyped-def]
    connection = pika.BlockingConnection(pika.URLParameters(amqp))
    channel = connection.channel()
    channel.queue_declare(queue, durable=True, arguments={"x-queue-type": "quorum"})
    tasks = views.get_collection("task", write_concern=WriteConcern(w="majority", j=True))
    for method, _, body in channel.consume(queue, inactivity_timeout=0.3):
        if stop.is_set():
            break
        if method is not None:
            found = json.loads(body)
            tasks.bulk_write([UpdateOne({"_id": found["id"]}, {"$set": found}, upsert=True)])
            channel.basic_ack(method.delivery_tag)
    channel.cancel()
    channel.queue_delete(queue)
    connection.close()


def _watch(views, seen, stop):  # type: ignore[no-untyped-def]
    with views.task.watch() as stream:
        for change in stream:
            seen[change["documentKey"]["_id"]] = perf_counter()
            if stop.is_set():
                return
