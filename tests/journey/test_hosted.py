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


def test_what_a_task_is_about_comes_with_it_to_whoever_may_see_that(users):
    application = f"legacy-{uuid4().hex[:6]}"
    entry = {"entryType": "order/é", "entryId": "7", "name": "Order 7", "payload": {"total": 12}}
    saved = {
        **record(
            "data_entry.saved", "", **entry, authorizedUsers=["approver1"], log={"user": "ann", "message": "made"}
        ),
        "subject": None,
    }
    about = [{"entryType": "order/é", "entryId": "7"}, {"entryType": "order/é", "entryId": "none"}]
    created = record("task.created", "1", name="Pay", candidateGroups=["approvers"], correlations=about)
    done = {"state": {"processingType": "COMPLETED", "state": "paid"}}
    again = record("data_entry.saved", "", **{**entry, **done}, log={"user": "bob", "message": "paid"})
    post(users, application, saved, created, {**again, "subject": None})
    named = {"application": application}

    def complete():
        found = users["approver1"].get("/data-entries", params=named).json()["items"]
        return [one for one in found if one["state"]["state"] == "paid"]

    [shown] = eventually(complete)
    assert (shown["entryType"], shown["payload"], shown["revision"]) == ("order/é", {"total": 12}, 2)
    [task] = eventually(lambda: listed(users["approver1"], application))
    assert task["dataEntries"] is None
    wanted = {"filter": f"task.application = {application}", "expand": "dataEntries"}
    for name, seen in (("approver1", [shown]), ("approver2", []), ("admin", [shown])):
        [expanded] = users[name].get("/tasks", params=wanted).json()["items"]
        assert expanded["dataEntries"] == seen
        assert users[name].get(f"/tasks/{task['id']}").json()["dataEntries"] == seen
        assert users[name].get(f"/data-entries/{shown['id']}").status_code == (200 if seen else 404)
        assert users[name].get("/data-entries", params=named).json()["total"] == len(seen)
    log = users["approver1"].get(f"/data-entries/{shown['id']}/history").json()["items"]
    assert [(line["log"]["user"], line["state"]["state"]) for line in log] == [("bob", "paid"), ("ann", None)]
    assert users["approver2"].get(f"/data-entries/{shown['id']}/history").status_code == 404
    named = {"entryType": "order/é", "entryId": "7", "username": "ann", "replacement": "nobody"}
    post(users, application, {**record("data_entry.anonymised", "", **named), "subject": None})

    def told():
        return users["admin"].get(f"/data-entries/{shown['id']}/history").json()["items"]

    assert eventually(lambda: [line["log"]["user"] for line in told()][1:] == ["bob", "nobody"])
    gone = {**record("data_entry.deleted", "", entryType="order/é", entryId="7"), "subject": None}
    post(users, application, gone)
    assert eventually(lambda: users["admin"].get(f"/data-entries/{shown['id']}").status_code == 404)


def test_variables_of_an_engine_outside(users):
    application = f"legacy-{uuid4().hex[:6]}"
    started = record("process_instance.started", "i1", startUser="requester1")
    values = [record("process_variable.set", f"v{n}", processInstanceId="i1", name=n, value=[n]) for n in "ba"]
    removed = record("process_variable.removed", "vb")
    post(users, application, started, *values, removed)

    def variables():
        for found in users["requester1"].get("/process-instances", params={"application": application}).json()["items"]:
            return users["requester1"].get(f"/process-instances/{found['id']}/variables").json()["items"]
        return None

    expected = [{"name": "a", "value": ["a"], "valueType": "list", "revision": 1}]
    assert eventually(lambda: variables() == expected)


def test_what_an_engine_says_is_of_a_tenant_is_not_there_for_people_of_none(users):
    application, whose = f"legacy-{uuid4().hex[:6]}", {"tenantId": "north"}
    entry = {"entryType": "order", "entryId": "7", "authorizedUsers": ["approver1"]}
    started = record("process_instance.started", "i1", processDefinitionKey="p", startUser="approver1", **whose)
    post(
        users,
        application,
        record("process_definition.registered", "p:1", key="p", **whose),
        started,
        record("process_variable.set", "v1", processInstanceId="i1", name="amount", value=3),
        {**record("data_entry.saved", "", **entry, **whose), "subject": None},
        record("task.created", "1", name="Last", assignee="approver1", processInstanceId="i1"),
    )
    eventually(lambda: listed(users["approver1"], application))
    of = {"application": application}

    def told(name):
        definitions = users[name].get("/process-definitions").json()["items"]
        lists = [users[name].get(path, params=of).json()["items"] for path in ("/process-instances", "/data-entries")]
        return [[one for one in definitions if one["application"] == application], *lists]

    shown = eventually(lambda: all(found := told("admin")) and found)
    assert told("approver1") == [[], [], []]
    assert [[one["tenantId"] for one in found] for found in shown] == [["north"]] * 3
    _, [instance], [about] = shown
    paths = (f"/process-instances/{instance['id']}", f"/process-instances/{instance['id']}/variables")
    for path in (*paths, f"/data-entries/{about['id']}", f"/data-entries/{about['id']}/history"):
        assert (users["admin"].get(path).status_code, users["approver1"].get(path).status_code) == (200, 404), path
