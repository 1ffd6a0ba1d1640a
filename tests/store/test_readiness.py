"""Questions that hang, and parts that hang: who asks is answered in time, and nothing piles up."""

import os
import socket
import threading
import time

import pika
import pymongo
import pytest

from domain.errors import BrokerUnavailable
from store.health.checks import (
    NoSignOfLife,
    Questions,
    broker_answers,
    consumed,
    mongodb_answers,
    process_works,
    queue_depths,
    redis_answers,
    sql_answers,
)
from store.messaging.topology import declare
from store.sql.database import Database
from tests.faults.surroundings import Alarms


@pytest.fixture
def silence():
    """The port of a server that accepts connections and never says a word, as a stopped one does."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as server:
        yield server.getsockname()[1]


def asked_in_time(checks, patience=0.5):
    began = time.monotonic()
    answers = Questions(checks).put(patience)
    assert time.monotonic() - began < patience + 0.4
    return answers


def test_what_works_says_nothing_and_what_fails_says_why():
    def broken():
        raise NoSignOfLife("it is broken")

    answers = Questions({"well": lambda: None, "broken": broken}).put(1)
    assert answers["well"] is None
    assert str(answers["broken"]) == "it is broken"


def test_a_question_that_hangs_is_put_once_however_often_one_asks():
    put, release = [], threading.Event()

    def hangs():
        put.append(1)
        release.wait(10)

    questions = Questions({"hangs": hangs, "well": lambda: 7})
    for _ in range(5):
        answers = questions.put(0.05)
        assert str(answers["hangs"]) == "it does not answer"
        assert answers["well"] == 7
    assert len(put) == 1
    release.set()
    assert questions.put(1)["hangs"] is None
    assert questions.put(1)["hangs"] is None
    assert len(put) == 2


def test_no_server_that_is_silent_holds_up_who_asks(silence):
    documents = pymongo.MongoClient(f"mongodb://127.0.0.1:{silence}", connect=False)
    sql = Database(f"postgresql+psycopg://somebody@127.0.0.1:{silence}/x", "x")
    checks = {
        "rabbitmq": lambda: broker_answers(f"amqp://127.0.0.1:{silence}/%2F"),
        "mongodb": lambda: mongodb_answers(documents["views"]),
        "redis": lambda: redis_answers(f"redis://127.0.0.1:{silence}/0"),
        "sql": lambda: sql_answers(lambda: sql),
    }
    answers = {name: str(answer) for name, answer in asked_in_time(checks).items()}
    assert answers == dict.fromkeys(checks, "it does not answer")
    documents.close()


@pytest.mark.servers
def test_a_broker_that_is_short_of_something_is_not_ready(servers):
    alarms = Alarms(servers.home)
    broker_answers(servers.amqp_url)
    for resource in ("memory", "disk"):
        assert alarms.ring(resource)
        try:
            with pytest.raises(BrokerUnavailable):
                broker_answers(servers.amqp_url)
        finally:
            alarms.heal()
        broker_answers(servers.amqp_url)


@pytest.mark.servers
def test_servers_that_work_are_ready_and_queues_nobody_reads_are_not(servers):
    declare(servers.amqp_url, ("quiet",))
    with pymongo.MongoClient(servers.mongo_url) as documents:
        mongodb_answers(documents["views"])
    redis_answers(servers.redis_url)
    sql = Database(servers.sql_url, "ready")
    sql_answers(lambda: sql)
    sql.close()
    assert queue_depths(servers.amqp_url, ["engine.quiet", "engine.unknown"]) == {"engine.quiet": (0, 0)}
    with pytest.raises(NoSignOfLife, match=r"^nobody reads engine.quiet, engine.unknown$"):
        consumed(servers.amqp_url, ["engine.quiet", "engine.unknown"])
    with pika.BlockingConnection(pika.URLParameters(servers.amqp_url)) as connection:
        connection.channel().basic_consume("engine.quiet", lambda *_: None)
        consumed(servers.amqp_url, ["engine.quiet"])


def test_a_process_has_to_show_that_it_works(tmp_path):
    (tmp_path / "run").mkdir()
    with pytest.raises(NoSignOfLife, match="never"):
        process_works(tmp_path, "projector")
    file = tmp_path / "run" / "projector.alive"
    file.touch()
    process_works(tmp_path, "projector")
    os.utime(file, (time.time() + 60, time.time() + 60))
    with pytest.raises(NoSignOfLife):
        process_works(tmp_path, "projector")
    os.utime(file, (time.time() - 60, time.time() - 60))
    with pytest.raises(NoSignOfLife, match=r"no sign of life for 6\d s"):
        process_works(tmp_path, "projector")
