"""What an application registers as a job: code for slow or outside work, called in no transaction, at least once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Event
from typing import Any, TypeAlias

from domain.engine_job import EngineJob

LONGEST_PAUSE = 3600.0


@dataclass(frozen=True, slots=True)
class JobContext:
    """Which wait of which instance a job is done for; `attempt` counts from 1, over all workers."""

    job: EngineJob
    attempt: int
    _lost: Event = field(default_factory=Event)

    @property
    def is_wanted(self) -> bool:
        """Whether anybody still waits for the result, as far as is known: long work may ask and stop."""
        return not self._lost.is_set()

    def is_lost(self) -> None:
        """Nobody waits any more, or somebody else does it."""
        self._lost.set()


JobFunction: TypeAlias = Callable[[JobContext, dict[str, Any]], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class JobCode:
    """The code of one job, how often it is tried altogether, and the seconds before it is tried again."""

    function: JobFunction
    retries: int
    backoff: float

    def pause_after(self, tries: int) -> float:
        """Twice as long after each try that failed, an hour at most."""
        return float(min(self.backoff * 2 ** min(max(tries - 1, 0), 20), LONGEST_PAUSE))
