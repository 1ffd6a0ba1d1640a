"""What the command line shows while it works: a moving line on a terminal, plain lines otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console


class Progress:
    """Says which step is under way and what it waits for; use as a context manager."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False, soft_wrap=True)
        self._status = self._console.status("") if self._console.is_terminal else None
        self._step = ""

    def __enter__(self) -> Self:
        if self._status:
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status:
            self._status.stop()

    def step(self, text: str) -> None:
        """Begin a step."""
        self._step = text
        if self._status:
            self._status.update(text)
        else:
            self._console.print(text, markup=False)

    def waiting(self, names: Sequence[str]) -> None:
        """Name what the step waits for; on a terminal only, elsewhere it would fill a log."""
        if self._status:
            self._status.update(f"{self._step} [dim]waiting for {', '.join(names)}[/dim]")
