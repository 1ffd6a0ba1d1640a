"""Commands that died are answered `failed` by their own application's store, once, and kept while it is away."""

import json
from datetime import UTC, datetime

import pika
import pytest

from domain.access import User
from domain.requests.request import Request, to_plain
from store.events.unit_of_work import Store
from store.messaging.dead_letters import DeadLetters
from store.messaging.topology import DEAD_COMMANDS
from store.outbox.lanes import prepare_lanes
from store.sql.database import Database
from store.sql.databases import ApplicationDatabases
from tasks.carry_out import Executor
from tasks.repair.settle import Settler
from tests.store.databases import rows
from tests.support.broker import broker

__all__ = ["broker"]

pytestmark = pytest.mark.servers


def now():
    return datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/app.db", "app")
    database.migrate()
    prepare_lanes(database)
    yield Store(database)
    database.close()


@pytest.fixture
def woken():
    return []


@pytest.fixture
def settler(servers, broker, tmp_path, store, woken):
    broker.confirm_delivery()
    broker.queue_purge(DEAD_COMMANDS)
    databases = ApplicationDatabases(lambda name: f"sqlite:///{tmp_path}/{name}.db", ("app", "gone"))
    opened = Settler(DeadLetters(servers.amqp_url), databases, woken.append, now)
    yield opened
    opened.close()


def request(command_id, application="app"):
    times = ("2026-01-01T00:00:00.000Z", "2026-01-01T00:01:00.000Z")
    return Request(command_id, application, "claim", User("ann"), *times, task_id="t1")


def die(broker, asked):
    body = json.dumps([[to_plain(asked)], {}, {}])
    properties = pika.BasicProperties(headers={"id": asked.command_id}, content_type="application/json")
    broker.basic_publish("", DEAD_COMMANDS, body, properties)


def left(settler):
    return [letter.id for letter in settler.letters.find()]


def outcomes(store):
    found = rows(store, "SELECT state FROM aggregate WHERE aggregate = 'command' ORDER BY id")
    return [json.loads(row[0]) for row in found]


def test_a_dead_command_has_failed_and_says_so_through_the_outbox(settler, broker, store, woken):
    die(broker, request("c1"))
    die(broker, request("c1"))
    assert settler.settle() == 2
    (outcome,) = outcomes(store)
    assert (outcome["status"], outcome["user"], outcome["action"]) == ("failed", "ann", "claim")
    assert outcome["problem"]["type"] == "urn:taskpool:problem/execution-failed"
    assert rows(store, "SELECT count(*) FROM outbox") == [(1,)]
    assert (left(settler), woken) == ([], ["app"])


def test_what_was_answered_keeps_its_answer(settler, broker, store):
    asked = request("c1")
    Executor(store.begin, None, now).carry_out(asked)
    before = outcomes(store)
    die(broker, asked)
    assert settler.settle() == 1
    assert outcomes(store) == before
    assert before[0]["status"] == "rejected"


def test_a_copy_still_about_is_not_carried_out_afterwards(settler, broker, store):
    die(broker, request("c1"))
    settler.settle()
    Executor(store.begin, None, now).carry_out(request("c1"))
    assert [outcome["status"] for outcome in outcomes(store)] == ["failed"]


def test_it_is_kept_while_the_store_is_away_and_when_it_cannot_be_read(settler, broker, store):
    die(broker, request("c1", application="gone"))
    broker.basic_publish("", DEAD_COMMANDS, b"what?", pika.BasicProperties(message_id="odd"))
    die(broker, request("c2"))
    assert settler.settle() == 1
    assert settler.settle() == 0
    assert left(settler) == ["c1", "odd"]
    assert len(outcomes(store)) == 1
