"""`latency`: from commit to the answer of a waiting long poll, and the hand-written floor to a change stream.

Ours is a whole system: an engine step in this process, its outbox, publisher, projector, hub and web server.
`latency_loaded` is the same while steps follow one another at half the rate at which they come through at most.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter, sleep, time_ns

from bench.floor import floor
from bench.harness import Result, compare, percentile
from bench.http import Client
from settings import Settings
from tasks.application import ProcessApplication
from tests.system.running import RunningSystem, temporary_home
from workers.system.record import free_port

SAMPLES, PAUSE = 200, 0.03
LOADED, BURST = 500, 400
ROUNDS = 3


def run(settings: Settings) -> list[Result]:
    """Milliseconds: at light load the goal is a ratio of at most 2, at p50 and p99; loaded, a p99 of at most 50."""
    with temporary_home() as home:
        system = RunningSystem(home, free_port())
        system.up()
        try:
            application = ProcessApplication("approval", system.settings)
            _warm_up(system, application)
            light = [(ours(system, application, SAMPLES, PAUSE), raw(settings, SAMPLES, PAUSE)) for _ in range(ROUNDS)]
            spacing = 2 / max_rate(system, application)
            loaded = [
                (ours(system, application, LOADED, spacing, paced=True), raw(settings, LOADED, spacing, paced=True))
                for _ in range(ROUNDS)
            ]
        finally:
            system.down()
    print(f"  loaded: {1 / spacing:.0f} steps/s")
    return [*_compared("latency", light), *_compared("latency_loaded", loaded)]


def ours(
    system: RunningSystem, application: ProcessApplication, samples: int, pause: float, *, paced: bool = False
) -> list[float]:
    """Milliseconds from after the commit to the first byte of the answer."""
    with listening(system.url) as answered:
        committed = dict(_timed(lambda: step(application), samples, pause, paced=paced))
        until(lambda: committed.keys() <= answered.keys())
    return [(answered[name] - moment) * 1000 for name, moment in committed.items()]


def raw(settings: Settings, samples: int, pause: float, *, paced: bool = False) -> list[float]:
    """Milliseconds from after the commit to the change stream."""
    with floor(settings) as pipeline:

        def commit() -> tuple[str, float]:
            name = str(time_ns())
            return name, pipeline.commit(name)

        committed = dict(_timed(commit, samples, pause, paced=paced))
        until(lambda: committed.keys() <= pipeline.seen.keys())
        return [(pipeline.seen[name] - moment) * 1000 for name, moment in committed.items()]


def max_rate(system: RunningSystem, application: ProcessApplication) -> float:
    """Steps per second that come through when they are taken one after the other without a pause."""
    with listening(system.url) as answered:
        begun = perf_counter()
        taken = dict(_timed(lambda: step(application), BURST, 0))
        until(lambda: taken.keys() <= answered.keys())
        return BURST / (max(answered[name] for name in taken) - begun)


def step(application: ProcessApplication) -> tuple[str, float]:
    """Start an instance; its id and the moment after the commit."""
    with application.unit_of_work() as work:
        name = work.engine.start("approve_request", {"subject": "a chair", "amount": 1}, None, "requester1")
    return name, perf_counter()


@contextmanager
def listening(url: str) -> Iterator[Mapping[str, float]]:
    """When the tasks of each instance came to somebody who waits for them in one long poll after the other."""
    answered: dict[str, float] = {}
    stop, ready = threading.Event(), threading.Event()
    waiting = threading.Thread(target=_poll, args=(url, answered, stop, ready))
    waiting.start()
    try:
        assert ready.wait(20)
        yield answered
    finally:
        stop.set()
        waiting.join(30)


def until(done: Callable[[], bool]) -> None:
    """Wait for it, half a minute at most."""
    deadline = perf_counter() + 30
    while not done():
        assert perf_counter() < deadline, "not everything arrived within 30 s"
        sleep(0.05)


def _poll(url: str, answered: dict[str, float], stop: threading.Event, ready: threading.Event) -> None:
    client = Client(url, "approver1")
    cursor = client.get("/tasks", size=1)["cursor"]
    ready.set()
    while not stop.is_set():
        changes = client.get("/tasks/changes", cursor=cursor, wait=1)
        assert not changes["reset"]
        for task in changes["entered"]:
            answered.setdefault(task["processInstanceId"], client.answered)
        cursor = changes["cursor"]
    client.close()


def _timed(
    act: Callable[[], tuple[str, float]], times: int, pause: float, *, paced: bool = False
) -> Iterator[tuple[str, float]]:
    """With a pause after each, or `paced`: at fixed moments, however long each takes."""
    begun = perf_counter()
    for number in range(times):
        yield act()
        sleep(max(begun + (number + 1) * pause - perf_counter(), 0) if paced else pause)


def _warm_up(system: RunningSystem, application: ProcessApplication) -> None:
    ours(system, application, 30, 0.01)


def _compared(name: str, rounds: list[tuple[list[float], list[float]]]) -> list[Result]:
    results = []
    for label, share in (("p50", 0.5), ("p99", 0.99)):
        mine = iter([percentile(pair[0], share) for pair in rounds])
        base = iter([percentile(pair[1], share) for pair in rounds])
        results.append(compare(f"{name} {label}", "ms", lambda m=mine: next(m), lambda b=base: next(b), len(rounds)))
    return results
