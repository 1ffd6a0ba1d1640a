"""How long jobs learn that their process is to end."""

from __future__ import annotations

from typing import Protocol


class Stop(Protocol):
    """Whether this process is to end: a `threading.Event`, or a flag that a pool of processes shares."""

    def is_set(self) -> bool:
        """Whether it is said."""

    def wait(self, timeout: float) -> bool:
        """Wait so many seconds, or until it is said; whether it was."""
