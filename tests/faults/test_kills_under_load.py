"""kill -9 of the publisher, the projector, the engine worker and the broker while people work."""

import signal
import time

import pika
import pytest
from sqlalchemy import text

from store.database import Database
from store.topology import DEAD, DEAD_COMMANDS, PROJECTOR
from store.views import connect
from tests.faults.checker import drift
from tests.faults.load import People
from tests.system.running import RunningSystem, temporary_home
from workers.record import free_port

pytestmark = [pytest.mark.servers, pytest.mark.faults, pytest.mark.timeout(600)]
VICTIMS = ("publisher.approval", "projector", "engine.approval", "rabbitmq")


@pytest.fixture
def system():
    with temporary_home() as home:
        made = RunningSystem(home, free_port())
        try:
            made.up()
            yield made
        finally:
            made.down()


def test_nothing_is_lost_doubled_or_resurrected(system):
    with People(system.url, seed=7) as people:
        for victim in VICTIMS * 2:
            time.sleep(3)
            system.kill(victim, signal.SIGKILL)
        time.sleep(3)
    settle(system)
    settings = system.settings
    database = Database(settings.database_url("approval"), "approval")
    views = connect(settings.mongo_url, settings.mongo_database)
    try:
        assert drift(database, "approval", views) == []
        done = people.outcomes["complete", 200]
        assert done > 5, people.outcomes
        assert people.outcomes["complete", 409] == 0, "who holds a task can complete it"
        assert views.task.count_documents({"state": "completed"}) == done
        assert views.process_instance.count_documents({}) == people.outcomes["start", 201] == len(set(people.started))
        assert views["command"].count_documents({"status": "pending"}) == 0
        assert dead(settings) == 0
    finally:
        views.client.close()
        database.close()


def settle(system):
    """Wait until everybody is well again and nothing is in flight."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if all(process["healthy"] for process in system.status()["processes"]) and quiet(system.settings):
            return
        time.sleep(1)
    raise AssertionError(f"not settled: {system.status()}")


def quiet(settings):
    database = Database(settings.database_url("approval"), "approval")
    with database.reading() as connection:
        waiting = connection.scalar(text("SELECT count(*) FROM outbox"))
    database.close()
    return not waiting and not depth(settings, PROJECTOR, "engine.approval")


def dead(settings):
    return depth(settings, DEAD, DEAD_COMMANDS)


def depth(settings, *queues):
    """Messages ready in the queues; unacknowledged ones are seen by asking twice."""
    connection = pika.BlockingConnection(pika.URLParameters(settings.amqp_url))
    try:
        channel = connection.channel()
        return sum(channel.queue_declare(queue, passive=True).method.message_count for queue in queues)
    finally:
        connection.close()
