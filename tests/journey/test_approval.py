"""The whole path on a real running system, over HTTP alone: an engine's task, a live list, and back."""

import json
import os
import signal
import threading
import time
from collections import Counter
from uuid import uuid4

import httpx
import pytest

from tests.engines.world import one_task

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def users(running_system):
    names = ("requester1", "requester2", "approver1", "approver2", "accountant1", "admin")
    clients = {
        name: httpx.Client(base_url=f"{running_system.url}/api/v1", auth=(name, name), timeout=70) for name in names
    }
    yield clients
    for client in clients.values():
        client.close()


def start(client, subject="a chair", application="approval", key="approve_request"):
    body = {"variables": {"subject": subject, "amount": 90}, "businessKey": f"R-{uuid4().hex[:6]}"}
    answer = client.post(f"/process-definitions/{application}/{key}/start", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["processInstanceId"]


def task_of(client, instance, **parameters):
    found = client.get("/tasks", params={"filter": f"task.processInstanceId = {instance}", **parameters}).json()[
        "items"
    ]
    assert len(found) == 1, found
    return found[0]


def complete(client, task, **variables):
    claimed = client.post(f"/tasks/{task['id']}/claim")
    assert claimed.status_code == 200, claimed.text
    done = client.post(f"/tasks/{task['id']}/complete", json={"variables": variables})
    assert done.status_code == 200, done.text
    return done.json()


def test_a_request_is_returned_amended_and_approved(users):
    instance = start(users["requester1"])
    task = task_of(users["approver1"], instance)
    assert task["candidateGroups"] == ["approvers"]
    assert (task["priority"], task["state"], task["assignee"]) == (50, "open", None)
    assert complete(users["approver1"], task, decision="RETURN")["state"] == "completed"
    amend = task_of(users["requester1"], instance)
    assert (amend["taskDefinitionKey"], amend["assignee"]) == ("amend", "requester1")
    complete(users["requester1"], amend, action="RESUBMIT", amount=80)
    again = task_of(users["approver2"], instance)
    assert again["payload"]["amount"] == 80
    complete(users["approver2"], again, decision="APPROVE")
    ended = users["requester1"].get(f"/process-instances/{instance}").json()
    assert (ended["state"], ended["startUser"]) == ("FINISHED", "requester1")
    history = users["approver1"].get(f"/tasks/{task['id']}/history").json()["items"]
    assert [entry["type"] for entry in history] == ["task.created", "task.assigned", "task.completed"]


def test_many_tasks_are_claimed_and_completed_at_once_and_counted(users):
    approver = users["approver1"]
    before = approver.get("/tasks/counts").json()["scopes"]["completed"]["total"]
    ids = [task_of(approver, start(users["requester1"], subject=f"bulk {n}"))["id"] for n in range(12)]
    wait = {"Prefer": "wait=30"}
    claimed = approver.post("/tasks/bulk", json={"action": "claim", "ids": [*ids, "nonsense"]}, headers=wait)
    assert [item["status"] for item in claimed.json()["items"]] == ["accepted"] * 12 + ["rejected"]
    rest = {"action": "complete", "ids": ids, "variables": {"decision": "APPROVE"}}
    taken = users["approver2"].post("/tasks/bulk", json=rest, headers=wait).json()["items"]
    assert {item["problem"]["type"].rpartition("/")[2] for item in taken} == {"not-assignee"}
    done = approver.post("/tasks/bulk", json=rest, headers=wait).json()["items"]
    assert [item["status"] for item in done] == ["accepted"] * 12
    assert approver.get("/tasks/counts").json()["scopes"]["completed"]["total"] == before + 12


def variables_of(client, instance):
    items = client.get(f"/process-instances/{instance}/variables").json()["items"]
    return [(one["name"], one["value"], one["valueType"]) for one in items]


def test_an_invoice_is_checked_in_parallel_and_paid(users):
    accountant = users["accountant1"]
    instance = start(accountant, application="invoicing", key="process_invoice")
    complete(accountant, task_of(accountant, instance), approver="approver1")
    approve = task_of(users["approver1"], instance)
    check = task_of(accountant, instance)
    assert {approve["taskDefinitionKey"], check["taskDefinitionKey"]} == {"approve_invoice", "check_invoice"}
    complete(users["approver1"], approve, approved=True)
    assert accountant.get(f"/tasks/{check['id']}").json()["payload"]["approved"] is True
    complete(accountant, check, correct=True)
    assert variables_of(accountant, instance) == [
        ("amount", 90, "number"),
        ("approved", True, "boolean"),
        ("approver", "approver1", "string"),
        ("correct", True, "boolean"),
        ("receivedBy", "accountant1", "string"),
        ("subject", "a chair", "string"),
    ]
    assert users["approver2"].get(f"/process-instances/{instance}/variables").status_code == 404
    pay = task_of(accountant, instance)
    assert pay["taskDefinitionKey"] == "prepare_payment"
    about = accountant.get(f"/tasks/{pay['id']}").json()
    [invoice] = about["dataEntries"]
    assert (invoice["state"], "invoice" in about["payload"]) == (
        {"processingType": "IN_PROGRESS", "state": "Received"},
        False,
    )
    asked = {"filter": [f"data.id = {invoice['id']}", "data.state.state = Received"]}
    assert [one["id"] for one in accountant.get("/tasks", params=asked).json()["items"]] == [pay["id"]]
    complete(accountant, pay, paymentReference="P-1")
    closed = accountant.get(f"/data-entries/{invoice['id']}").json()
    assert (closed["state"]["state"], closed["payload"]["paymentReference"]) == ("Paid", "P-1")
    history = accountant.get(f"/data-entries/{invoice['id']}/history").json()["items"]
    assert [line["log"]["message"] for line in history] == ["Paid", "Received"]
    assert accountant.get(f"/process-instances/{instance}").json()["state"] == "FINISHED"
    assert len(variables_of(accountant, instance)) == 7


def test_a_waiting_list_changes_by_itself(users):
    approver = users["approver1"]
    cursor = approver.get("/tasks").json()["cursor"]
    changes = []
    waiting = threading.Thread(
        target=lambda: changes.append(approver.get("/tasks/changes", params={"cursor": cursor, "wait": 30}).json())
    )
    waiting.start()
    time.sleep(0.2)
    instance = start(users["requester1"])
    waiting.join()
    assert [task["processInstanceId"] for task in changes[0]["entered"]] == [instance]
    task = changes[0]["entered"][0]
    users["approver2"].post(f"/tasks/{task['id']}/claim")
    later = approver.get(
        "/tasks/changes", params={"cursor": changes[0]["cursor"], "wait": 30, "scope": "unassigned"}
    ).json()
    assert later["left"] == [task["id"]]


def test_two_claim_the_same_task_at_the_same_moment_200_times(users):
    """Always exactly one 200, and one 409 with the winner's name."""
    answers = Counter()
    for _ in range(200):
        task = task_of(users["approver1"], start(users["requester1"]))
        gate, results = threading.Barrier(2), {}

        def claim(name, task=task, gate=gate, results=results):
            gate.wait()
            results[name] = users[name].post(f"/tasks/{task['id']}/claim")

        threads = [threading.Thread(target=claim, args=(name,)) for name in ("approver1", "approver2")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        won = [name for name, answer in results.items() if answer.status_code == 200]
        lost = [answer.json() for answer in results.values() if answer.status_code == 409]
        answers[len(won), len(lost)] += 1
        assert [problem["assignee"] for problem in lost] == won
        assert lost[0]["type"].endswith("/claim-conflict")
    assert answers == {(1, 1): 200}


def test_a_repeated_idempotency_key_acts_once(users):
    headers = {"Idempotency-Key": str(uuid4())}
    path = "/process-definitions/approval/approve_request/start"
    body = {"variables": {"subject": "once", "amount": 1}}
    first, second = (users["requester1"].post(path, json=body, headers=headers) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    other = users["requester1"].post(path, json={"variables": {"subject": "other", "amount": 1}}, headers=headers)
    assert other.status_code == 422


def test_every_other_answer_of_the_contract(users):
    task = task_of(users["approver1"], start(users["requester1"]))
    path = f"/tasks/{task['id']}"
    approver, other, stranger = users["approver1"], users["approver2"], users["accountant1"]
    assert stranger.get(path).status_code == stranger.post(f"{path}/claim").status_code == 404
    assert approver.post(f"{path}/complete", json={"variables": {}}).json()["type"].endswith("/not-assignee")
    assert approver.post(f"{path}/claim", headers={"If-Match": '"7"'}).status_code == 412
    shown = approver.get(path)
    assert approver.post(f"{path}/claim", headers={"If-Match": shown.headers["ETag"]}).status_code == 200
    assert approver.post(f"{path}/claim").status_code == 200
    assert other.post(f"{path}/unclaim").status_code == 409
    assert approver.post(f"{path}/assign", json={"assignee": "accountant1"}).status_code == 422
    assert approver.post(f"{path}/assign", json={"assignee": "nobody"}).status_code == 422
    assert approver.post(f"{path}/assign", json={"assignee": "approver2"}).json()["assignee"] == "approver2"
    deferred = other.post(f"{path}/defer", json={"followUpDate": "2999-01-01T00:00:00Z"})
    assert deferred.json()["followUpDate"] == "2999-01-01T00:00:00.000Z"
    instance = f"task.processInstanceId = {task['processInstanceId']}"
    assert other.get("/tasks", params={"filter": instance}).json()["total"] == 0
    assert other.get("/tasks", params={"filter": instance, "deferred": "only"}).json()["total"] == 1
    assert other.post(f"{path}/undefer").status_code == 200
    wrong = other.post(f"{path}/complete", json={"variables": {"decision": "PERHAPS"}})
    assert (wrong.status_code, [error["field"] for error in wrong.json()["errors"]]) == (422, ["decision"])
    assert other.post(f"{path}/complete", json={"variables": {"decision": "REJECT"}}).status_code == 200
    assert approver.post(f"{path}/claim").json()["type"].endswith("/already-completed")
    assert users["admin"].post("/applications/nowhere/deployments", content=b"<x/>", headers=XML).status_code == 503
    assert users["requester1"].get("/me").json() == {"username": "requester1", "groups": ["requesters"], "roles": []}


XML = {"Content-Type": "application/xml"}
BPMN = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
 targetNamespace="t"><process id="%s" name="Small" isExecutable="true"><startEvent id="s"/>
 <sequenceFlow id="a" sourceRef="s" targetRef="t"/><userTask id="t" name="Do it" camunda:assignee="${originator}"/>
 <sequenceFlow id="b" sourceRef="t" targetRef="x"/><exclusiveGateway id="x" default="d"/>
 <sequenceFlow id="c" sourceRef="x" targetRef="u">
 <conditionExpression>${approved &amp;&amp; amount &gt; 5}</conditionExpression></sequenceFlow>
 <userTask id="u" name="Do more" camunda:assignee="${originator}"/><sequenceFlow id="e" sourceRef="u" targetRef="z"/>
 <sequenceFlow id="d" sourceRef="x" targetRef="z"/><endEvent id="z"/></process></definitions>"""


def test_a_process_deployed_while_running(users):
    key = f"small_{uuid4().hex[:8]}"
    path = "/applications/approval/deployments"
    deployed = users["admin"].post(path, content=BPMN % key, headers=XML)
    assert (deployed.status_code, deployed.json()["definitions"][0]["version"]) == (201, 1)
    assert users["admin"].post(path, content=BPMN % key, headers=XML).json()["definitions"][0]["version"] == 2
    assert users["requester1"].post(path, content=BPMN % key, headers=XML).status_code == 403
    broken = users["admin"].post(path, content="<definitions>\n<process>", headers=XML)
    assert (broken.status_code, "line" in broken.json()) == (422, True)
    body = {"variables": {"originator": "requester2", "amount": 9}}
    client = users["requester2"]
    started = client.post(f"/process-definitions/approval/{key}/start", json=body)
    assert started.status_code == 201, started.text
    instance = started.json()["processInstanceId"]
    complete(client, task_of(client, instance), approved=True)
    assert task_of(client, instance)["name"] == "Do more"


def test_a_form_deployed_beside_its_process(users):
    key = f"form{uuid4().hex[:8]}"
    task = f'<userTask id="t" camunda:assignee="requester2" camunda:formRef="{key}"/>'
    form = json.dumps({"id": key, "components": [{"type": "number", "key": "amount", "validate": {"max": 5}}]})
    files = {"model": ("a.bpmn", one_task(task, key=key)), "form": ("a.form", form.encode())}
    made = users["admin"].post("/applications/approval/deployments", files=files)
    assert (made.status_code, made.json()["forms"]) == (201, [{"key": key, "version": 1}]), made.text
    again = users["admin"].post(
        "/applications/approval/deployments", content=form, headers={"Content-Type": "application/json"}
    )
    assert (again.status_code, again.json()["forms"]) == (201, [{"key": key, "version": 2}]), again.text
    client = users["requester2"]
    started = client.post(f"/process-definitions/approval/{key}/start", json={"variables": {}})
    mine = task_of(client, started.json()["processInstanceId"])
    assert [field["id"] for field in mine["formFields"]] == ["amount"]
    refused = client.post(f"/tasks/{mine['id']}/complete", json={"variables": {"amount": 6}})
    assert refused.json()["errors"] == [{"field": "amount", "message": "must be at most 5"}]
    complete(client, mine, amount=5)


def test_the_engine_may_be_away(users, running_system):
    task = task_of(users["approver1"], start(users["requester1"]))
    pid = running_system.process("engine.approval")["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        answer = users["approver1"].post(f"/tasks/{task['id']}/claim", headers={"Prefer": "wait=1"})
        assert answer.status_code == 202
        command = answer.headers["Location"].removeprefix("/api/v1")
        assert users["approver1"].get(command).json()["status"] == "pending"
        assert users["approver1"].get(f"/tasks/{task['id']}").json()["pending"]["action"] == "claim"
        assert users["approver2"].get(command).status_code == 404
    finally:
        os.kill(pid, signal.SIGCONT)
    deadline = time.monotonic() + 30
    while users["approver1"].get(command).json()["status"] == "pending" and time.monotonic() < deadline:
        time.sleep(0.1)
    assert users["approver1"].get(command).json()["status"] == "accepted"
    assert users["approver1"].get(f"/tasks/{task['id']}").json()["assignee"] == "approver1"
