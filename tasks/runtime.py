"""What a worker process has opened, handed to its jobs: the one module-level state there is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from domain.stop import Stop
from store.messaging.log_pages import LogSender
from store.sql.database import Database
from tasks.carry_out import Executor
from tasks.erase import Eraser
from tasks.operate.clean import Cleaner
from tasks.publish import Publisher
from tasks.repair.settle import Settler
from tasks.run_jobs import JobRunner
from tasks.spread import Spreader
from tasks.timers import Timers


@dataclass(frozen=True, slots=True)
class Runtime:
    """The parts of one worker process, for one application; no `timers` and `jobs` where no engine of ours runs."""

    executor: Executor
    timers: Timers | None
    jobs: JobRunner | None
    publisher: Publisher
    stop: Stop
    submit_successor: Callable[[], None]
    database: Database
    log_sender: Callable[[str, str], LogSender]
    cleaner: Cleaner
    settler: Settler
    spreader: Spreader
    eraser: Eraser


_opened: list[Runtime] = []


def use(opened: Runtime) -> None:
    """Called once by the process's wiring, after any fork."""
    _opened[:] = [opened]


def current() -> Runtime:
    """The parts of this process; raises `RuntimeError` in one that was not wired for jobs."""
    if not _opened:
        raise RuntimeError("this process was not wired for jobs")
    return _opened[0]


def is_open() -> bool:
    """Whether this process was wired for jobs: the parent of a pool is not."""
    return bool(_opened)


def close() -> None:
    """Forget everything; tests and shutdown."""
    _opened.clear()
