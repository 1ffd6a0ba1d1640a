"""Models that run away in a running system: ended, answered or set aside, cancelled; and people go on working."""

import time

import httpx
import pytest

from tests.engines.world import bpmn, flows
from tests.faults.victims import children

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]

ADMIN, REQUESTER = ("admin", "admin"), ("requester1", "requester1")
BOMB = flows("split", "a", "join") + flows("split", "b", "join") + flows("join", "split")
BOMB += '<parallelGateway id="split"/><task id="a"/><task id="b"/><exclusiveGateway id="join"/>'
FORKS = bpmn('<startEvent id="s"/>' + flows("s", "join") + BOMB, key="forks")
LATER = bpmn(
    '<startEvent id="s"/><intermediateCatchEvent id="wait"><timerEventDefinition><timeDuration>PT1S</timeDuration>'
    "</timerEventDefinition></intermediateCatchEvent>" + flows("s", "wait", "join") + BOMB,
    key="forks_later",
)


@pytest.fixture
def http(running_system):
    with httpx.Client(base_url=f"{running_system.url}/api/v1", trust_env=False, timeout=60) as client:
        yield client


def deploy(http, source):
    answer = http.post(
        "/applications/approval/deployments", content=source, headers={"Content-Type": "application/xml"}, auth=ADMIN
    )
    assert answer.status_code == 201, answer.text


def start(http, key, user=ADMIN, **variables):
    path = f"/process-definitions/approval/{key}/start"
    return http.post(path, json={"variables": variables}, headers={"Prefer": "wait=30"}, auth=user)


def soon(question, seconds):
    deadline = time.monotonic() + seconds
    while not (answer := question()) and time.monotonic() < deadline:
        time.sleep(0.5)
    return answer


def test_a_step_that_runs_away_is_answered_once_and_stops_nobody(http, running_system):
    deploy(http, FORKS)
    workers = set(children(running_system.process("engine.approval")["pid"]))
    began = time.monotonic()
    answer = start(http, "forks")
    assert time.monotonic() - began < 15
    assert answer.json().get("type") == "urn:taskpool:problem/budget-exceeded", (answer.status_code, answer.text)
    assert {"instance", "element"} <= set(answer.json())
    assert soon(
        lambda: len(set(children(running_system.process("engine.approval")["pid"])) & workers) < len(workers), 5
    )
    began = time.monotonic()
    assert start(http, "approve_request", REQUESTER, subject="a chair", amount=9).status_code == 201
    assert time.monotonic() - began < 5
    assert http.get("/ops/incidents", auth=ADMIN).json()["items"] == []


def test_a_timer_that_runs_away_becomes_an_incident_and_can_be_cancelled(http, running_system):
    deploy(http, LATER)
    instance = start(http, "forks_later").json()["processInstanceId"]
    [incident] = soon(lambda: http.get("/ops/incidents", auth=ADMIN).json()["items"], 150)
    assert (incident["processInstanceId"], incident["kind"], incident["tries"]) == (instance, "timer", 5)
    assert incident["problem"]["type"] == "urn:taskpool:problem/budget-exceeded"
    assert http.get("/ops/incidents", auth=REQUESTER).status_code == 403
    assert http.get(f"/process-instances/{instance}", auth=ADMIN).json()["incidents"] == 1
    assert http.post(f"/process-instances/{instance}/cancel", json={}, auth=REQUESTER).status_code in {403, 404}
    listed = running_system.command("incidents", "list", "--json")
    assert incident["id"] in listed.stdout
    cancelled = http.post(f"/process-instances/{instance}/cancel", json={"reason": "it runs away"}, auth=ADMIN)
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "CANCELLED"), cancelled.text
    assert cancelled.json()["incidents"] == 0
    assert http.get("/ops/incidents", auth=ADMIN).json()["items"] == []
    done = running_system.command("cancel", instance, "--application", "approval")
    assert (done.returncode, "already ended" in done.stderr) == (1, True)
