"""Models that run away in a running system: ended, answered or set aside, cancelled; and people go on working."""

import json
import os
import signal
import time
from pathlib import Path

import httpx
import pytest

from domain.identity import Key
from store.views.generations import ViewPointer, collection_name
from store.views.writer import connect
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
FAILS = bpmn(
    '<startEvent id="s"/><intermediateCatchEvent id="wait"><timerEventDefinition><timeDuration>PT1S</timeDuration>'
    '</timerEventDefinition></intermediateCatchEvent><scriptTask id="sum" scriptFormat="juel">'
    "<script>total = missing + 1</script></scriptTask>" + flows("s", "wait", "sum"),
    key="fails_later",
)


def seconds_of_work(pid):
    """Processor time that a process has had; 0 when it is gone."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11]) / os.sysconf("SC_CLK_TCK")
    except OSError:
        return 0.0


def at_work(engine):
    """The child of the engine's process that is in the middle of a long step."""
    pids = children(engine)
    before = {pid: seconds_of_work(pid) for pid in pids}
    time.sleep(0.5)
    return [pid for pid in pids if seconds_of_work(pid) - before[pid] > 0.1]


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


ASKS = bpmn(
    '<startEvent id="s"/><userTask id="ask" camunda:candidateGroups="admins"/>' + flows("s", "ask", "join") + BOMB,
    key="forks_when_answered",
)


def answered(http, location):
    found = http.get(location.removeprefix("/api/v1"), auth=ADMIN).json()
    return None if found.get("status") == "pending" else found


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


def test_a_command_whose_workers_end_again_and_again_is_failed_and_an_incident(http, running_system):
    deploy(http, ASKS)
    instance = start(http, "forks_when_answered").json()["processInstanceId"]
    wanted = {"filter": f"task.processInstanceId = {instance}"}
    [task] = soon(lambda: http.get("/tasks", params=wanted, auth=ADMIN).json()["items"], 20)
    assert http.post(f"/tasks/{task['id']}/claim", auth=ADMIN).status_code == 200
    # Asked for beforehand: to ask takes a good part of what a step may take.
    engine = running_system.process("engine.approval")["pid"]
    path, now = f"/tasks/{task['id']}/complete", {"Prefer": "wait=0"}
    asked = http.post(path, json={"variables": {}}, headers=now, auth=ADMIN)
    assert asked.status_code == 202
    for _ in range(5):
        [worker] = soon(lambda: at_work(engine), 20)
        os.kill(worker, signal.SIGKILL)
    answer = soon(lambda: answered(http, asked.headers["Location"]), 20)
    assert answer["status"] == "failed"
    assert "5 times" in answer["problem"]["detail"]
    [incident] = http.get("/ops/incidents", auth=ADMIN).json()["items"]
    assert (incident["processInstanceId"], incident["kind"], incident["tries"]) == (instance, "command", 5)
    cancelled = http.post(f"/process-instances/{instance}/cancel", json={"reason": "no use"}, auth=ADMIN)
    assert cancelled.json()["state"] == "CANCELLED", cancelled.text


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


def test_what_fails_after_a_timer_is_retried_or_given_up_over_http_and_on_the_command_line(http, running_system):
    deploy(http, FAILS)
    instances = [start(http, "fails_later").json()["processInstanceId"] for _ in range(2)]
    found = soon(lambda: both(http, instances), 90)
    by_http, by_command = (found[name] for name in instances)
    assert http.get(f"/ops/incidents/{by_http['id']}", auth=ADMIN).json() == by_http
    shown = running_system.command("incidents", "show", by_command["id"])
    assert json.loads(shown.stdout)["problem"] == by_command["problem"]
    assert (by_command["element"], by_command["kind"], by_command["tries"]) == ("sum", "element", 1)
    for decision in ("retry", "resolve"):
        assert http.post(f"/ops/incidents/{by_http['id']}/{decision}", auth=REQUESTER).status_code == 403
    retried = http.post(f"/ops/incidents/{by_http['id']}/retry", auth=ADMIN)
    assert (retried.status_code, retried.json()["retried"]["state"]) == (200, "retried")
    assert http.post(f"/ops/incidents/{by_http['id']}/retry", auth=ADMIN).status_code == 404
    given_up = running_system.command("incidents", "resolve", by_command["id"])
    assert (given_up.returncode, "is left as it is" in given_up.stdout) == (0, True), given_up.stderr
    again = running_system.command("incidents", "retry", by_command["id"])
    assert (again.returncode, "no open incident" in again.stderr) == (1, True)
    assert not both(http, instances)
    for name, ended in zip(instances, (cancel_by_http, cancel_by_command), strict=True):
        ended(http, running_system, name)
        assert http.get(f"/process-instances/{name}", auth=ADMIN).json()["state"] == "CANCELLED"


def both(http, instances):
    items = http.get("/ops/incidents", auth=ADMIN).json()["items"]
    found = {item["processInstanceId"]: item for item in items if item["processInstanceId"] in instances}
    return found if len(found) == len(instances) else None


def cancel_by_http(http, _system, instance):
    answer = http.post(f"/process-instances/{instance}/cancel", json={"reason": "wrong sum"}, auth=ADMIN)
    assert answer.status_code == 200, answer.text


def cancel_by_command(_http, system, instance):
    done = system.command("cancel", instance, "--application", "approval")
    assert (done.returncode, "cancelled" in done.stdout) == (0, True), done.stderr


def test_an_instance_is_cancelled_while_its_step_runs_away(http):
    deploy(http, LATER)
    instance = start(http, "forks_later").json()["processInstanceId"]
    time.sleep(3)  # by now the first try of its timer is at work
    answer = http.post(
        f"/process-instances/{instance}/cancel", json={"reason": "now"}, headers={"Prefer": "wait=30"}, auth=ADMIN
    )
    assert (answer.status_code, answer.json().get("state")) == (200, "CANCELLED"), answer.text
    time.sleep(3)
    incidents = http.get("/ops/incidents", auth=ADMIN).json()["items"]
    assert instance not in {one["processInstanceId"] for one in incidents}


@pytest.mark.parametrize("cancel", [cancel_by_http, cancel_by_command])
def test_an_instance_that_the_views_have_lost_is_cancelled(http, running_system, cancel):
    started = start(http, "approve_request", REQUESTER, subject="a lost chair", amount=9).json()
    instance = started["processInstanceId"]
    settings = running_system.settings
    views = connect(settings.mongo_url, settings.mongo_database)
    key = Key("approval", "process_instance", instance).opaque
    live = collection_name("process_instance", ViewPointer(views).now().live)
    assert views[live].delete_one({"_id": key}).deleted_count == 1
    assert http.get(f"/process-instances/{instance}", auth=ADMIN).status_code == 404
    assert http.post(f"/process-instances/{instance}/cancel", json={}, auth=REQUESTER).status_code == 404
    assert http.post("/process-instances/nobody/cancel", json={}, auth=ADMIN).status_code == 404
    cancel(http, running_system, instance)
    views.client.close()
    assert http.get(f"/process-instances/{instance}", auth=ADMIN).json()["state"] == "CANCELLED"
