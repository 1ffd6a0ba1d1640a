"""What operators do to instances over HTTP, messages and signals: real stores and a real engine, no broker."""

import json

import pytest

from domain.identity import Key
from tests.support.broad import BROAD, MINE, broad, fits
from tests.support.outside import ADMIN, SERVICE
from webapp.api import instance_answers, process_answers

__all__ = ["broad"]

STRANGE = {"Authorization": "Bearer strange"}


def test_a_message_reaches_the_one_that_waits(broad):
    answer = broad.send("messages", SERVICE, application="app", name="paid", businessKey="K-1", variables={"x": 1})
    found = fits(answer, instance_answers.MessageReached)
    assert found == {"processInstanceId": broad.instance, "started": None}
    again = broad.send("messages", application="app", name="paid")
    assert (again.status_code, again.get_json()["detail"]) == (404, "nobody waits for the message 'paid'")


def test_several_that_could_be_meant(broad):
    with broad.application.unit_of_work() as work:
        work.engine.start("broad", {"amount": 6}, "K-2")
    answer = broad.send("messages", application="app", name="paid")
    assert (answer.status_code, answer.get_json()["type"]) == (409, "urn:taskpool:problem/ambiguous")
    answer = broad.send("messages", application="app", name="paid", correlation={"amount": 5})
    assert answer.get_json()["processInstanceId"] == broad.instance


