"""Rounds, medians, goals and the table: ours and the baseline take turns, so that a noisy machine disturbs both."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import perf_counter

from rich.console import Console
from rich.table import Table

Measure = Callable[[], float]
RESULTS = Path(__file__).with_name("results.json")


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the table; `ratio` is ours to baseline in the same unit."""

    name: str
    ours: float
    baseline: float
    ratio: float
    unit: str
    rounds: int
    spread: str = ""
    goal: str = ""
    """What it should be at least or at most, and whether it is; empty when nothing was promised."""


GOALS: Mapping[str, tuple[str, str, float]] = {
    "write": ("ratio", "<=", 1.5),
    "collect": ("ratio", ">=", 0.5),
    "relay": ("ratio", ">=", 0.6),
    "project": ("ratio", ">=", 0.8),
    "path": ("ratio", ">=", 0.8),
    "latency p50": ("ratio", "<=", 2),
    "latency p99": ("ratio", "<=", 2),
    "latency_loaded p99": ("ours", "<=", 50),
    "command p50 alone": ("ours", "<=", 40),
    "command rate": ("ours", ">=", 100),
    "longpoll memory": ("ours", "<=", 30),
    "longpoll wake p99": ("ours", "<=", 10),
    "longpoll wakes": ("ratio", "<=", 1),
    "engine_growth": ("ratio", "<=", 2),
    "page first paint": ("ours", "<=", 200),
    "page interactive": ("ours", "<=", 400),
    "page script": ("ours", "<=", 150),
    "page key to focus": ("ours", "<=", 20),
    "page typing": ("ratio", "<=", 2),
    "entries": ("ratio", "<=", 1.3),
    "backlog": ("ratio", ">=", 0.9),
    "rebuild 1,000,000": ("ours", ">=", 4000),
    "rebuild memory 1,000,000": ("ratio", "<=", 1.1),
    "import memory": ("ratio", "<=", 1.1),
}
"""By the name of a result, or the longest beginning of it; ours is in the result's unit."""


def compare(name: str, unit: str, ours: Measure, baseline: Measure, rounds: int = 3) -> Result:
    """Medians of alternating rounds."""
    pairs = []
    for number in range(rounds):
        pairs.append((ours(), baseline()) if number % 2 else tuple(reversed((baseline(), ours()))))
        print(
            f"  {name} round {number + 1}: ours {pairs[-1][0]:.1f}, baseline {pairs[-1][1]:.1f} {unit}", file=sys.stderr
        )
    mine, raw = zip(*pairs, strict=True)
    middle, base = statistics.median(mine), statistics.median(raw)
    spread = f"{min(mine):.1f}..{max(mine):.1f} / {min(raw):.1f}..{max(raw):.1f}"
    return Result(name, round(middle, 2), round(base, 2), round(middle / base, 3), unit, rounds, spread)


@contextmanager
def timed() -> Iterator[Callable[[], float]]:
    """Seconds since the block began."""
    started = perf_counter()
    yield lambda: perf_counter() - started


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of them lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def report(results: Sequence[Result]) -> None:
    """Print the table and write the JSON: this run and no other, as figures of different runs do not compare."""
    results = [replace(result, goal=_judged(result)) for result in results]
    table = Table("name", "ours", "baseline", "ratio", "unit", "rounds", "min..max ours / baseline", "goal")
    for result in results:
        table.add_row(*(str(value) for value in asdict(result).values()))
    Console(width=160).print(table)
    RESULTS.write_text(json.dumps([asdict(result) for result in results], indent=1) + "\n")


def _judged(result: Result) -> str:
    name = max((name for name in GOALS if result.name.startswith(name)), key=len, default=None)
    if name is None:
        return ""
    figure, comparison, wanted = GOALS[name]
    value = getattr(result, figure)
    met = value >= wanted if comparison == ">=" else value <= wanted
    return f"{figure} {comparison} {wanted:g} {'met' if met else 'MISSED'}"
