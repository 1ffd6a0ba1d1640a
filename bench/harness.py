"""Rounds, medians and the table: ours and the baseline take turns, so that a noisy machine disturbs both."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
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
    """Print the table and write the JSON."""
    table = Table("name", "ours", "baseline", "ratio", "unit", "rounds", "min..max ours / baseline")
    for result in results:
        table.add_row(*(str(value) for value in asdict(result).values()))
    Console(width=140).print(table)
    known = {entry["name"]: entry for entry in json.loads(RESULTS.read_text())} if RESULTS.exists() else {}
    RESULTS.write_text(
        json.dumps([*(known | {result.name: asdict(result) for result in results}).values()], indent=1) + "\n"
    )
