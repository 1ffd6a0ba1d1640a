"""Each part is stopped for real, and the system says so within bounded time and in plain words; then it recovers."""

import os
import re
import signal
import time
from contextlib import contextmanager

import httpx
import pytest

from tests.support.stopping import stopped
from tests.support.waiting import soon

pytestmark = [pytest.mark.servers, pytest.mark.faults, pytest.mark.timeout(300)]

SILENT = r"it does not answer|it cannot be reached|no primary answers"
FROZEN = {
    "rabbitmq": {"rabbitmq": SILENT, "queues": SILENT},
    "mongodb": {"mongodb": SILENT},
    "projector": {"projector": "no sign of life for"},
    "beat": {"beat": "no sign of life for"},
    "engine.approval": {"engine.approval": "no sign of life for"},
    "publisher.approval": {"publisher.approval": "no sign of life for"},
}
GONE = {
    "projector": "nobody reads taskpool.projector",
    "engine.hosted": "nobody reads engine.hosted",
    "publisher.invoicing": "nobody reads publisher.invoicing",
}
SLOWEST_ANSWER = 4.0
NOTICED_WITHIN = 20.0


@pytest.fixture
def http(running_system):
    running_system.wait_until_healthy()
    with httpx.Client(base_url=running_system.url, trust_env=False, timeout=30) as client:
        assert soon(lambda: client.get("/readyz").status_code == 200, 60)
        yield client
    running_system.wait_until_healthy(90)


@contextmanager
def frozen(system, name):
    pid = system.kill(name, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def unready(http):
    began = time.monotonic()
    answer = http.get("/readyz")
    assert time.monotonic() - began < SLOWEST_ANSWER
    return answer.json() if answer.status_code == 503 else None


def scraped(http, name, **labels):
    began = time.monotonic()
    text = http.get("/metrics").text
    assert time.monotonic() - began < 2.5
    series = name + "{" + ",".join(f'{key}="{value}"' for key, value in labels.items()) + "}"
    return [float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(series + " ")]


@pytest.mark.parametrize("name", FROZEN)
def test_a_frozen_part_is_named_and_its_recovery_too(http, running_system, name):
    with frozen(running_system, name):
        for part, reason in FROZEN[name].items():
            told = soon(lambda: (found := unready(http)) and found["reasons"].get(part), NOTICED_WITHIN)  # noqa: B023
            assert told, f"{part} is not named"
            assert re.match(reason, told)
            assert scraped(http, "taskpool_ready", part=part) == [0.0]
        assert http.get("/healthz").status_code == 200
    assert soon(lambda: http.get("/readyz").status_code == 200, 60)


@pytest.mark.parametrize("name", GONE)
def test_a_part_that_is_gone_is_named(http, running_system, name):
    with stopped(running_system, f"workers:{name}"):
        told = soon(lambda: (found := unready(http)) and found["reasons"].get("queues"), NOTICED_WITHIN)
        assert told == GONE[name]
    assert soon(lambda: http.get("/readyz").status_code == 200, 60)


def test_without_redis_it_is_slower_and_ready(http, running_system):
    with frozen(running_system, "redis"):
        told = soon(lambda: http.get("/readyz").json()["degraded"].get("redis"))
        assert told
        assert http.get("/readyz").status_code == 200
    assert soon(lambda: http.get("/readyz").json()["degraded"] == {}, 30)


def test_numbers_of_what_is_away_are_left_out_and_a_new_life_counts_on(http, running_system):
    lives = scraped(http, "taskpool_process_starts_total", process="engine.hosted")
    waves = scraped(http, "taskpool_jobs_total", job="taskpool.collect", state="SUCCESS")
    assert scraped(http, "taskpool_queue_consumers", queue="taskpool.projector") == [1.0]
    with frozen(running_system, "rabbitmq"):
        assert soon(lambda: scraped(http, "taskpool_answered", source="queues") == [0.0])
        assert scraped(http, "taskpool_queue_consumers", queue="taskpool.projector") == []
        assert scraped(http, "taskpool_outbox_events", store="approval") == [0.0]
    running_system.kill("engine.hosted")
    running_system.wait_until_healthy()
    assert scraped(http, "taskpool_process_starts_total", process="engine.hosted") == [lives[0] + 1]
    assert scraped(http, "taskpool_jobs_total", job="taskpool.collect", state="SUCCESS")[0] >= waves[0]
    assert len(list((running_system.home / "run" / "metrics").glob("*_engine.hosted.db"))) == 2
