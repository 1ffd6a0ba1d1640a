"""A short seeded run of everything: people work while processes, servers and connections are broken under them."""

import pytest

from tests.faults.report import lines
from tests.faults.run import play

pytestmark = [
    *(pytest.mark.servers, pytest.mark.faults, pytest.mark.timeout(600)),
    # What drivers leave open when their connection is cut is not what this is about.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
SEED = 7
SECONDS = 35
DECK = [
    *(("kill", name) for name in ("engine.approval", "engine.hosted", "publisher.approval", "projector", "web")),
    *(("kill", name) for name in ("rabbitmq", "mongodb", "redis")),
    *(("suspend", "publisher.approval"), ("restart", "projector")),
    *(("reset", "rabbitmq"), ("drop", "mongodb")),
]


def test_nothing_is_lost_doubled_or_resurrected():
    result = play(SEED, SECONDS, deck=DECK, pause=(0.5, 2.5))
    said = "\n".join(lines(result))
    assert result.violations == [], said
    assert sum(result.hits.values()) >= len(DECK) / 2, said
    assert result.outcomes["complete", 200] > 5, said
