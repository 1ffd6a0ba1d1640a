"""`growth`: what an event costs to write, collect and publish as the log and its heads grow from 10³ to 10⁶."""

from __future__ import annotations

from bench import collect, write
from bench.backlog import rate
from bench.harness import Result
from bench.long_stores import add_history
from bench.stores import fresh
from settings import Settings
from store.messaging.topology import declare
from store.sql.database import Database

LENGTHS = (1_000, 10_000, 100_000, 1_000_000)
ROUNDS = 3


def run(settings: Settings) -> list[Result]:
    """Microseconds per event, each beside the same at the shortest log."""
    declare(settings.amqp_url, ())
    costs: dict[str, list[tuple[int, list[float]]]] = {"write": [], "collect": [], "relay": []}
    with fresh(settings, "postgresql") as database:
        length = 0
        for wanted in LENGTHS:
            add_history(database, wanted - length, f"h{wanted}-")
            length = wanted
            for name, measured in _costs(settings, database).items():
                costs[name].append((wanted, measured))
    return [_beside(name, length, found, known[0][1]) for name, known in costs.items() for length, found in known]


def _costs(settings: Settings, database: Database) -> dict[str, list[float]]:
    return {
        "write": [write.ours(database) for _ in range(ROUNDS)],
        "collect": [1e6 / collect.ours(database) for _ in range(ROUNDS)],
        "relay": [1e6 / rate(settings, database) for _ in range(ROUNDS)],
    }


def _beside(name: str, length: int, found: list[float], first: list[float]) -> Result:
    middle, base = sorted(found)[len(found) // 2], sorted(first)[len(first) // 2]
    spread = f"{min(found):.1f}..{max(found):.1f} / {min(first):.1f}..{max(first):.1f}"
    name = f"growth {name} {length}"
    return Result(name, round(middle, 2), round(base, 2), round(middle / base, 3), "us/event", len(found), spread)
