"""Waiting until processes are healthy, and saying what is wrong when they do not get there."""

from __future__ import annotations

import http.client
import time
import urllib.error
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from settings import Settings
from workers.console import Progress
from workers.roles import WEB
from workers.system.probes import get
from workers.system.processes import Process
from workers.system.status import ask

LAST_LINES = 15


class NotComingUp(Exception):
    """A process does not get healthy; the message names it and shows the end of its log."""


def await_healthy(
    settings: Settings,
    wanted: Sequence[Process],
    seconds: float,
    progress: Progress,
    nudge: Callable[[Settings], None] | None = None,
) -> None:
    """Return when all of them answer; `nudge` runs before each question. Raises `NotComingUp`."""
    deadline = time.monotonic() + seconds
    while True:
        if nudge:
            nudge(settings)
        missing = [line.name for line in ask(settings, wanted) if not line.healthy]
        if not missing:
            return
        progress.waiting(missing)
        if time.monotonic() > deadline:
            raise NotComingUp("\n".join(_what_is_wrong(settings, name, seconds) for name in missing))
        time.sleep(0.2)


def await_ready(settings: Settings, seconds: float) -> None:
    """Return when the web says that it can serve people. Raises `NotComingUp`."""
    deadline = time.monotonic() + seconds
    while reason := _why_not_ready(settings):
        if time.monotonic() > deadline:
            raise NotComingUp(f"{settings.url}/readyz: {reason}\n" + _what_is_wrong(settings, WEB, seconds))
        time.sleep(0.2)


def _why_not_ready(settings: Settings) -> str:
    try:
        get(f"{settings.url}/readyz", 5)
    except urllib.error.HTTPError as error:
        return error.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return str(error) or type(error).__name__
    return ""


def _what_is_wrong(settings: Settings, name: str, seconds: float) -> str:
    log = settings.home / "logs" / f"{name}.log"
    lines = "".join(f"    {line}\n" for line in tail(log, LAST_LINES)) or "    (empty)\n"
    return f"{name} does not answer after {seconds:.0f} s; the end of {log}:\n{lines}"


def tail(path: Path, lines: int) -> list[str]:
    """Read the last lines of a file that may not be there."""
    try:
        with path.open(errors="replace") as file:
            return [line.rstrip() for line in deque(file, maxlen=lines)]
    except OSError:
        return []