def test_the_same_message_is_given_once(broad):
    headers = {**SERVICE, "Idempotency-Key": "one"}
    answers = [broad.send("messages", headers, application="app", name="paid") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert len({one.command_id for one in broad.engine.asked}) == 1


@pytest.mark.parametrize("path", ["messages", "signals"])
def test_only_operators_and_services_of_the_application_send_them(broad, path):
    assert broad.send(path, STRANGE, application="app", name="paid").status_code == 403
    assert broad.send(path, {}, application="app", name="paid").status_code == 401
    assert broad.send(path, application="nobody", name="paid").status_code == 404
    for wrong in ({"variables": []}, {"name": ""}, {"more": 1}):
        assert broad.send(path, **{"application": "app", "name": "paid", **wrong}).status_code in {400, 422}
    assert broad.engine.asked == []


def test_a_signal_goes_to_all_applications_that_one_may_act_for(broad):
    for headers, names in ((ADMIN, ["app", "other"]), (SERVICE, ["app"])):
        found = fits(broad.send("signals", headers, name="go"), instance_answers.SignalReached)
        assert [one["application"] for one in found["applications"]] == names
        assert found["applications"][0]["status"] == "accepted"
        assert (found["processInstanceIds"], found["started"]) == ([], [])
    assert [one.application for one in broad.engine.asked] == ["app", "other", "app"]


def test_where_an_instance_stands(broad):
    items = fits(broad.stands(), instance_answers.ActivityList)["items"]
    assert sorted((one["element"], one["type"]) for one in items) == [
        ("b", "timer"),
        ("bad", "incident"),
        ("c", "message"),
        ("call", "callActivity"),
        ("in", "userTask"),
        ("m", "userTask"),
        ("m", "userTask"),
        ("sub", "subProcess"),
        ("t", "userTask"),
    ]
    found = {one["element"]: one for one in items}
    open_tasks = {Key("app", "task", name).opaque for name in broad.heads("task")}
    assert {one["taskId"] for one in items if one["type"] == "userTask"} == open_tasks
    assert (found["t"]["name"], found["b"]["name"], found["c"]["name"]) == ("Do it", "In time", None)
    assert found["t"]["since"].endswith("Z")
    [incident] = broad.client.get("/api/v1/ops/incidents", headers=ADMIN).get_json()["items"]
    assert found["bad"]["incident"] == incident["id"]
    called = broad.stands(found["call"]["calledInstanceId"]).get_json()["items"]
    assert [(one["element"], one["type"]) for one in called] == [("pay", "job")]
    broad.do("cancel")
    assert broad.stands().get_json() == {"items": []}


def test_who_may_see_an_instance_sees_where_it_stands(broad):
    assert len(broad.stands(headers=MINE).get_json()["items"]) == 9
    assert broad.stands(headers=SERVICE).status_code == 404
    assert broad.stands("nothing").status_code == 404


DOINGS = {
    "cancel": {},
    "suspend": {},
    "resume": {},
    "variables": {"variables": {}},
    "move": {"from": "t"},
    "migrate": {"to": "x"},
}


@pytest.mark.parametrize("what", DOINGS)
def test_only_operators_change_instances_and_others_do_not_learn_of_them(broad, what):
    verb = "patch" if what == "variables" else "post"
    assert broad.do(what, MINE, verb, **DOINGS[what]).status_code == 403
    assert broad.do(what, SERVICE, verb, **DOINGS[what]).status_code == 404
    for wrong in ({"more": 1}, {"reason": 5}, {"reason": "x" * 2001}):
        assert broad.do(what, ADMIN, verb, **DOINGS[what], **wrong).status_code == 400
    broad.instance = "nothing"
    assert broad.do(what, ADMIN, verb, **DOINGS[what]).status_code == 404
    assert broad.engine.asked == []


def test_an_instance_is_held_and_let_go(broad):
    assert fits(broad.do("suspend", reason="audit"), process_answers.Instance)["state"] == "SUSPENDED"
    assert broad.fetch() == [], "no job of it is given to a worker"
    assert broad.send("messages", application="app", name="paid").status_code == 404
    assert fits(broad.do("resume"), process_answers.Instance)["state"] == "RUNNING"
    assert len(broad.fetch()) == 1


def test_a_worker_whose_instance_is_suspended_meanwhile_is_told(broad):
    [found] = broad.fetch()
    broad.do("suspend")
    answer = broad.post(f"{found['id']}/complete", workerId="w1")
    assert (answer.status_code, "suspended" in answer.get_json()["message"]) == (400, True)
    broad.pass_locks()
    assert broad.fetch() == []
    broad.do("resume")
    [found] = broad.fetch()
    assert broad.post(f"{found['id']}/complete", workerId="w1").status_code == 204


def test_variables_are_changed(broad):
    answer = broad.do("variables", verb="patch", variables={"amount": 6}, removed=["x"], reason="wrong")
    assert fits(answer, process_answers.Instance)["state"] == "RUNNING"
    assert all('"amount":6' in text for text in broad.heads("task").values())


def test_an_instance_is_moved(broad):
    assert broad.do("move", **{"from": "bad", "reason": "done by hand"}).status_code == 200
    assert "bad" not in {one["element"] for one in broad.stands().get_json()["items"]}
    answer = broad.do("move", **{"from": "bad"})
    assert (answer.status_code, answer.get_json()["type"]) == (422, "urn:taskpool:problem/cannot-move")


def test_versions_are_migrated_after_a_look(broad):
    broad.application.deploy(BROAD.replace(b'name="Do it"', b'name="Do that"'))
    before = json.loads(broad.heads("process_instance")[broad.instance])["processDefinitionId"]
    [after] = [one for one in broad.heads("process_definition") if one.startswith("broad:2")]
    ask = {"from": before, "to": after}
    path = "applications/app/migrations"
    done = {"migrated": [broad.instance], "left": [], "next": None}
    assert fits(broad.send(path, **ask, dryRun=True), instance_answers.Migrated) == done
    assert fits(broad.do("migrate", to=after, dryRun=True), instance_answers.Migrated) == done
    assert fits(broad.send(path, **ask, reason="a better name"), instance_answers.Migrated) == done
    assert json.loads(broad.heads("process_instance")[broad.instance])["processDefinitionId"] == after
    assert "Do that" in {one["name"] for one in broad.stands().get_json()["items"]}
    assert broad.send(path, MINE, **ask).status_code == 403
    assert broad.send(path, **{**ask, "to": "x"}).status_code == 404
    assert broad.send(path, **ask, dryRun="yes").status_code == 400
