"""What the command line shows while it works: a moving line on a terminal, plain lines otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import MofNCompleteColumn
from rich.progress import Progress as RichProgress

LINE_SECONDS = 5.0


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


class Bar:
    """How far long work has come: a bar on a terminal, a line every few seconds otherwise; use as a context manager."""

    def __init__(self, text: str, total: int, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False, soft_wrap=True)
        self._text, self._total, self._done = text, total, 0
        self._next_line = monotonic() + LINE_SECONDS
        self._bar = RichProgress(*RichProgress.get_default_columns(), MofNCompleteColumn(), console=self._console)
        self._task = self._bar.add_task(text, total=total)

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._console.is_terminal:
            self._bar.stop()

    def advance(self, count: int) -> None:
        """So many more are done."""
        self._done += count
        if self._console.is_terminal:
            self._bar.update(self._task, completed=self._done, total=max(self._total, self._done))
        elif monotonic() >= self._next_line:
            self._next_line = monotonic() + LINE_SECONDS
            self._console.print(f"{self._text}: {self._done} of {max(self._total, self._done)}", markup=False)
