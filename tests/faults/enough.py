"""Whether a run has shown anything: a nemesis that hits nobody and people who do nothing find no violations either."""

from collections import Counter

LONG_MINUTES = 10
A_MINUTE = {
    "started": 2,
    "completed": 8,
    "commands answered": 25,
    "events logged": 500,
    "changes told to screens": 200,
    "errands": 3,
}
"""A fifth of what a run on 2 busy cores did: about 10, 40, 110, 2400 and 900."""


def missing(result, deck):
    """What a long run did too little of, as sentences; of a short one nothing is asked."""
    if result.minutes < LONG_MINUTES:
        return []
    return [*_never_hit(result.hits, deck), *_too_little(_done(result), result.minutes)]


def by_target(hits):
    """How often each was hit; RabbitMQ's alarms are its own, a disk is not the server that writes to it."""
    found = Counter()
    for (action, target), count in hits.items():
        found[{"alarm": "rabbitmq", "fill": f"disk of {target}"}.get(action, target)] += count
    return found


def _never_hit(hits, deck):
    hit = by_target(hits)
    return [f"{target} was never hit" for target in sorted(by_target(dict.fromkeys(deck, 0))) if not hit[target]]


def _too_little(done, minutes):
    for name, count in done.items():
        wanted = int(A_MINUTE[name] * minutes)
        if count < wanted:
            yield f"{count} {name}, at least {wanted} are to be expected in {minutes:g} minutes"


def _done(result):
    return {
        "started": result.outcomes["start", 201],
        "completed": result.outcomes["complete", 200],
        "commands answered": sum(count for (_, status), count in result.outcomes.items() if status is not None),
        "events logged": sum(result.events.values()),
        "changes told to screens": result.screens["deltas"],
        "errands": sum(count for name, count in result.errands.items() if name.startswith("errand_")),
    }
