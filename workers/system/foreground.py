"""A system that lives as long as one command: stopped by Ctrl-C, by a signal, or by the command's own death."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

import click

from settings import Settings, Values, home_of
from workers.console import Progress
from workers.system import lifecycle
from workers.system.processes import processes
from workers.system.status import pid_of
from workers.system.supervision import Supervisor

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class AlreadyRunning(Exception):
    """There is a system in this home; the message says how to stop it."""


def run(env: Values, announce: Callable[[Settings], None]) -> None:
    """Start everything, say what happens to it, and stop everything when asked to."""
    home = home_of(env)
    if Supervisor(home).is_running():
        raise AlreadyRunning(f"a system is already running in {home}; stop it with `taskpool down`")
    interruptible()
    try:
        with Progress() as progress:
            settings = lifecycle.up(env, progress, dies_with_us=True)
        announce(settings)
        click.echo("Press Ctrl-C to stop.")
        _watch(settings)
    except KeyboardInterrupt:
        click.echo("Stopping ...")
    finally:
        _ignore_signals()
        lifecycle.down(home)


def interruptible() -> None:
    """Treat every signal that asks us to stop like Ctrl-C, also where a shell made us ignore that."""
    for number in STOPPING:
        signal.signal(number, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 - a handler's signature
    raise KeyboardInterrupt


def _ignore_signals() -> None:
    for number in STOPPING:
        signal.signal(number, signal.SIG_IGN)


def _watch(settings: Settings) -> NoReturn:
    known = _pids(settings)
    while True:
        time.sleep(1)
        pids = _pids(settings)
        for name, pid in pids.items():
            if pid != known[name]:
                click.echo(f"{name}: {'restarted' if pid else 'ended, will be restarted'}")
        known = pids


def _pids(settings: Settings) -> dict[str, int | None]:
    return {process.name: pid_of(settings.home, process.name) for process in processes(settings) if process.ours}
