"""A short seeded run of everything: people work while processes, servers and connections are broken under them."""

import pytest

from tests.faults.report import lines
from tests.faults.run import play

pytestmark = [
    *(pytest.mark.servers, pytest.mark.faults, pytest.mark.timeout(500)),
    # What drivers leave open when their connection is cut is not what this is about.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
SEED = 7
SECONDS = 15
ENOUGH = 5
DECK = [
    ("suspend", "publisher.approval"),
    *(("kill", name) for name in ("engine.approval", "publisher.approval", "projector", "web", "beat")),
    *(("kill", name) for name in ("rabbitmq", "mongodb", "redis", "postgresql")),
    *(("reset", "rabbitmq"), ("drop", "postgresql"), ("alarm", "memory"), ("jump", "clock")),
]


def test_nothing_is_lost_doubled_or_resurrected():
    result = play(SEED, SECONDS, deck=DECK, pause=(0.3, 1.0), postgresql=True, whole_deck=True, at_least=ENOUGH)
    said = "\n".join(lines(result))
    assert result.violations == [], said
    assert set(DECK) <= result.hits.keys(), said
    assert result.outcomes["complete", 200] >= ENOUGH, said
