"""What a run has to say, as lines."""

import json

from tests.faults.enough import by_target


def lines(result):
    """Counts first, violations last; the seed stands in both."""
    yield f"seed {result.seed}"
    yield from _table("hits by target", by_target(result.hits))
    yield from _table("hits", result.hits)
    yield from _table("missed", result.missed)
    yield from _table("answers", result.outcomes)
    yield from _table("attempts", result.attempts)
    yield from _table("units of work", result.units)
    yield from _table("events", result.events)
    yield from _table("wire", result.wire)
    yield from _table("colleagues", result.colleagues)
    yield from _table("errands", result.errands)
    yield from _table("screens", result.screens)
    yield from _table("checks", result.checks)
    for seconds, since in result.stalls:
        yield f"nobody was answered for {seconds:.1f} s, while: {_near(result.timeline, since, seconds)}"
    for seconds, since, words in result.slowest:
        yield f"{seconds:.1f} s for {words}, while: {_near(result.timeline, since, seconds)}"
    yield from (f"  {name}: {seconds:.0f} s" for name, seconds in result.seconds.items())
    yield from (f"too little: {words}" for words in result.missing)
    yield f"{len(result.violations)} violations, seed {result.seed}"
    yield from (f"  {violation}" for violation in result.violations)
    if not result.holds:
        yield f"the same again: make faults SEED={result.seed} MINUTES={result.minutes:g} SQL={result.sql}"


def as_json(result):
    """For whoever wants to keep it."""
    counts = {name: _plain(value) for name, value in vars(result).items()}
    return json.dumps(counts, indent=1, default=str)


def _table(title, counts):
    yield f"{title}: {sum(counts.values())}"
    yield from (f"  {_name(key)}: {count}" for key, count in sorted(counts.items(), key=lambda item: _name(item[0])))


def _near(timeline, since, seconds):
    return ", ".join(f"{what} {whom}" for when, what, whom, hit in timeline if hit and -15 < when - since < seconds)


def _plain(value):
    return {_name(key): count for key, count in value.items()} if isinstance(value, dict) else value


def _name(key):
    return " ".join(map(str, key)) if isinstance(key, tuple) else str(key)
