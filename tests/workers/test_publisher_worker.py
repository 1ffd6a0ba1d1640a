"""The publisher's worker on a real broker: one slice follows the other, whoever else is away."""

import os
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pika
import pytest

from settings import HOSTED, Settings
from store.events.unit_of_work import Store
from store.messaging.topology import COMMANDS, DEAD_COMMANDS, TICKS, declare, engine_queue
from tests.faults.surroundings import Alarms
from tests.support.arrived import first_seen, purge
from tests.support.publishing import said
from workers.fleet.wiring import prepared_database
from workers.system.processes import processes
from workers.system.record import free_port

ROOT = Path(__file__).parents[2]
NAME = f"publisher.{HOSTED}"
COMING_UP = 60

pytestmark = [pytest.mark.servers, pytest.mark.disk, pytest.mark.timeout(180)]


@pytest.fixture
def settings(servers, tmp_path):
    """A home of its own on the run's broker, without beat and with nobody where Redis should be."""
    (tmp_path / "run").mkdir()
    declare(servers.amqp_url, (HOSTED,))
    purge(servers.amqp_url)
    with connected(servers) as channel:
        channel.queue_purge(NAME)
    return Settings.from_env(
        {
            "TASKPOOL_HOME": str(tmp_path),
            "TASKPOOL_AMQP_URL": servers.amqp_url,
            "TASKPOOL_MONGO_URL": servers.mongo_url,
            "TASKPOOL_REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
        }
    )


@pytest.fixture
def store(settings):
    database = prepared_database(settings, HOSTED)
    yield Store(database)
    database.close()


@contextmanager
def working(settings):
    """The worker as a system starts it, but for the length of its slices."""
    process = next(one for one in processes(settings) if one.name == NAME)
    command = [("tests.workers.short_slices" if word == "workers.fleet.app" else word) for word in process.command]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("TASKPOOL_")},
        "TASKPOOL_HOME": str(settings.home),
        "TASKPOOL_PROCESS": NAME,
        "TASKPOOL_AMQP_URL": settings.amqp_url,
        "TASKPOOL_MONGO_URL": settings.mongo_url,
        "TASKPOOL_REDIS_URL": settings.redis_url,
        **process.environment,
    }
    with (settings.home / "log").open("wb") as log:
        worker = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=log)
        try:
            yield
            worker.terminate()
            assert worker.wait(30) == 0
        finally:
            worker.kill()
            worker.wait()


@contextmanager
def connected(settings):
    with pika.BlockingConnection(pika.URLParameters(settings.amqp_url)) as connection:
        yield connection.channel()


def shipped(settings, store, name, seconds=15):
    """Say something, and see it on the wire."""
    said(store, name)
    until = time.monotonic() + seconds
    while name not in first_seen(settings.amqp_url):
        assert time.monotonic() < until, (settings.home / "log").read_text()[-3000:]
        time.sleep(0.05)


def test_slice_follows_slice_without_beat_and_without_redis(settings, store):
    with working(settings):
        shipped(settings, store, "first", COMING_UP)
        for number in range(6):
            time.sleep(0.5)
            shipped(settings, store, f"t{number}")


def test_a_broker_that_takes_no_successor_for_a_while_does_not_end_publishing(settings, store, servers):
    alarms = Alarms(servers.home)
    with working(settings):
        shipped(settings, store, "first", COMING_UP)
        try:
            assert alarms.ring("memory")
            said(store, "blocked")
            time.sleep(5)
        finally:
            alarms.heal()
        shipped(settings, store, "afterwards", 30)


def test_ticks_neither_pile_up_nor_become_dead_letters(servers):
    """While one is worked on, one waits: a successor can be submitted before its predecessor is done."""
    name = f"t{uuid4().hex[:12]}"
    declare(servers.amqp_url, (name,))
    with connected(servers) as channel:
        channel.confirm_delivery()
        dead = waiting(channel, DEAD_COMMANDS)
        for queue in (f"{kind}.{name}" for kind in TICKS):
            assert last_of(channel, queue, ticks=5) == b"5"
            assert last_of(channel, queue, ticks=3) == b"3", "beside the one that is worked on"
            assert waiting(channel, queue) == 0
        channel.basic_nack(0, multiple=True, requeue=False)
        assert [waiting(channel, f"{kind}.{name}") for kind in TICKS] == [0] * len(TICKS)
        time.sleep(0.5)
        assert waiting(channel, DEAD_COMMANDS) == dead
        for queue in (engine_queue(name).name, *(f"{kind}.{name}" for kind in TICKS)):
            channel.queue_delete(queue)


def last_of(channel, queue, ticks):
    for number in range(ticks):
        channel.basic_publish(COMMANDS.name, queue, str(number + 1), mandatory=True)
    return channel.basic_get(queue)[2]


def waiting(channel, queue):
    return channel.queue_declare(queue, passive=True).method.message_count
