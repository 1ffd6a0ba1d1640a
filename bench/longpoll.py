"""`longpoll`: 10,000 requests held by one web process: what each costs, how soon one wakes, and that no other does.

The baselines: a bare gevent worker that holds as many, and a bare change stream that sees the same changes.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter, sleep
from typing import Any
from urllib.request import urlopen
from uuid import uuid4

from bench.harness import Result, compare, percentile
from bench.held import Held
from bench.http import Client, request
from domain.events.project import Projected
from settings import Settings
from store.views.writer import Views, connect
from tests.read_side import task
from tests.system.running import RunningSystem, temporary_home
from workers.system.processes import processes
from workers.system.record import free_port

HELD, WAKES, PAUSE = 10_000, 200, 0.01
ROUNDS = 3


@dataclass(frozen=True)
class Round:
    """What one round measured: KB per held request, and milliseconds since the change began to be written."""

    kilobytes: float
    bare_kilobytes: float
    woken: list[float]
    seen: list[float]
    wakes: int


def run(_: Settings) -> list[Result]:
    """The goals: at most 30 KB each, a p99 of at most 10 ms to wake one, and as many wakes as changes."""
    with temporary_home() as home:
        users = home / "users.json"
        users.write_text(_users())
        system = RunningSystem(
            home, free_port(), TASKPOOL_USERS=str(users), TASKPOOL_REQUESTS_PER_ADDRESS=str(2 * HELD)
        )
        system.up()
        try:
            rounds = [one_round(system) for _ in range(ROUNDS)]
        finally:
            system.down()
    return [
        _compared("longpoll memory", "KB", [(found.kilobytes, found.bare_kilobytes) for found in rounds]),
        *(
            _compared(
                f"longpoll wake {name}",
                "ms",
                [(percentile(found.woken, share), percentile(found.seen, share)) for found in rounds],
            )
            for name, share in (("p50", 0.5), ("p99", 0.99))
        ),
        _compared("longpoll wakes", "wakes/changes", [(found.wakes, WAKES) for found in rounds]),
    ]


def one_round(system: RunningSystem) -> Round:
    """In a web process that has held nothing before: a heap that has grown once would look like no cost at all."""
    system.kill("web", signal.SIGTERM)
    sleep(1)
    system.wait_until_healthy(60)
    client = Client(system.url, "admin")
    cursor = client.get("/tasks", size=1)["cursor"]
    client.get("/tasks/changes", cursor=cursor, wait=0)
    worker = _worker_of(system.process("web")["pid"])
    before = _memory(worker)
    with Held(system.url) as held:
        held.open([_poll(number, cursor) for number in range(HELD)], lambda: int(_metric(system, "held_polls")))
        kilobytes = (_memory(worker) - before) / HELD
        counted = _metric(system, "poll_wakes_total")
        woken, seen = wake_some(system.settings, held)
        wakes = int(_metric(system, "poll_wakes_total") - counted)
    client.close()
    return Round(kilobytes, bare_memory(system), woken, seen, wakes)


def wake_some(settings: Settings, held: Held) -> tuple[list[float], list[float]]:
    """One change after the other, each of concern to one of those who wait; raises when anybody else is answered."""
    database = connect(settings.mongo_url, settings.mongo_database)
    views, woken, seen = Views(database), [], []
    with watching(database) as shown:
        for _ in range(WAKES):
            answered, begun, task_id = wake_one(views, held, random.randrange(HELD))
            while task_id not in shown:
                sleep(0.001)
            woken.append((answered - begun) * 1000)
            seen.append((shown[task_id] - begun) * 1000)
            sleep(PAUSE)
        assert not held.answers(0.5), "somebody was answered who had nothing to hear"
    database.client.close()
    return woken, seen


def wake_one(views: Views, held: Held, number: int) -> tuple[float, float, str]:
    """When the answer came, when the writing of the change began, and the task that changed."""
    change = task(uuid4().hex, assignee=f"service:u{number}")[:1]
    writing = Writing(views, change)
    writing.start()
    answers = held.answers(10)
    writing.join()
    assert [who for who, _, _ in answers] == [number], f"{number} was to be woken, not {answers}"
    _, moment, changes = answers[0]
    assert [found["id"] for found in changes["entered"]] == [change[0].document["_id"]]
    held.ask(number, _poll(number, changes["cursor"]))
    return moment, writing.begun, change[0].document["_id"]


class Writing(threading.Thread):
    """Writes one change to the views, durable like all of them; `begun` is when."""

    def __init__(self, views: Views, change: list[Projected]) -> None:
        super().__init__()
        self._views, self._change = views, change
        self.begun = 0.0

    def run(self) -> None:
        self.begun = perf_counter()
        self._views.apply(self._change)


@contextmanager
def watching(database: Any) -> Iterator[dict[str, float]]:
    """When a bare change stream has shown each task."""
    shown: dict[str, float] = {}
    stop = threading.Event()

    def watch() -> None:
        with database.task.watch(max_await_time_ms=200) as stream:
            ready.set()
            while not stop.is_set():
                change = stream.try_next()
                if change is not None:
                    shown[change["documentKey"]["_id"]] = perf_counter()

    ready = threading.Event()
    thread = threading.Thread(target=watch)
    thread.start()
    ready.wait(10)
    yield shown
    stop.set()
    thread.join()


def bare_memory(system: RunningSystem) -> float:
    """KB per request held by the same server with nothing of ours in it."""
    settings = replace(system.settings, port=free_port())
    command = [*processes(settings)[-1].command[:-1], "bench.bare:app"]
    environment = {**os.environ, "TASKPOOL_REQUESTS_PER_ADDRESS": str(2 * HELD)}
    folder = Path(__file__).parent.parent
    with subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.DEVNULL) as server:
        try:
            url = f"http://127.0.0.1:{settings.port}"
            _until_answering(url)
            worker = _worker_of(server.pid)
            before = _memory(worker)
            with Held(url) as held:
                held.open([_poll(number, "c") for number in range(HELD)], lambda: int(urlopen(f"{url}/held").read()))
                return (_memory(worker) - before) / HELD
        finally:
            server.kill()
            os.kill(worker, signal.SIGKILL)


def _until_answering(url: str) -> None:
    for _ in range(100):
        try:
            urlopen(f"{url}/held").read()
            return
        except OSError:
            sleep(0.1)


def _poll(number: int, cursor: str) -> bytes:
    return request("GET", "/tasks/changes", f"Bearer token-{number}", query={"cursor": cursor, "wait": 60})


def _users() -> str:
    tokens = {
        f"u{number}": {"sha256": hashlib.sha256(f"token-{number}".encode()).hexdigest(), "application": "approval"}
        for number in range(HELD)
    }
    return json.dumps({"tokens": tokens})


def _metric(system: RunningSystem, name: str) -> float:
    text = urlopen(f"{system.url}/metrics").read().decode()
    return float(next(line.split()[-1] for line in text.splitlines() if line.startswith(f"taskpool_{name}")))


def _memory(pid: int) -> int:
    """KB of it that are in memory."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def _worker_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def _compared(name: str, unit: str, rounds: list[tuple[float, float]]) -> Result:
    mine, base = iter([pair[0] for pair in rounds]), iter([pair[1] for pair in rounds])
    return compare(name, unit, lambda: next(mine), lambda: next(base), len(rounds))
