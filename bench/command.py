"""`command`: complete a task, from the request to its 200, alone and many at once.

The baseline is what a command needs at least, by hand with the bare drivers: a pending document, a confirmed message
to a quorum queue, the transaction in SQL, and what follows to the change stream (`bench.floor`).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from time import perf_counter, time_ns
from typing import Any
from uuid import uuid4

import pika
from pymongo.write_concern import WriteConcern

from bench.floor import Floor, floor
from bench.harness import Result, compare, percentile
from bench.http import Client
from bench.latency import listening, step, until
from settings import Settings
from tasks.application import ProcessApplication
from tests.system.running import RunningSystem, temporary_home
from workers.system.record import free_port

ALONE, TOGETHER, USERS = 100, 400, 16
ROUNDS = 3
Act = Callable[[int, str], None]


def run(settings: Settings) -> list[Result]:
    """The goals: a p50 of at most 40 ms alone, and at least 100 commands per second together."""
    with temporary_home() as home:
        system = RunningSystem(home, free_port())
        system.up()
        try:
            rounds = [(ours(system), raw(settings)) for _ in range(ROUNDS)]
        finally:
            system.down()
    return [
        _compared(
            "command p50 alone", "ms", [(percentile(mine[0], 0.5), percentile(base[0], 0.5)) for mine, base in rounds]
        ),
        _compared(
            "command p99 alone", "ms", [(percentile(mine[0], 0.99), percentile(base[0], 0.99)) for mine, base in rounds]
        ),
        _compared("command rate", "commands/s", [(mine[1], base[1]) for mine, base in rounds]),
    ]


def ours(system: RunningSystem) -> tuple[list[float], float]:
    """Milliseconds of each alone, and how many per second together; every one must be answered by 200."""
    tasks = _new_tasks(system, ALONE + TOGETHER)
    clients = [Client(system.url, "approver1") for _ in range(USERS)]

    def claim(user: int, task: str) -> None:
        clients[user].post(f"/tasks/{task}/claim", None)

    def complete(user: int, task: str) -> None:
        clients[user].post(f"/tasks/{task}/complete", {"variables": {"decision": "APPROVE"}})

    try:
        together(claim, tasks)
        return measured(complete, tasks)
    finally:
        for client in clients:
            client.close()


def measured(act: Act, names: Sequence[str]) -> tuple[list[float], float]:
    """The first of them one by one, the others by several users at once."""
    alone = []
    for name in names[:ALONE]:
        begun = perf_counter()
        act(0, name)
        alone.append((perf_counter() - begun) * 1000)
    begun = perf_counter()
    together(act, names[ALONE:])
    return alone, TOGETHER / (perf_counter() - begun)


def together(act: Act, names: Sequence[str]) -> None:
    """Each user takes the next as soon as the last is done."""
    left, taking = iter(names), threading.Lock()

    def work(user: int) -> None:
        while True:
            with taking:
                name = next(left, None)
            if name is None:
                return
            act(user, name)

    with ThreadPoolExecutor(USERS) as users:
        list(users.map(work, range(USERS)))


def raw(settings: Settings) -> tuple[list[float], float]:
    """The same by hand."""
    with floor(settings) as pipeline, by_hand(pipeline) as act:
        return measured(act, [f"{time_ns()}-{number}" for number in range(ALONE + TOGETHER)])


@contextmanager
def by_hand(pipeline: Floor) -> Iterator[Act]:
    """A pending document, a confirmed message, a consumer that commits, and the change stream at the end."""
    queue = f"bench.{uuid4().hex[:8]}"
    stop = threading.Event()
    pending = pipeline.views.get_collection("command", write_concern=WriteConcern(w="majority", j=True))
    worker = threading.Thread(target=_work, args=(pipeline, queue, stop))
    channels: dict[int, Any] = {}

    def act(user: int, name: str) -> None:
        channel = channels.get(user) or channels.setdefault(user, _confirming(pipeline.settings.amqp_url))
        pending.insert_one({"_id": name, "status": "pending"})
        channel.basic_publish("", queue, json.dumps({"id": name}).encode(), _DURABLE, mandatory=True)
        pipeline.wait(name)

    _confirming(pipeline.settings.amqp_url).queue_declare(queue, durable=True, arguments={"x-queue-type": "quorum"})
    worker.start()
    try:
        yield act
    finally:
        stop.set()
        worker.join()
        for channel in channels.values():
            channel.connection.close()


_DURABLE = pika.BasicProperties(delivery_mode=2)


def _work(pipeline: Floor, queue: str, stop: threading.Event) -> None:
    connection = pika.BlockingConnection(pika.URLParameters(pipeline.settings.amqp_url))
    channel = connection.channel()
    for method, _, body in channel.consume(queue, inactivity_timeout=0.3):
        if method is not None:
            pipeline.commit(json.loads(body)["id"])
            channel.basic_ack(method.delivery_tag)
        if stop.is_set():
            break
    channel.cancel()
    channel.queue_delete(queue)
    connection.close()


def _confirming(url: str) -> Any:
    channel = pika.BlockingConnection(pika.URLParameters(url)).channel()
    channel.confirm_delivery()
    return channel


def _new_tasks(system: RunningSystem, count: int) -> list[str]:
    """So many open tasks, as the approvers see them."""
    application = ProcessApplication("approval", system.settings)
    with listening(system.url) as answered:
        started = dict(step(application) for _ in range(count))
        until(lambda: started.keys() <= answered.keys())
    client = Client(system.url, "approver1")
    found, after = [], {}
    while len(found) < count:
        page = client.get("/tasks", size=200, **after)
        found += [task["id"] for task in page["items"] if task["processInstanceId"] in started]
        after = {"after": page["next"]}
    client.close()
    return found


def _compared(name: str, unit: str, rounds: list[tuple[float, float]]) -> Result:
    mine, base = iter([pair[0] for pair in rounds]), iter([pair[1] for pair in rounds])
    return compare(name, unit, lambda: next(mine), lambda: next(base), len(rounds))
