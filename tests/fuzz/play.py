"""Plays a room for as long as wanted: what fails is a finding, made as small as it gets, and memory is looked at."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

BATCH = 400
EVERY = 10.0
"""Seconds between two lines."""
SHRINKING = 60.0
"""Seconds in which what has failed is made smaller."""
WARM = 0.2
"""The part of a run after which all caches are taken to be full."""
MAY_GROW = 64 * 2**20
_PAGE = 4096
_ENGINES = str(Path(__file__).parents[2] / "engines")


@dataclass(frozen=True)
class Room:
    """What is made, and what has to hold of each."""

    name: str
    examples: SearchStrategy[Any]
    check: Callable[[Any], None]
    batch: int = BATCH


@dataclass
class Played:
    """What became of a run; `memory` is (seconds, bytes resident), one for each line."""

    examples: int = 0
    findings: dict[str, str] = field(default_factory=dict)
    memory: list[tuple[float, int]] = field(default_factory=list)

    @property
    def growth(self) -> int:
        """How much memory has grown since the caches were full."""
        last = self.memory[-1][0]
        warm = [size for at, size in self.memory if at >= last * WARM]
        return warm[-1] - warm[0]

    @property
    def holds(self) -> bool:
        """Whether nothing was found, and memory is flat."""
        return not self.findings and self.growth <= MAY_GROW


def play(room: Room, seconds: float, first: int, say: Callable[[str], None]) -> Played:
    """Batches with seeds of their own until the time is over."""
    played, begun, told = Played(), monotonic(), -EVERY

    def tell() -> None:
        nonlocal told
        now = monotonic() - begun
        if now - told >= EVERY:
            told = now
            played.memory.append((now, resident()))
            say(line(room, played, now, seconds))

    number = first
    while monotonic() - begun < seconds:
        known = len(played.findings)
        _batch(room, number, played, tell, begun + seconds)
        for name in list(played.findings)[known:]:
            say(f"\n== {name}\n{played.findings[name]}")
        number += 1
    played.memory.append((monotonic() - begun, resident()))
    return played


def line(room: Room, played: Played, now: float, seconds: float) -> str:
    """How far a run is."""
    done = min(now / seconds, 1.0)
    bar = "#" * round(done * 20)
    memory = played.memory[-1][1] >> 20
    counts = f"{played.examples} examples  {len(played.findings)} findings"
    return f"{room.name} [{bar:<20}] {now:5.0f} s  {counts}  {memory} MB"


def resident() -> int:
    """Bytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE


def _batch(room: Room, number: int, played: Played, tell: Callable[[], None], until: float) -> None:
    failed: list[tuple[Any, Exception]] = []
    shrinking_until: list[float] = []

    @seed(number)
    @settings(
        max_examples=room.batch,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    @given(room.examples)
    def run(example: Any) -> None:
        tell()
        if failed and monotonic() > shrinking_until[0]:
            if repr(example) == repr(failed[-1][0]):
                raise failed[-1][1]
            return
        if monotonic() > until and not failed:
            return
        played.examples += 1
        try:
            room.check(example)
        except Exception as error:
            if signature(error) in played.findings:
                return
            shrinking_until.append(monotonic() + SHRINKING)
            failed.append((example, error))
            raise

    try:
        run()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
        example, first = failed[-1] if failed else ("", error)
        text = "".join(traceback.format_exception(first))
        played.findings[signature(first)] = f"seed {number}\n{example!r}\n{text}"


def signature(error: Exception) -> str:
    """What tells one finding from another: the error, and where in the engines it came from."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(_ENGINES)]
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else str(error)[:80]
    return f"{type(error).__name__} {where}"
