"""Operators and a whole system: lag, dead letters, a command that died, over HTTP and on the command line."""

import json
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import httpx
import pika
import pytest

from domain.access import User
from domain.requests.request import Request, to_plain
from domain.values import iso
from store.messaging.signing import Signer
from store.messaging.topology import DEAD, DEAD_COMMANDS, PROJECTOR
from tests.support.waiting import soon

pytestmark = pytest.mark.servers

ADMIN, NOBODY = ("admin", "admin"), ("requester1", "requester1")


@pytest.fixture
def http(running_system):
    with httpx.Client(base_url=f"{running_system.url}/api/v1", trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture
def broker(running_system):
    connection = pika.BlockingConnection(pika.URLParameters(running_system.settings.amqp_url))
    yield connection.channel()
    connection.close()


def test_the_status_is_for_operators_and_knows_every_part(http):
    assert http.get("/ops/status", auth=NOBODY).status_code == 403
    told = http.get("/ops/status", auth=ADMIN).json()
    assert set(told["applications"]) == {"approval", "invoicing", "hosted"}
    assert all(one["reachable"] and one["parked"] == 0 for one in told["applications"].values())
    assert told["broker"]["reachable"]
    assert {PROJECTOR, DEAD, DEAD_COMMANDS, "engine.approval"} <= set(told["queues"])
    assert told["queues"][PROJECTOR]["consumers"] == 1


def test_what_the_projector_cannot_read_is_dead_and_can_be_discarded(http, broker, running_system):
    broker.basic_publish("", PROJECTOR, b"not an event", pika.BasicProperties(message_id="odd-1"))
    found = soon(lambda: http.get("/ops/dead", auth=ADMIN).json()["items"])
    assert [(one["id"], one["queue"]) for one in found] == [("odd-1", DEAD)]
    assert "not JSON" in found[0]["reason"]
    assert http.post("/ops/dead/odd-1/retry", auth=ADMIN).status_code == 409
    listed = running_system.command("dead", "list", "--json")
    assert [one["id"] for one in json.loads(listed.stdout)] == ["odd-1"]
    assert running_system.command("dead", "discard", "odd-1").stdout == "odd-1: done\n"
    assert http.get("/ops/status", auth=ADMIN).json()["dead"] == 0


def died(name):
    return pika.BasicProperties(headers={"id": name}, content_type="application/json")


def test_a_command_that_died_is_answered_as_failed_when_it_is_genuine(http, broker, running_system):
    times = ("2026-01-01T00:00:00.000Z", "2026-01-01T00:01:00.000Z")
    forged = Request("dead-0", "approval", "claim", User("requester1"), *times, task_id="t1")
    broker.basic_publish("", DEAD_COMMANDS, json.dumps([[to_plain(forged)], {}, {}]), died("dead-0"))
    signer = Signer(running_system.settings.signing_key)
    asked = signer.sign(Request("dead-1", "approval", "claim", User("requester1"), *times, task_id="t1"))
    broker.basic_publish("", DEAD_COMMANDS, json.dumps([[to_plain(asked)], {}, {}]), died("dead-1"))

    def outcome():
        answer = http.get(f"/commands/{asked.key.opaque}", auth=NOBODY)
        return answer.json() if answer.status_code == 200 else None

    assert soon(outcome)["status"] == "failed"
    assert http.get(f"/commands/{forged.key.opaque}", auth=NOBODY).status_code == 404
    assert soon(lambda: http.post("/ops/dead/dead-0/discard", auth=ADMIN).status_code == 200)
    assert http.get("/ops/status", auth=ADMIN).json()["queues"][DEAD_COMMANDS]["messages"] == 0


def test_a_store_is_cleaned_when_beat_asks(running_system):
    send = "from workers.fleet.app import app; "
    send += "app.send_task('taskpool.clean', exchange='taskpool.commands', routing_key='{}')"
    question = "SELECT value FROM setting WHERE name = 'cleaner'"
    for name in ("hosted", "approval"):
        database = sqlite3.connect(f"file:{running_system.home}/data/sql/{name}.db?mode=ro", uri=True)
        subprocess.run([sys.executable, "-c", send.format(f"clean.{name}")], env=running_system.environment, check=True)
        assert soon(lambda found=database: found.execute(question).fetchall(), 30)
        database.close()


def test_a_command_that_somebody_put_on_the_exchange_is_refused(http, broker):
    """As the broker's own administrator, in the name of an operator."""
    times = (iso(datetime.now(UTC)), iso(datetime.now(UTC) + timedelta(minutes=1)))
    arguments = {"key": "approve_request", "variables": {}}
    forged = Request("forged-1", "approval", "start", User("admin", ("admins",)), *times, arguments=arguments)
    headers = {"id": "forged-1", "task": "taskpool.engine.command", "lang": "py"}
    properties = pika.BasicProperties(
        headers=headers, content_type="application/json", content_encoding="utf-8", correlation_id="forged-1"
    )
    body = json.dumps([[to_plain(forged)], {}, {}])
    broker.basic_publish("taskpool.commands", "engine.approval", body, properties)

    def outcome():
        answer = http.get(f"/commands/{forged.key.opaque}", auth=ADMIN)
        return answer.json() if answer.status_code == 200 else None

    found = soon(outcome)
    assert (found["status"], found["problem"]["type"]) == ("failed", "urn:taskpool:problem/not-signed")
    assert found["produced"] == []
