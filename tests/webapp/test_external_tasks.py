"""External tasks at `/engine-rest`, as workers for Camunda 7 do them: real stores and a real engine, no broker."""

import base64
import threading
import time

import pytest

from store.lists.task_list import Documents
from store.sql.schema import job as job_table
from store.views.writer import connect
from tasks.ask import Answer
from tests.support.outside import ADMIN, SERVICE, System

WORKER = {"workerId": "w1"}


@pytest.fixture
def system(tmp_path):
    views: Documents = connect("mongodb://127.0.0.1:1", "none")
    made = System(tmp_path, views)
    yield made
    made.operations.close()
    made.store.database.close()
    views.client.close()


def test_what_is_fetched_has_the_members_that_clients_read(system):
    instance = system.start(paid=False, items=[1], note=None)
    [found] = system.fetch()
    expected = {
        "activityId": "pay",
        "activityInstanceId": found["id"],
        "businessKey": "K-1",
        "errorDetails": None,
        "errorMessage": None,
        "executionId": found["id"],
        "priority": 7,
        "processDefinitionKey": "paying",
        "processDefinitionVersionTag": None,
        "processInstanceId": instance,
        "retries": None,
        "suspended": False,
        "tenantId": None,
        "topicName": "payments",
        "workerId": "w1",
        "variables": {
            "amount": {"type": "Integer", "value": 900, "valueInfo": {}},
            "paid": {"type": "Boolean", "value": False, "valueInfo": {}},
            "items": {"type": "Json", "value": "[1]", "valueInfo": {}},
            "note": {"type": "Null", "value": None, "valueInfo": {}},
        },
    }
    varying = {"id", "lockExpirationTime", "processDefinitionId", "createTime"}
    assert {name: value for name, value in found.items() if name not in varying} == expected
    until = time.strptime(found["lockExpirationTime"], "%Y-%m-%dT%H:%M:%S.%f%z")
    assert time.mktime(until) - time.mktime(time.gmtime()) == pytest.approx(60, abs=10)
    assert found["lockExpirationTime"].endswith("+0000")
    assert system.fetch(worker="w2") == []


def test_only_the_variables_that_are_wanted(system):
    system.start(secret=1)
    assert system.fetch(variables=["amount", "none"])[0]["variables"].keys() == {"amount"}
    system.pass_locks()
    assert system.fetch(variables=[])[0]["variables"] == {}
    system.pass_locks()
    assert system.fetch(localVariables=True)[0]["variables"] == {}


def test_only_what_is_within_the_topic(system):
    system.start("K-1", city="Bonn")
    system.start("K-2", city="Rom")
    for one, count in (
        ({"topicName": "letters"}, 0),
        ({"tenantIdIn": ["t"]}, 0),
        ({"processDefinitionKey": "other"}, 0),
        ({"processDefinitionKeyIn": ["other", "paying"], "businessKey": "K-2"}, 1),
        ({"processVariables": {"city": "Bonn"}}, 1),
        ({"withoutTenantId": True}, 2),
    ):
        assert len(system.fetch(**one)) == count, one
        system.pass_locks()
    definition = system.fetch()[0]["processDefinitionId"]
    system.pass_locks()
    assert len(system.fetch(processDefinitionId=definition, most=1)) == 1
    newest = {"sorting": [{"sortBy": "createTime", "sortOrder": "desc"}], "usePriority": False}
    system.pass_locks()
    assert [one["businessKey"] for one in system.fetch(more=newest)] == ["K-2", "K-1"]


def test_completing_moves_the_process_and_may_be_said_twice(system):
    system.start()
    [found] = system.fetch()
    body = {"variables": {"receipt": {"value": '{"n":1}', "type": "json"}, "at": {"value": "x"}}, **WORKER}
    answer = system.post(f"{found['id']}/complete", **body)
    assert (answer.status_code, answer.data) == (204, b"")
    assert '"receipt":{"n":1}' in system.tasks()[0]
    assert '"taskDefinitionKey":"t"' in system.tasks()[0]
    assert system.post(f"{found['id']}/complete", **body).status_code == 204
    assert len(system.engine.asked) == 1
    assert system.post(f"{found['id']}/complete", workerId="w2").status_code == 404
    assert system.post(f"{found['id']}/bpmnError", errorCode="x", **WORKER).status_code == 404
    assert system.get("/count").get_json() == {"count": 0}


