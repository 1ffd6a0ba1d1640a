"""What people are told when the broker is away: that nothing was done, or that nobody knows yet."""

import os
import signal
from uuid import uuid4

import httpx
import pytest

from tests.system.running import RunningSystem, temporary_home
from workers.system.record import free_port

pytestmark = [pytest.mark.servers, pytest.mark.faults, pytest.mark.timeout(400)]
START = "/process-definitions/approval/approve_request/start"


def instances(client):
    return client.get("/process-instances", params={"size": 200}).json()["items"]


def test_a_broker_that_is_away_and_one_that_dies_while_it_is_asked():
    with temporary_home() as home:
        system = RunningSystem(home, free_port())
        try:
            system.up()
            base = f"{system.url}/api/v1"
            with httpx.Client(base_url=base, auth=("requester1", "requester1"), timeout=60) as client:
                while_away(system, client)
                unknown(system, client)
        finally:
            system.down()


def ask(client, key, wait="1"):
    headers = {"Idempotency-Key": key, "Prefer": f"wait={wait}"}
    return client.post(START, json={"variables": {"subject": key, "amount": 1}}, headers=headers)


def until_answered(system, client, key):
    system.wait_until_healthy()
    for _ in range(60):
        answer = ask(client, key, "5")
        if answer.status_code == 201:
            return answer
    raise AssertionError(answer.text)


def while_away(system, client):
    """Known to be away: 503, and nothing is left of it."""
    key = uuid4().hex
    system.kill("rabbitmq", signal.SIGKILL)
    answer = ask(client, key)
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (503, "engine-unreachable")
    assert client.get("/tasks").status_code == 200, "reading needs no broker"
    until_answered(system, client, key)
    assert len(instances(client)) == 1


def unknown(system, client):
    """Hung while it is asked: 202, and the same key finds out what became of it."""
    key = uuid4().hex
    pid = system.kill("rabbitmq", signal.SIGSTOP)
    try:
        answer = ask(client, key)
        assert answer.status_code == 202, answer.text
        command = client.get(answer.headers["Location"].removeprefix("/api/v1")).json()
        assert command["status"] == "pending"
    finally:
        os.kill(pid, signal.SIGCONT)
    until_answered(system, client, key)
    assert len(instances(client)) == 2, "asked several times, started once"
