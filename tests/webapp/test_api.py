"""The API through Flask's client: who sees what, what is answered, what every error looks like."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from domain.identity import Key, derived_id
from store.lists.task_list import Documents
from store.views.writer import Views
from tests.read_side import definition, instance
from tests.support.asking import ADMIN, APPROVER, OTHER, REQUESTER, body, get, offered, post
from tests.webapp.stand_in import DirectAsking
from webapp.api import rendering
from webapp.api.held import Held

pytestmark = pytest.mark.servers

FIELDS = (
    "id, engineTaskId, application, name, description, taskDefinitionKey, processDefinitionKey, processDefinitionId, "
    "processName, processInstanceId, businessKey, formKey, formUrl, state, pending, assignee, owner, candidateUsers, "
    "candidateGroups, priority, createTime, dueDate, followUpDate, payload, correlations, dataEntries, revision, "
    "tenantId, formFields, endTime, completedBy, payloadOmitted, partlySearched, warnings, parentTaskId, "
    "delegationState, suspended, excludedUsers, formRef"
)
FORM = (
    {"id": "approved", "label": "Approve", "type": "boolean", "required": True, "values": []},
    {"id": "level", "label": "Level", "type": "enum", "required": False, "values": [{"id": "low", "name": "Low"}]},
    {"id": "amount", "label": "Amount", "type": "long", "required": False, "values": []},
    {"id": "until", "label": "Until", "type": "date", "required": False, "values": []},
)


def test_a_task_shows_exactly_the_fields_promised(client: FlaskClient, engine: DirectAsking) -> None:
    offered(engine)
    [item] = body(get(client, "/tasks"))["items"]
    assert sorted(item) == sorted(FIELDS.split(", "))
    assert (item["pending"], item["dataEntries"], item["candidateGroups"]) == (None, None, ["approvers"])


def test_the_list_knows_scopes_filters_pages_and_totals(client: FlaskClient, engine: DirectAsking) -> None:
    for number in range(5):
        offered(engine, f"t{number}", priority=number * 10, assignee=APPROVER if number % 2 else None)
    first = body(get(client, "/tasks?size=2"))
    assert (first["total"], first["totalIsAtLeast"], first["page"], first["size"]) == (5, False, 0, 2)
    second = body(get(client, "/tasks", query_string={"size": 2, "after": first["next"]}))
    assert [task["priority"] for task in first["items"] + second["items"]] == [40, 30, 20, 10]
    assert [task["priority"] for task in body(get(client, "/tasks?scope=mine&sort=priority"))["items"]] == [10, 30]
    filters = [("filter", "task.priority >= 20"), ("filter", "task.assignee = null")]
    assert body(get(client, "/tasks", query_string=filters))["total"] == 2
    assert body(get(client, "/tasks?page=9"))["items"] == []
    assert body(get(client, "/tasks", REQUESTER))["total"] == 0
    assert body(get(client, "/tasks", ADMIN))["total"] == 5


@pytest.mark.parametrize(
    "asked",
    [
        "size=201",
        "size=0",
        "page=-1",
        "page=x",
        "scope=all",
        "filter=nonsense",
        "filter=task.nope=1",
        "sort=nope",
        "after=garbage",
    ],
)
def test_what_cannot_be_read_is_a_problem(client: FlaskClient, asked: str) -> None:
    response = get(client, f"/tasks?{asked}")
    assert (response.status_code, response.content_type) == (400, "application/problem+json")
    assert body(response)["type"] == "urn:taskpool:problem/bad-request"


def test_every_error_is_a_problem(client: FlaskClient, engine: DirectAsking) -> None:
    assert client.get("/api/v1/tasks").headers["WWW-Authenticate"].startswith("Basic")
    quiet = client.get("/api/v1/tasks", headers={"X-Requested-With": "fetch"})
    assert (quiet.status_code, "WWW-Authenticate" in quiet.headers) == (401, False)
    answers = {
        404: get(client, "/nowhere"),
        405: post(client, "/tasks"),
        413: post(client, "/engine-events", data=b"x" * 6_000_000, content_type="application/json"),
        415: post(client, f"/tasks/{offered(engine)}/complete", data="a=b"),
        400: post(client, f"/tasks/{offered(engine)}/complete", data="{", content_type="application/json"),
        401: client.get("/api/v1/me", auth=("approver1", "wrong")),
    }
    assert {status: response.status_code for status, response in answers.items()} == {
        status: status for status in answers
    }
    assert {response.content_type for response in answers.values()} == {"application/problem+json"}


def test_one_task_has_an_etag_and_a_history_only_for_those_who_see_it(
    client: FlaskClient, engine: DirectAsking
) -> None:
    task = offered(engine)
    assert get(client, f"/tasks/{task}").headers["ETag"] == '"1"'
    post(client, f"/tasks/{task}/claim")
    history = body(get(client, f"/tasks/{task}/history"))["items"]
    assert [(entry["type"], entry["by"]) for entry in history] == [("task.created", None), ("task.assigned", APPROVER)]
    for path in (f"/tasks/{task}", f"/tasks/{task}/history", "/tasks/unknown"):
        assert get(client, path, REQUESTER).status_code == 404


def test_claiming_shows_the_task_as_it_is_now_and_the_next_list_too(client: FlaskClient, engine: DirectAsking) -> None:
    task = offered(engine)
    response = post(client, f"/tasks/{task}/claim", headers={"Prefer": "respond-async, wait=3"})
    assert (response.status_code, body(response)["assignee"], response.headers["ETag"]) == (200, APPROVER, '"2"')
    assert body(get(client, "/tasks?scope=mine"))["total"] == 1
    conflict = post(client, f"/tasks/{task}/claim", OTHER)
    assert (conflict.status_code, body(conflict)["assignee"]) == (409, APPROVER)
    assert post(client, f"/tasks/{task}/complete", OTHER, json={}).status_code == 409
    assert post(client, f"/tasks/{task}/claim", REQUESTER).status_code == 404


@pytest.mark.parametrize(
    ("sent", "status"), [('"1"', 200), ('W/"1"', 200), ("1", 200), ("*", 200), ('"2"', 412), ("x", 412)]
)
def test_if_match(client: FlaskClient, engine: DirectAsking, sent: str, status: int) -> None:
    task = offered(engine)
    assert post(client, f"/tasks/{task}/claim", headers={"If-Match": sent}).status_code == status


def test_an_idempotency_key_is_per_user_and_path(client: FlaskClient, engine: DirectAsking) -> None:
    task, key = (
        offered(engine, assignee=APPROVER, candidate_groups=(), candidate_users=(OTHER,)),
        {"Idempotency-Key": "k"},
    )
    sent: dict[str, Any] = {"json": {"assignee": OTHER}, "headers": key}
    assert post(client, f"/tasks/{task}/assign", **sent).status_code == 200
    engine.database["command"].insert_one({"_id": engine.asked[0].key.opaque, "user": APPROVER, "status": "accepted"})
    assert get(client, f"/tasks/{task}").status_code == 404
    assert post(client, f"/tasks/{task}/assign", **sent).status_code == 200
    assert len(engine.asked) == 1
    other = post(client, f"/tasks/{task}/assign", json={"assignee": None}, headers=key)
    assert (other.status_code, len(engine.asked)) == (422, 1)


def test_variables_are_checked_against_the_form(client: FlaskClient, engine: DirectAsking) -> None:
    task = offered(engine, assignee=APPROVER, form_fields=FORM)
    wrong = {"level": "high", "amount": "many", "until": "soon"}
    response = post(client, f"/tasks/{task}/complete", json={"variables": wrong})
    assert response.status_code == 422
    assert [error["field"] for error in body(response)["errors"]] == ["approved", "level", "amount", "until"]
    assert post(client, f"/tasks/{task}/complete", json={"variables": []}).status_code == 422
    right = {"approved": False, "level": "low", "amount": 3, "until": "2026-11-22", "anything": {"else": 1}}
    done = post(client, f"/tasks/{task}/complete", json={"variables": right})
    assert (done.status_code, body(done)["state"], body(done)["completedBy"]) == (200, "completed", APPROVER)
    assert body(get(client, "/tasks?scope=completed"))["total"] == 1


def test_what_could_not_be_made_out_is_told_to_operators_only(client: FlaskClient, engine: DirectAsking) -> None:
    warning = {"attribute": "assignee", "raw": "${boss}", "reason": "has no value with these variables"}
    task = offered(engine, warnings=(warning,))
    assert body(get(client, f"/tasks/{task}", ADMIN))["warnings"] == [warning]
    assert body(get(client, f"/tasks/{task}"))["warnings"] is None
    assert [one["warnings"] for one in body(get(client, "/tasks"))["items"]] == [None]
    assert "boss" not in get(client, f"/tasks/{task}/history").get_data(as_text=True)


def test_deferring_hides_and_undeferring_shows(client: FlaskClient, engine: DirectAsking) -> None:
    task = offered(engine)
    assert post(client, f"/tasks/{task}/defer", json={"followUpDate": "soon"}).status_code == 422
    shown = body(post(client, f"/tasks/{task}/defer", json={"followUpDate": "2999-01-01T00:00:00+01:00"}))
    assert shown["followUpDate"] == "2998-12-31T23:00:00.000Z"
    assert [body(get(client, f"/tasks?deferred={how}"))["total"] for how in ("hide", "show", "only")] == [0, 1, 1]
    assert post(client, f"/tasks/{task}/undefer").status_code == 200
    assert body(get(client, "/tasks"))["total"] == 1


def test_how_urgent_a_task_is_and_when_it_is_due_can_be_changed(client: FlaskClient, engine: DirectAsking) -> None:
    task = offered(engine)
    path = f"/tasks/{task}/change"
    for wrong in ({"dueDate": "soon"}, {"dueDate": 5}):
        assert post(client, path, json=wrong).status_code == 422
    for unreadable in ({"priority": "high"}, {"priority": 2**31}, {"priority": True}, {"name": "other"}):
        assert post(client, path, json=unreadable).status_code == 400
    shown = body(post(client, path, json={"priority": 90, "dueDate": "2999-01-01T00:00:00+01:00"}))
    assert (shown["priority"], shown["dueDate"]) == (90, "2998-12-31T23:00:00.000Z")
    shown = body(post(client, path, json={"dueDate": None}))
    assert (shown["priority"], shown["dueDate"]) == (90, None)
    assert body(post(client, path, json={}))["priority"] == 90
    sent = {"action": "change", "ids": [task], "priority": 3}
    assert [one["status"] for one in body(post(client, "/tasks/bulk", json=sent))["items"]] == ["accepted"]
    assert body(get(client, f"/tasks/{task}"))["priority"] == 3


def test_a_task_is_delegated_and_resolved(client: FlaskClient, engine: DirectAsking) -> None:
    task = offered(engine, assignee=APPROVER, parent_task_id="t0")
    shown = body(post(client, f"/tasks/{task}/delegate", json={"assignee": OTHER}))
    assert (shown["assignee"], shown["owner"], shown["delegationState"]) == (OTHER, APPROVER, "PENDING")
    assert shown["parentTaskId"] == Key("approval", "task", "t0").opaque
    refused = post(client, f"/tasks/{task}/complete", OTHER, json={"variables": {}})
    assert (refused.status_code, body(refused)["owner"]) == (409, APPROVER)
    shown = body(post(client, f"/tasks/{task}/resolve", OTHER))
    assert (shown["assignee"], shown["delegationState"]) == (APPROVER, "RESOLVED")
    assert post(client, f"/tasks/{task}/complete", json={"variables": {}}).status_code == 200
    assert post(client, f"/tasks/{task}/delegate", json={}).status_code == 400
    assert body(get(client, f"/tasks/{task}"))["suspended"] is False


def test_assigning_takes_the_groups_of_whom_it_goes_to(client: FlaskClient, engine: DirectAsking) -> None:
    task = offered(engine)
    assert post(client, f"/tasks/{task}/assign", json={"assignee": "nobody"}).status_code == 422
    assert post(client, f"/tasks/{task}/assign", json={"assignee": OTHER}).status_code == 200
    assert engine.asked[-1].arguments == {"assignee": OTHER, "groups": ["approvers"]}


def test_no_outcome_in_time_is_202_and_nobody_there_503(client: FlaskClient, engine: DirectAsking) -> None:
    task = offered(engine)
    engine.slow = True
    response = post(client, f"/tasks/{task}/claim", headers={"Prefer": "wait=0"})
    key = engine.asked[0].key.opaque
    assert (response.status_code, response.headers["Location"]) == (202, f"/api/v1/commands/{key}")
    engine.away = True
    assert post(client, f"/tasks/{task}/claim").status_code == 503


def test_a_command_is_shown_to_its_user_and_in_flight_on_its_task(client: FlaskClient, engine: DirectAsking) -> None:
    task = offered(engine)
    command = {"_id": "c1", "status": "pending", "taskKey": task, "user": APPROVER, "action": "claim", "expiresAt": "9"}
    engine.database["command"].insert_one(command)
    assert body(get(client, f"/tasks/{task}"))["pending"] == {"commandId": "c1", "action": "claim", "user": APPROVER}
    shown = body(get(client, "/commands/c1"))
    assert (shown["status"], shown["task"]["id"]) == ("pending", task)
    assert get(client, "/commands/c1", OTHER).status_code == 404


def test_only_the_newest_startable_version_is_offered(client: FlaskClient, database: Documents) -> None:
    views = Views(database)
    views.apply(definition("approve") + definition("approve", 2) + definition("old", startable=False))
    views.apply(definition("secret", candidate_starter_groups=("requesters",)))
    assert [(item["key"], item["version"]) for item in body(get(client, "/process-definitions"))["items"]] == [
        ("approve", 2)
    ]
    assert len(body(get(client, "/process-definitions", REQUESTER))["items"]) == 2
    assert post(client, "/process-definitions/approval/secret/start", json={}).status_code == 404
    assert post(client, "/process-definitions/nowhere/approve/start", json={}).status_code == 503


def test_a_process_of_a_tenant_is_not_there_for_others(
    client: FlaskClient, database: Documents, engine: DirectAsking
) -> None:
    Views(database).apply(definition("approve", tenant_id="north"))
    path = "/process-definitions/approval/approve"
    assert body(get(client, "/process-definitions", REQUESTER))["items"] == []
    assert post(client, f"{path}/start", REQUESTER, json={}).status_code == 404
    assert [item["tenantId"] for item in body(get(client, "/process-definitions", ADMIN))["items"]] == ["north"]
    assert post(client, f"{path}/start", ADMIN, json={}).status_code == 201
    assert "tenantId" not in engine.asked[-1].arguments
    assert post(client, f"{path}/start", ADMIN, json={"tenantId": "north"}).status_code == 201
    assert engine.asked[-1].arguments["tenantId"] == "north"


def test_an_instance_of_a_tenant_is_not_there_for_others(client: FlaskClient, database: Documents) -> None:
    Views(database).apply(instance("i1", start_user=REQUESTER, tenant_id="north"))
    path = "/process-instances/i1"
    for part in ("", "/variables", "/activities", "/diagram"):
        assert get(client, path + part, REQUESTER).status_code == 404, part
    assert body(get(client, "/process-instances", REQUESTER))["total"] == 0
    assert body(get(client, path, ADMIN))["tenantId"] == "north"
    for asked, total in (("north", 1), ("south", 0), ("null", 0)):
        found = get(client, f"/process-instances?filter=instance.tenantId = {asked}", ADMIN)
        assert body(found)["total"] == total, asked


def test_starting_makes_an_instance_its_starter_can_read(client: FlaskClient, database: Documents) -> None:
    fields = ({"id": "amount", "label": "Amount", "type": "long", "required": True, "values": []},)
    Views(database).apply(definition("approve", form_fields=fields))
    path = "/process-definitions/approval/approve/start"
    assert post(client, path, REQUESTER, json={"variables": {}}).status_code == 422
    started = post(client, path, REQUESTER, json={"variables": {"amount": 9}, "businessKey": "R-1"})
    assert started.status_code == 201
    found = get(client, f"/process-instances/{body(started)['processInstanceId']}", REQUESTER)
    assert (found.status_code, body(found)["state"]) == (200, "RUNNING")
    assert body(get(client, "/tasks"))["items"][0]["businessKey"] == "R-1"
    assert get(client, f"/process-instances/{body(started)['processInstanceId']}", APPROVER).status_code == 200
    assert get(client, f"/process-instances/{body(started)['processInstanceId']}", "accountant1").status_code == 404


def test_instances_are_listed_by_state_for_those_who_may(client: FlaskClient, database: Documents) -> None:
    Views(database).apply(
        instance("a", start_user=REQUESTER) + instance("b", start_user="requester2", state="FINISHED")
    )
    assert [item["processInstanceId"] for item in body(get(client, "/process-instances", REQUESTER))["items"]] == ["a"]
    assert body(get(client, "/process-instances", ADMIN))["total"] == 2
    assert body(get(client, "/process-instances?state=FINISHED", ADMIN))["total"] == 1


def test_operators_deploy_xml_or_a_file(client: FlaskClient, engine: DirectAsking) -> None:
    path = "/applications/approval/deployments"
    assert post(client, path, data="<a/>", content_type="application/xml").status_code == 403
    assert post(client, path, ADMIN, data="<a/>", content_type="application/xml").status_code == 201
    file = {"file": (BytesIO(b"<a/>"), "a.bpmn")}
    assert body(post(client, path, ADMIN, data=file))["definitions"] == [{"key": "approve", "version": 2}]
    assert "tenantId" not in engine.asked[-1].arguments
    named = post(client, f"{path}?tenantId=north", ADMIN, data="<a/>", content_type="application/xml")
    assert (named.status_code, engine.asked[-1].arguments["tenantId"]) == (201, "north")
    refused = post(client, path, ADMIN, data="x", content_type="application/xml")
    assert (refused.status_code, body(refused)["line"]) == (422, 1)
    once: dict[str, Any] = {"data": "<a/>", "content_type": "application/xml", "headers": {"Idempotency-Key": "k"}}
    asked = ("", "?tenantId=north", "?tenantId=%20")
    assert [post(client, path + more, ADMIN, **once).status_code for more in asked] == [201, 422, 400]


def test_a_file_of_five_megabytes_is_deployed_and_a_larger_one_answered_413(client: FlaskClient) -> None:
    path = "/applications/approval/deployments"
    source = b"<a>" + b"x" * 4_999_990 + b"</a>"
    assert post(client, path, ADMIN, data=source, content_type="application/xml").status_code == 201
    boundary, form = encode_multipart({"file": FileStorage(BytesIO(source), "a.bpmn")})
    kind = f"multipart/form-data; boundary={boundary}"
    assert post(client, path, ADMIN, data=form, content_type=kind).status_code == 201
    larger = post(client, path, ADMIN, data=source + b" " * 300_000, content_type="application/xml")
    assert (larger.status_code, larger.content_type) == (413, "application/problem+json")


def test_records_come_from_operators_and_bound_services(client: FlaskClient) -> None:
    batch = {"application": "outside", "format": "taskpool", "records": [{}]}
    assert post(client, "/engine-events", json=batch).status_code == 403
    operator = client.post("/api/v1/engine-events", json=batch, headers={"Authorization": "Bearer operate"})
    assert (operator.status_code, body(operator)["accepted"]) == (202, 1)


def test_a_held_poll_hears_of_a_new_task(client: FlaskClient, engine: DirectAsking) -> None:
    cursor = body(get(client, "/tasks"))["cursor"]
    with ThreadPoolExecutor(1) as pool:
        other = client.application.test_client()
        poll = pool.submit(get, other, f"/tasks/changes?wait=10&cursor={cursor}")
        task = offered(engine)
        changes = body(poll.result())
    assert [item["id"] for item in changes["entered"]] == [task]
    assert (changes["reset"], changes["updated"], changes["left"]) == (False, [], [])
    quiet = body(get(client, f"/tasks/changes?wait=0&cursor={changes['cursor']}"))
    assert (quiet["entered"], quiet["reset"]) == ([], False)
    assert get(client, "/tasks/changes?cursor=garbage").status_code == 400


def test_the_stream_sends_what_the_poll_would(client: FlaskClient, engine: DirectAsking) -> None:
    response = get(client, "/tasks/stream", buffered=False)
    events = iter(response.response)
    assert b": open" in next(events)
    task = offered(engine)
    told = next(events).decode()
    assert f'"id": "{task}"' in told
    response.close()
    last = told.splitlines()[0].removeprefix("id: ")
    again = get(client, "/tasks/stream", headers={"Last-Event-ID": last}, buffered=False)
    assert next(iter(again.response)).decode().startswith(f"id: {last}")
    again.close()


def test_me_docs_health_and_metrics(client: FlaskClient) -> None:
    assert body(get(client, "/me", ADMIN)) == {"username": "admin", "groups": ["admins"], "roles": ["operator"]}
    assert "/api/v1/tasks/{task_id}/claim" in body(client.get("/api/v1/openapi.json"))["paths"]
    assert client.get("/api/v1/docs").status_code == 200
    with client.get("/api/v1/docs/js/swagger-ui-bundle.js") as script:
        assert script.status_code == 200
    assert (client.get("/healthz").status_code, client.get("/readyz").status_code) == (200, 200)
    assert b"taskpool_held_polls" in client.get("/metrics").data


@pytest.mark.parametrize(
    ("path", "more", "status"),
    [
        ("/tasks?after=forged", {}, 400),
        ("/tasks?after=W10.abc", {}, 400),
        ("/tasks?q=" + "a%20" * 21, {}, 400),
        ("/tasks?q=" + "a%20" * 20, {}, 200),
        ("/tasks?filter=" + "&filter=".join(["task.name=a"] * 51), {}, 400),
        ("/tasks?filter=task.dueDate%3E0001-01-01T00:00:00%2B23:59", {}, 400),
        ("/tasks?filter=task.dueDate%3E9999-12-31T23:59:59-23:59", {}, 400),
    ],
)
def test_what_is_asked_beyond_the_limits(client: FlaskClient, path: str, more: Any, status: int) -> None:
    response = get(client, path, **more)
    assert response.status_code == status, response.data
    if status != 200:
        assert response.content_type == "application/problem+json"


def test_a_token_is_only_what_was_given_out(client: FlaskClient, engine: DirectAsking) -> None:
    for number in range(3):
        offered(engine, f"t{number}")
    first = body(get(client, "/tasks?size=2"))
    assert len(body(get(client, f"/tasks?size=2&after={first['next']}"))["items"]) == 1
    assert get(client, f"/tasks?size=2&after={first['next'][:-1]}x").status_code == 400


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ('"1", "9"', 200),
        ('W/"1"', 200),
        ('"1-gzip"', 200),
        ('"9"', 412),
        ("1" * 5000, 412),
        ('"' + "1" * 5000 + '"', 412),
        ("nonsense", 412),
    ],
)
def test_if_match_as_proxies_and_browsers_send_it(
    client: FlaskClient, engine: DirectAsking, sent: str, status: int
) -> None:
    task = offered(engine)
    assert post(client, f"/tasks/{task}/claim", headers={"If-Match": sent}).status_code == status


@pytest.mark.parametrize("depth", [500, 5_000, 50_000])
def test_a_body_nested_very_deeply_is_a_bad_request(client: FlaskClient, engine: DirectAsking, depth: int) -> None:
    task = offered(engine, assignee=APPROVER)
    nested = b'{"variables": {"a": ' + b"[" * depth + b"]" * depth + b"}}"
    response = post(client, f"/tasks/{task}/complete", data=nested, content_type="application/json")
    assert response.status_code in {400, 422}, response.data
    assert response.content_type == "application/problem+json"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://localhost"}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Origin": "http://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://localhost:81"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
def test_another_site_cannot_use_what_a_browser_remembers(
    client: FlaskClient, engine: DirectAsking, headers: dict[str, str], status: int
) -> None:
    task = offered(engine)
    assert post(client, f"/tasks/{task}/claim", headers=headers).status_code == status
    assert get(client, "/tasks", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("headers", "challenged"),
    [
        ({}, True),
        ({"Sec-Fetch-Mode": "navigate"}, False),
        ({"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)", "Accept": "text/html"}, False),
    ],
)
def test_a_browser_gets_no_basic_challenge(client: FlaskClient, headers: dict[str, str], challenged: bool) -> None:
    response = client.get("/api/v1/tasks", headers=headers)
    assert (response.status_code, "WWW-Authenticate" in response.headers) == (401, challenged)


def test_a_task_of_which_only_a_part_is_searched_says_so(client: FlaskClient, engine: DirectAsking) -> None:
    searched = offered(engine, "t1", payload={"a": "x" * 150_000, "b": "needle"})
    partly = offered(engine, "t2", payload={"a": "x" * 210_000, "b": "needle"})
    assert [item["id"] for item in body(get(client, "/tasks?q=needle"))["items"]] == [searched]
    items = {item["id"]: item for item in body(get(client, "/tasks"))["items"]}
    assert (items[searched]["partlySearched"], items[partly]["partlySearched"]) == (False, True)
    assert body(get(client, f"/tasks/{partly}"))["partlySearched"]


def test_a_large_payload_comes_with_the_task_itself(client: FlaskClient, engine: DirectAsking) -> None:
    large, small = (
        offered(engine, "t1", payload={"a": "x" * 17_000}),
        offered(engine, "t2", payload={"a": "x" * 15_000}),
    )
    cursor = body(get(client, "/tasks"))["cursor"]
    items = {item["id"]: item for item in body(get(client, "/tasks"))["items"]}
    assert (items[large]["payload"], items[large]["payloadOmitted"]) == (None, True)
    assert (len(items[small]["payload"]["a"]), items[small]["payloadOmitted"]) == (15_000, False)
    whole = body(get(client, f"/tasks/{large}"))
    assert (len(whole["payload"]["a"]), whole["payloadOmitted"]) == (17_000, False)
    assert not body(post(client, f"/tasks/{large}/claim"))["payloadOmitted"]
    [updated] = body(get(client, f"/tasks/changes?cursor={cursor}&wait=5"))["updated"]
    assert (updated["id"], updated["payload"], updated["payloadOmitted"]) == (large, None, True)


def test_variables_have_a_limit(client: FlaskClient, engine: DirectAsking) -> None:
    task = offered(engine, assignee=APPROVER)
    refused = post(client, f"/tasks/{task}/complete", json={"variables": {"a": "x" * 300_000}})
    assert refused.status_code == 422
    assert body(refused)["errors"][0]["field"] == "variables"
    assert post(client, f"/tasks/{task}/complete", json={"variables": {"a": "x" * 200_000}}).status_code == 200


def test_one_person_holds_only_so_many(client: FlaskClient) -> None:
    client.application.extensions["held"] = held = Held(2)
    cursor = body(get(client, "/tasks"))["cursor"]
    changes = f"/tasks/changes?cursor={cursor}&wait=0"
    held.take(APPROVER)
    for _ in range(3):
        assert get(client, changes).status_code == 200, "what is answered counts no more"
    held.take(APPROVER)
    for path in (changes, "/tasks/stream"):
        refused = get(client, path)
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "5")
        assert refused.content_type == "application/problem+json"
    assert get(client, changes, OTHER).status_code == 200
    held.give_back(APPROVER)
    assert get(client, changes).status_code == 200


def test_history_shows_the_payload_only_as_it_is_now(client: FlaskClient, engine: DirectAsking) -> None:
    task = offered(engine, payload={"iban": "now"})
    items = body(get(client, f"/tasks/{task}/history"))["items"]
    assert all((item["changes"] or {}).get("payload", {"iban": "now"}) == {"iban": "now"} for item in items)
    past = [{"_id": "e", "type": "task.attributes_changed", "changes": {"payload": {"iban": "then"}, "name": "n"}}]
    [line] = rendering.history(past, [], {"payload": {"iban": "now"}})
    assert line["changes"] == {"payload": {"iban": "now"}, "name": "n"}


def test_history_says_who_did_what_as_far_as_it_is_known(client: FlaskClient, engine: DirectAsking) -> None:
    task = offered(engine, assignee=OTHER)
    assert post(client, f"/tasks/{task}/assign", ADMIN, json={"assignee": APPROVER}).status_code == 200
    assert post(client, f"/tasks/{task}/change", json={"priority": 3}).status_code == 200
    post(client, f"/tasks/{task}/comments", json={"text": "done"})
    lines = [(line["type"], line["by"]) for line in body(get(client, f"/tasks/{task}/history"))["items"]]
    assert lines == [
        ("task.created", None),
        ("task.assigned", ADMIN),
        ("task.attributes_changed", APPROVER),
        ("task.commented", APPROVER),
    ]
    old = [{"_id": "e", "type": "task.completed", "changes": {"completedBy": OTHER}}]
    assert rendering.history(old, [], {})[0]["by"] == OTHER, "events of earlier versions say it, too"


@pytest.mark.parametrize("letter", ["x", "字", "😀", '"', "\u0001", "İ"])
def test_the_token_of_the_next_page_is_short_for_any_sort(
    client: FlaskClient, engine: DirectAsking, letter: str
) -> None:
    long = letter * 450
    for n in range(3):
        offered(
            engine, f"t{n}", name=long, description=long, business_key=long, process_name=long, task_definition_key=long
        )
    sort, seen, after = "name,-description,businessKey,-processName,taskDefinitionKey", [], ""
    while after is not None:
        answer = body(
            get(client, "/tasks", query_string={"sort": sort, "size": 1, **({"after": after} if after else {})})
        )
        seen += [item["id"] for item in answer["items"]]
        after = answer["next"]
        assert len(after or "") < 2000
    assert len(seen) == len(set(seen)) == 3


def test_a_list_is_sorted_by_a_few_fields_only(client: FlaskClient) -> None:
    assert get(client, "/tasks?sort=name,name,name,name,name,name").status_code == 400


def test_tasks_are_counted_by_scope_and_by_values_of_what_the_asker_sees(
    client: FlaskClient, engine: DirectAsking
) -> None:
    for number in range(3):
        offered(engine, f"t{number}", priority=number % 2, process_name=None if number else "P")
    offered(engine, "mine", assignee=APPROVER)
    offered(engine, "other", candidate_groups=("others",), process_name="secret")
    counted = body(get(client, "/tasks/counts?facet=priority,task.processName,priority"))
    assert counted["scopes"] == {
        scope: {"total": total, "totalIsAtLeast": False}
        for scope, total in {"visible": 4, "mine": 1, "group": 4, "unassigned": 3, "completed": 0}.items()
    }
    assert counted["facets"] == {
        "priority": [{"value": 0, "count": 2}, {"value": None, "count": 1}, {"value": 1, "count": 1}],
        "processName": [{"value": None, "count": 3}, {"value": "P", "count": 1}],
    }
    only = body(get(client, "/tasks/counts", query_string={"scope": "mine", "facet": "assignee"}))
    assert only["facets"] == {"assignee": [{"value": APPROVER, "count": 1}]}
    by_group = "/tasks/counts?facet=candidateGroups"
    offered(engine, "both", candidate_groups=("approvers", "others"))
    assert body(get(client, by_group))["facets"] == {"candidateGroups": [{"value": "approvers", "count": 5}]}
    assert body(get(client, by_group, REQUESTER))["facets"] == {"candidateGroups": []}
    assert body(get(client, by_group, ADMIN))["facets"] == {
        "candidateGroups": [{"value": "approvers", "count": 5}, {"value": "others", "count": 2}]
    }
    refused = get(client, "/tasks/counts?facet=payload")
    assert (refused.status_code, "payload" in body(refused)["detail"]) == (400, True)


def test_of_many_tasks_each_is_decided_by_itself(client: FlaskClient, engine: DirectAsking) -> None:
    free, held = offered(engine, "free"), offered(engine, "held", assignee=OTHER)
    foreign = offered(engine, "foreign", candidate_groups=("others",))
    ids = [held, free, foreign, "nonsense", free]
    items = body(post(client, "/tasks/bulk", json={"action": "claim", "ids": ids}))["items"]
    assert [item["id"] for item in items] == ids[:4]
    assert [item["status"] for item in items] == ["rejected", "accepted", "rejected", "rejected"]
    assert [item["problem"] and item["problem"]["status"] for item in items] == [409, None, 404, 404]
    assert items[2]["problem"] == items[3]["problem"], "what one may not see is not there"
    done = {"action": "complete", "ids": [free], "variables": {}}
    key = {"Idempotency-Key": "k1"}
    first, second = (body(post(client, "/tasks/bulk", json=done, headers=key))["items"] for _ in range(2))
    assert (first, first[0]["status"]) == (second, "accepted")


def test_a_bulk_sent_again_is_told_what_became_of_tasks_that_it_moved_out_of_sight(
    client: FlaskClient, engine: DirectAsking
) -> None:
    given = offered(engine, "t1", candidate_groups=(), candidate_users=(OTHER,), assignee=APPROVER)
    foreign = offered(engine, "t2", candidate_groups=("others",))
    sent: dict[str, Any] = {"json": {"action": "unclaim", "ids": [given, foreign]}, "headers": {"Idempotency-Key": "k"}}
    first = body(post(client, "/tasks/bulk", **sent))["items"]
    assert get(client, f"/tasks/{given}").status_code == 404
    name = derived_id("command", APPROVER, "/api/v1/tasks/bulk", "k", given)
    known = {"_id": Key("approval", "command", name).opaque, "user": APPROVER}
    engine.database["command"].insert_one(known)
    second = body(post(client, "/tasks/bulk", **sent))["items"]
    assert [item["status"] for item in first] == [item["status"] for item in second] == ["accepted", "rejected"]
    assert second[1]["problem"]["status"] == 404


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"action": "start", "ids": ["a"]}, 400),
        ({"action": "claim", "ids": []}, 400),
        ({"action": "claim", "ids": ["a"] * 501}, 400),
        ({"action": "claim"}, 400),
        ({"action": "defer", "ids": ["a"], "followUpDate": "soon"}, 422),
        ({"action": "assign", "ids": ["a"], "assignee": "nobody-known"}, 422),
        ({"action": "complete", "ids": ["a"], "variables": [1]}, 422),
    ],
)
def test_what_cannot_be_done_with_many_is_a_problem_of_the_whole(
    client: FlaskClient, asked: dict[str, Any], status: int
) -> None:
    assert post(client, "/tasks/bulk", json=asked).status_code == status
