"""What nothing that is read or evaluated may do: take long, or reach out of itself."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_OUTSIDE = ("open", "os.", "subprocess.", "socket.", "shutil.", "exec", "compile", "import", "ctypes.", "sqlite3.")
_ALLOWED = ("zoneinfo", "tzdata", "/hypothesis/")
"""Time zones are read from files, and who makes the examples reads its own sources."""
_watching: list[str] | None = None
_hooked = False


class TookTooLong(Exception):
    """More seconds of work than allowed."""


class WentOutside(Exception):
    """A file, a process, a socket or an interpreter was used."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise `TookTooLong` where the work is after so many seconds of it; waiting for others does not count."""

    def stop(_number: int, _frame: Any) -> None:
        raise TookTooLong(f"more than {seconds} s")

    before = signal.signal(signal.SIGPROF, stop)
    # To collect what the examples leave is not the work, takes long by itself, and swallows what is raised in it.
    gc.disable()
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        gc.enable()
        signal.signal(signal.SIGPROF, before)


@contextmanager
def inside() -> Iterator[None]:
    """Raise `WentOutside` where something outside of the evaluation is used; time zones are read from files."""
    global _watching, _hooked  # noqa: PLW0603 - a hook can never be taken away
    if not _hooked:
        sys.addaudithook(_audit)
        _hooked = True
    _watching = []
    try:
        yield
        seen = _watching
    finally:
        _watching = None
    if seen:
        raise WentOutside(", ".join(seen[:5]))


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if _watching is None or not event.startswith(_OUTSIDE):
        return
    text = f"{event} {arguments[:1]!r:.100}"
    if not any(name in text for name in _ALLOWED):
        _watching.append(text)
