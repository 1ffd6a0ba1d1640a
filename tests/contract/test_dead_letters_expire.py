"""Dead letters nobody decides about, on a real broker: forgotten in the end, a few at once and never unseen."""

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event

import pika
import pytest

from domain.values import iso
from observe import metrics
from settings import Retention
from store.messaging.dead_letters import DeadLetters
from store.messaging.event_queue import EventQueue
from store.messaging.topology import COMMANDS, DEAD, DEAD_COMMANDS
from store.retention.rows import CleanerLease
from tasks.operate.clean import Cleaner, expire
from tests.store.databases import on_sqlite
from tests.support.broker import broker

__all__ = ["broker"]

pytestmark = pytest.mark.servers

NOW = datetime.now(UTC).replace(minute=0)


def ago(days):
    return NOW - timedelta(days=days)


@pytest.fixture
def letters(servers, broker):
    broker.confirm_delivery()
    broker.queue_purge(DEAD_COMMANDS)
    opened = DeadLetters(servers.amqp_url)
    yield opened
    opened.close()


def bury(broker, name, died=None, queue=DEAD):
    when = None if died is None else int(died.timestamp())
    headers = {"x-taskpool-reason": "cannot be read"}
    broker.basic_publish("", queue, b"{}", pika.BasicProperties(message_id=name, timestamp=when, headers=headers))


def left(letters):
    return [letter.id for letter in letters.find()]


def test_the_old_go_a_few_at_once_and_what_does_not_say_when_it_died_stays(letters, broker):
    bury(broker, "undated")
    for days in (100, 99, 3, 98):
        bury(broker, f"m{days}", ago(days))
    bury(broker, "c100", ago(100), DEAD_COMMANDS)
    before = iso(ago(90))
    assert expire(letters, before, 2) == 2
    assert left(letters) == ["undated", "m3", "m98", "c100"]
    assert expire(letters, before, 10) == 2
    assert expire(letters, before, 10) == 0
    assert left(letters) == ["undated", "m3"]


def test_a_projector_and_the_broker_write_down_when_it_was(letters, broker, servers):
    broker.basic_publish("taskpool.events", "task.created.app", b"nonsense", pika.BasicProperties(message_id="event"))
    queue = EventQueue(servers.amqp_url)
    batches = queue.batches()
    batch = next(filter(None, batches))
    queue.bury(batch[0], "nonsense")
    queue.acknowledge(batch)
    queue.close()
    broker.basic_publish(COMMANDS.name, "engine.app", b"{}", pika.BasicProperties(headers={"id": "command"}))
    tag = next(broker.consume("engine.app"))[0].delivery_tag
    broker.basic_reject(tag, requeue=False)
    broker.cancel()
    while broker.queue_declare(DEAD_COMMANDS, passive=True).method.message_count < 1:
        broker.connection.sleep(0.05)
    died = {letter.id: letter.died for letter in letters.find()}
    assert died.keys() == {"event", "command"}
    for moment in died.values():
        assert abs(datetime.fromisoformat(moment) - datetime.now(UTC)) < timedelta(seconds=30)
    assert expire(letters, iso(datetime.now(UTC) - timedelta(minutes=1)), 10) == 0
    assert expire(letters, iso(datetime.now(UTC) + timedelta(minutes=1)), 10) == 2


def test_the_cleaner_says_of_each_that_it_is_gone(letters, broker, caplog):
    for number in range(5):
        bury(broker, f"m{number}", ago(100 - number))
    bury(broker, "new", ago(80))
    database = on_sqlite()
    before = metrics.dead_letters_expired._value.get()
    lease = CleanerLease(database, "one", 60.0)
    cleaner = Cleaner(database, None, letters, Retention(), lease, lambda: NOW, lot=2, pause=0.0)
    later = replace(cleaner, now=lambda: NOW + timedelta(minutes=1))
    assert "dead letters" not in later.run(Event())
    with caplog.at_level(logging.WARNING):
        assert cleaner.run(Event())["dead letters"] == 5
    database.close()
    told = [record for record in caplog.records if record.message == "dead_letter_expired"]
    assert [(record.letter, record.queue, record.reason) for record in told] == [
        (f"m{number}", DEAD, "cannot be read") for number in range(5)
    ]
    assert metrics.dead_letters_expired._value.get() == before + 5
    assert left(letters) == ["new"]
