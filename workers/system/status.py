"""How a system is: every process with its pid, and whether it answers."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from settings import Settings
from workers.roles import ENGINE, PUBLISHER
from workers.system import orphans, probes
from workers.system.processes import Process, processes

DEADLINE = 3.8
"""The whole answer may take 5 s, also when everything hangs."""


@dataclass(frozen=True, slots=True)
class ProcessStatus:
    """One line of the answer."""

    name: str
    role: str
    pid: int | None
    healthy: bool


def status(settings: Settings) -> list[ProcessStatus]:
    """Ask every process of the system at once."""
    return ask(settings, processes(settings))


def as_json(settings: Settings, lines: Iterable[ProcessStatus]) -> dict[str, Any]:
    """Give the answer the form that scripts rely on."""
    return {"url": settings.url, "flower": settings.flower_url, "processes": [asdict(line) for line in lines]}


def ask(settings: Settings, asked: Sequence[Process]) -> list[ProcessStatus]:
    """Ask these processes at once; one that has not answered at the deadline is not healthy."""
    # Drivers report at length what is only a "no" here.
    logging.disable(logging.CRITICAL)
    pids = {process.name: pid_of(settings.home, process.name) for process in asked}
    there = [process for process in asked if pids[process.name] or not process.ours]
    healthy: set[str] = set()
    _within(DEADLINE, [*_questions(settings, there, healthy)])
    logging.disable(logging.NOTSET)
    answered = frozenset(healthy)
    return [ProcessStatus(p.name, p.role, pids[p.name], p.name in answered) for p in asked]


def pid_of(home: Path, name: str) -> int | None:
    """Read a process id that was written down, if it still is that process."""
    try:
        pid = int((home / "run" / f"{name}.pid").read_text())
    except (OSError, ValueError):
        return None
    return pid if orphans.is_running(home, name, pid) else None


def _questions(settings: Settings, there: Sequence[Process], healthy: set[str]) -> Iterable[Callable[[], None]]:
    workers = [process.name for process in there if process.role in (ENGINE, PUBLISHER)]
    if workers:
        yield lambda: healthy.update(_working(settings, workers))
    for process in there:
        if process.name not in workers:
            yield partial(_put, settings, process, healthy)


def _working(settings: Settings, workers: Sequence[str]) -> set[str]:
    """Those that answer, have done so while at work, and leave nobody's command waiting."""
    translate_mongo_errors = probes.answering_workers(settings, [*workers])
    alive = {name for name in translate_mongo_errors if probes.shows_life(settings, name)}
    return alive - {f"{ENGINE}.{name}" for name in probes.late_engines(settings)} if alive else alive


def _put(settings: Settings, process: Process, healthy: set[str]) -> None:
    if probes.answers(settings, process):
        healthy.add(process.name)


def _within(seconds: float, questions: Iterable[Callable[[], None]]) -> None:
    deadline = time.monotonic() + seconds
    # Daemons: a driver that hangs must not keep the command from ending.
    threads = [threading.Thread(target=_quietly, args=(question,), daemon=True) for question in questions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))


def _quietly(question: Callable[[], None]) -> None:
    # No answer is the answer.
    with contextlib.suppress(Exception):
        question()
