"""What a worker process has opened, handed to its jobs: the one module-level state there is."""

from __future__ import annotations

from typing import Any

_opened: dict[str, Any] = {}


def open_with(**parts: Any) -> None:
    """Called once by the process's wiring, after any fork."""
    _opened.update(parts)


def get(name: str) -> Any:
    """A part by name; a `KeyError` means this process was not wired for this job."""
    return _opened[name]


def is_open() -> bool:
    """Whether this process was wired for jobs: the parent of a pool is not."""
    return bool(_opened)


def close() -> None:
    """Forget everything; tests and shutdown."""
    _opened.clear()
