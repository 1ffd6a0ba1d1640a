"""Tasks of engines outside: posted as records, worked on here, or there when their engine wants to decide."""

import time
from uuid import uuid4

import httpx
import orjson
import pika
import pytest

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def users(running_system):
    names = ("approver1", "approver2", "admin", "requester1")
    clients = {
        name: httpx.Client(base_url=f"{running_system.url}/api/v1", auth=(name, name), timeout=70) for name in names
    }
    yield clients
    for client in clients.values():
        client.close()


def record(kind, subject, **data):
    return {"id": uuid4().hex, "type": kind, "time": "2026-01-01T00:00:00Z", "subject": subject, "data": data}


def post(users, application, *records):
    body = {"application": application, "format": "taskpool", "records": list(records)}
    answer = users["admin"].post("/engine-events", json=body)
    assert answer.status_code == 202, answer.text
    return answer.json()


def eventually(check):
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        if found := check():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen within 15 seconds")


def listed(client, application):
    return client.get("/tasks", params={"filter": f"task.application = {application}"}).json()["items"]


def test_a_record_becomes_a_task_that_is_claimed_and_completed_here(users):
    application = f"legacy-{uuid4().hex[:6]}"
    created = record("task.created", "1", name="Pay", candidateGroups=["approvers"], payload={"amount": 3})
    assigned = record("task.attributes_changed", "1", priority=70)
    assert post(users, application, created, assigned) == {"accepted": 2, "duplicates": 0, "rejected": []}
    assert post(users, application, created)["duplicates"] == 1
    task = eventually(lambda: [one for one in listed(users["approver1"], application) if one["priority"] == 70])[0]
    assert (task["engineTaskId"], task["name"], task["payload"]) == ("1", "Pay", {"amount": 3})
    assert users["approver1"].post(f"/tasks/{task['id']}/claim").json()["assignee"] == "approver1"
    assert users["approver2"].post(f"/tasks/{task['id']}/claim").status_code == 409
    done = users["approver1"].post(f"/tasks/{task['id']}/complete", json={"variables": {}})
    assert (done.status_code, done.json()["state"]) == (200, "completed")
    assert listed(users["approver1"], application) == []


def test_the_same_id_in_two_applications_never_meets(users):
    one, two = (f"legacy-{uuid4().hex[:6]}" for _ in range(2))
    for application in (one, two):
        post(users, application, record("task.created", "1", name=application, candidateGroups=["approvers"]))
    found = [eventually(lambda name=name: listed(users["approver1"], name))[0] for name in (one, two)]
    assert [task["name"] for task in found] == [one, two]
    assert found[0]["id"] != found[1]["id"]


def test_bad_records_are_named_and_the_others_taken(users):
    application = f"legacy-{uuid4().hex[:6]}"
    bad = [{"id": "x"}, record("task.exploded", "1"), record("task.created", "2", priority="high"), "text"]
    good = record("task.created", "3", candidateUsers=["approver1"])
    answer = post(users, application, *bad, good)
    assert answer["accepted"] == 1
    assert [one["index"] for one in answer["rejected"]] == [0, 1, 2, 3]
    assert eventually(lambda: listed(users["approver1"], application))


def test_only_who_may_speak_for_an_application_does(users):
    body = {"application": "anything", "format": "taskpool", "records": []}
    assert users["approver1"].post("/engine-events", json=body).status_code == 403
    taken = {**body, "application": "approval"}
    assert users["admin"].post("/engine-events", json=taken).status_code == 403


def test_an_engine_that_wants_to_decide_gets_the_command_and_gives_the_outcome(users, running_system):
    application = f"outside-{uuid4().hex[:6]}"
    post(users, application, record("task.created", "1", candidateUsers=["approver1"], interaction="engine"))
    task = eventually(lambda: listed(users["approver1"], application))[0]
    asked = users["approver1"].post(f"/tasks/{task['id']}/claim", headers={"Prefer": "wait=0"})
    assert asked.status_code == 202
    connection = pika.BlockingConnection(pika.URLParameters(running_system.settings.amqp_url))
    _, properties, body = connection.channel().basic_get(f"outbound.{application}", auto_ack=True)
    connection.close()
    command = orjson.loads(body)
    assert properties.content_type == "application/cloudevents+json"
    assert (command["type"], command["data"]["taskId"]) == ("taskpool.command.claim.v1", "1")
    assert command["traceparent"] == asked.headers["traceparent"]
    post(
        users,
        application,
        record("task.assigned", "1", assignee="approver1"),
        record("command.outcome", command["subject"], status="accepted"),
    )
    location = asked.headers["Location"].removeprefix("/api/v1")
    eventually(lambda: users["approver1"].get(location).json()["status"] == "accepted")
    assert users["approver1"].get(f"/tasks/{task['id']}").json()["assignee"] == "approver1"