def test_the_same_said_twice_before_it_is_done_is_one_command(system, monkeypatch):
    system.start()
    [found] = system.fetch()
    asked = []

    def pending(request, _digest, _wait):
        asked.append(request)
        return Answer("pending", request.key.opaque, None, None, visible=False)

    monkeypatch.setattr(system.engine, "ask", pending)
    for _ in range(2):
        answer = system.post(f"{found['id']}/complete", **WORKER)
        assert answer.status_code == 500
        assert answer.get_json()["type"] == "ProcessEngineException"
    assert asked[0].command_id == asked[1].command_id
    system.pass_locks()
    system.fetch()
    system.post(f"{found['id']}/complete", **WORKER)
    assert asked[2].command_id != asked[0].command_id, "with another lock it is another try"


def test_an_error_of_the_business_is_caught_by_the_process(system):
    system.start()
    [found] = system.fetch()
    body = {"errorCode": "no-money", "errorMessage": "poor", "variables": {"missing": {"value": 5, "type": "integer"}}}
    assert system.post(f"{found['id']}/bpmnError", **body, **WORKER).status_code == 204
    assert '"taskDefinitionKey":"poor"' in system.tasks()[0]
    assert '"missing":5' in system.tasks()[0]


ENDINGS = {
    "complete": {},
    "bpmnError": {"errorCode": "no-money"},
    "failure": {"retries": 2},
    "failure ": {"retries": 0},
    "extendLock": {"newDuration": 1000},
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_only_the_worker_whose_lock_holds_says_anything(system, ending):
    system.start()
    [found] = system.fetch()
    path = f"{found['id']}/{ending.strip()}"
    answer = system.post(path, workerId="w2", **ENDINGS[ending])
    assert answer.status_code == 400
    assert answer.get_json().keys() == {"type", "message"}
    assert answer.get_json()["type"] == "RestException"
    assert "is not locked by 'w2'" in answer.get_json()["message"]
    system.pass_locks()
    answer = system.post(path, **WORKER, **ENDINGS[ending])
    assert answer.status_code == 400
    assert "has passed" in answer.get_json()["message"]
    assert system.tasks() == []
    assert system.get(f"/{found['id']}").get_json()["retries"] is None


def test_a_failure_is_tried_again_until_none_is_left_and_then_is_an_incident(system):
    system.start()
    [found] = system.fetch()
    said = {"errorMessage": "no bank", "errorDetails": "at line 1", "retries": 1, "retryTimeout": 60_000, **WORKER}
    for _ in range(2):
        assert system.post(f"{found['id']}/failure", **said).status_code == 204
    shown = system.get(f"/{found['id']}").get_json()
    assert (shown["retries"], shown["errorMessage"], shown["lockExpirationTime"]) == (1, "no bank", None)
    assert system.fetch() == [], "not before its pause is over"
    with system.store.database.transaction() as connection:
        connection.execute(job_table.update().values(due=1.0))
    [again] = system.fetch()
    assert (again["errorMessage"], again["errorDetails"], again["retries"]) == ("no bank", "at line 1", 1)
    assert system.post(f"{found['id']}/failure", **{**said, "retries": 0}).status_code == 204
    [incident] = system.client.get("/api/v1/ops/incidents", headers=ADMIN).get_json()["items"]
    assert (incident["kind"], incident["element"], incident["tries"]) == ("job", "pay", 2)
    assert (incident["problem"]["detail"], incident["problem"]["job"]) == ("no bank", found["id"])
    assert system.fetch() == []
    assert system.get("?noRetriesLeft=true").get_json()[0]["id"] == found["id"]
    assert system.client.post(f"/api/v1/ops/incidents/{incident['id']}/retry", headers=ADMIN).status_code == 200
    assert system.fetch()[0]["retries"] == 3


def test_an_operator_says_how_many_tries_are_left(system):
    system.start()
    [found] = system.fetch()
    path = f"/engine-rest/external-task/{found['id']}/retries"

    def put(number):
        return system.client.put(path, json={"retries": number}, headers=ADMIN).status_code

    def incidents():
        return system.client.get("/api/v1/ops/incidents", headers=ADMIN).get_json()["items"]

    assert (put(-1), put("x")) == (400, 400)
    assert (put(0), put(0)) == (204, 204)
    assert len(incidents()) == 1
    assert system.fetch() == []
    assert put(2) == 204
    assert incidents() == []
    assert system.fetch()[0]["retries"] == 2


def test_locks_are_extended_given_back_and_taken_one_by_one(system):
    system.start()
    [found] = system.fetch()
    assert system.post(f"{found['id']}/extendLock", newDuration=600_000, **WORKER).status_code == 204
    assert system.get(f"/{found['id']}").get_json()["lockExpirationTime"] > found["lockExpirationTime"]
    assert system.post(f"{found['id']}/lock", workerId="w2", lockDuration=1000).status_code == 400
    unlock = f"/engine-rest/external-task/{found['id']}/unlock"
    assert system.client.post(unlock, headers=SERVICE).status_code == 204
    assert system.post(f"{found['id']}/lock", workerId="w2", lockDuration=60_000).status_code == 204
    assert system.get("?locked=true&workerId=w2").get_json()[0]["id"] == found["id"]
    assert system.get("/count?notLocked=true").get_json() == {"count": 0}


def test_a_worker_waits_until_there_is_something(system):
    threading.Timer(0.4, system.start).start()
    began = time.monotonic()
    assert len(system.fetch(more={"asyncResponseTimeout": 20_000})) == 1
    assert 0.3 < time.monotonic() - began < 10
    assert system.fetch(more={"asyncResponseTimeout": 100}) == []


def test_operators_work_for_all_and_a_service_for_its_application_alone(system):
    system.start()
    strange = {"Authorization": "Bearer strange"}
    assert system.fetch(strange) == []
    assert system.get("", strange).get_json() == []
    [found] = system.fetch(ADMIN)
    assert system.get(f"/{found['id']}", strange).status_code == 404
    for path, body in (("complete", {}), ("unlock", None), ("failure", {"retries": 0})):
        assert (
            system.post(
                f"{found['id']}/{path}", strange, **({**WORKER, **body} if body is not None else {})
            ).status_code
            == 404
        )
    assert system.post(f"{found['id']}/complete", ADMIN, **WORKER).status_code == 204
    basic = base64.b64encode(b"approver1:approver1").decode()
    answer = system.post("fetchAndLock", {"Authorization": f"Basic {basic}"}, workerId="w", maxTasks=1)
    assert (answer.status_code, answer.get_json()["type"]) == (403, "AuthorizationException")
    assert system.client.post("/engine-rest/external-task/fetchAndLock", json={}).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"workerId": "w", "maxTasks": 1, "topics": [{"topicName": "x"}]},
        {"workerId": "w", "maxTasks": 1, "topics": [{"topicName": "x", "lockDuration": 0}]},
        {"workerId": "", "maxTasks": 1},
        {"workerId": "w", "maxTasks": "1"},
        {"workerId": "w", "maxTasks": 1, "asyncResponseTimeout": 1_800_001},
        {"workerId": "w", "maxTasks": 1, "surprise": 1},
    ],
)
def test_what_cannot_be_read_is_refused_as_clients_expect(system, body):
    answer = system.post("fetchAndLock", **body)
    assert answer.status_code == 400
    assert answer.get_json()["type"] == "InvalidRequestException"
    assert answer.content_type == "application/json"


