"""Processes as the kernel sees them: who is meant by a name, with whom it came, and whether it is still there."""

import contextlib
import os
import time
from pathlib import Path

from workers.system.status import pid_of as pid_written_down


def pid_of(home, name):
    """The web's own pid is its master's: `web worker` answers people, `postgresql backend` serves a connection."""
    first, _, child = name.partition(" ")
    pid = pid_written_down(home, first)
    if not child or pid is None:
        return pid
    wanted = [one for one in children(pid) if child == "worker" or _is_backend(one)]
    return wanted[-1] if wanted else None


def family(pid):
    """A process and all that came from it."""
    return [pid, *(one for child in children(pid) for one in family(child))]


def send(pid, number):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def within(seconds, is_true):
    deadline = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def state(pid):
    return (_stat(pid) or ["gone"])[0]


def started(pid):
    """When it began, in the kernel's ticks; None when it is gone or only waits to be buried."""
    stat = _stat(pid)
    return stat[19] if stat and stat[0] not in "ZX" else None


def children(pid):
    """Of all its threads: a process is the child of the thread that made it."""
    found = []
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += map(int, file.read_text().split())
    return found


def _stat(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _is_backend(pid):
    """PostgreSQL titles its processes: `postgres: user database address(port) state`."""
    try:
        return b"taskpool taskpool" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
