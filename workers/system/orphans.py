"""Which processes belong to a home, by a marker they carry in their environment, and how they are ended."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Collection, Iterator
from pathlib import Path

from workers.roles import PROCESS


def belonging_to(home: Path, name: str | None = None) -> dict[int, str]:
    """Find the living processes of a home, or of one name in it: process id to name."""
    found = dict(_marked(f"TASKPOOL_HOME={home}".encode()))
    found.pop(os.getpid(), None)
    return found if name is None else {pid: owner for pid, owner in found.items() if owner == name}


def is_running(home: Path, name: str, pid: int) -> bool:
    """Tell whether a process id is still the process it was written down for."""
    try:
        return _marker(pid, f"TASKPOOL_HOME={home}".encode()) == name
    except PermissionError:
        return True
    except OSError:
        return False


def end(pids: Collection[int], patience: float = 10.0) -> None:
    """Ask them to stop, then make them; returns when all are gone."""
    _signal_all(pids, signal.SIGTERM)
    # One that was stopped would never see the request.
    _signal_all(pids, signal.SIGCONT)
    if not gone_within(pids, patience):
        _signal_all(pids, signal.SIGKILL)
        gone_within(pids, patience)


def gone_within(pids: Collection[int], seconds: float) -> bool:
    """Wait until none of them is left; false when the time was too short."""
    deadline = time.monotonic() + seconds
    while any(_alive(pid) for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _marked(home: bytes) -> Iterator[tuple[int, str]]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                name = _marker(int(folder.name), home)
            except OSError:
                continue
            if name:
                yield int(folder.name), name


def _marker(pid: int, home: bytes) -> str | None:
    variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    if home not in variables:
        return None
    prefix = f"{PROCESS}=".encode()
    return next((entry[len(prefix) :].decode() for entry in variables if entry.startswith(prefix)), None)


def _signal_all(pids: Collection[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def _alive(pid: int) -> bool:
    try:
        # A zombie holds nothing any more; whoever started it will collect it.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