def test_values_that_cannot_be_kept_are_refused_before_anything_happens(system):
    system.start()
    [found] = system.fetch()
    for value in ({"value": "eDw=", "type": "File"}, {"value": "{", "type": "json"}, {"value": "x" * 300_000}):
        answer = system.post(f"{found['id']}/complete", variables={"f": value}, **WORKER)
        assert (answer.status_code, answer.get_json()["type"]) == (400, "InvalidRequestException"), value
        assert "variables" in answer.get_json()["message"]
    assert system.engine.asked == []


def test_what_is_not_there(system):
    assert system.get("/nothing").status_code == 404
    answer = system.post("nothing/complete", **WORKER)
    assert (answer.status_code, answer.get_json()["type"]) == (404, "RestException")
    assert answer.get_json()["message"] == "External task with id nothing does not exist"


def test_one_that_cannot_be_read_keeps_no_other_from_its_worker(system, caplog):
    system.start("K-1")
    system.start("K-2")
    with system.store.database.transaction() as connection:
        connection.exec_driver_sql("UPDATE instance SET state = '{' WHERE business_key = 'K-1'")
    assert [one["businessKey"] for one in system.fetch()] == ["K-2"]
    assert "external_task_unreadable" in caplog.text


def test_a_store_that_is_away_is_no_lack_of_work(system, tmp_path):
    (tmp_path / "other.db").unlink()
    system.start()
    assert len(system.fetch(ADMIN)) == 1
    assert system.get("/nothing", ADMIN).status_code == 503
    assert (
        system.post(
            "fetchAndLock",
            {"Authorization": "Bearer strange"},
            workerId="w",
            maxTasks=1,
            topics=[{"topicName": "x", "lockDuration": 1}],
        ).status_code
        == 503
    )
