"""What operators do to instances over HTTP, messages and signals: real stores and a real engine, no broker."""

import base64
import json

import pytest
from pydantic import TypeAdapter

from domain.errors import NotFound
from domain.identity import Key
from store.views.writer import connect
from tests.engines.world import bpmn, flows
from tests.store.databases import on_sqlite
from tests.webapp.test_external_tasks import ADMIN, SERVICE, System
from webapp.api import instance_answers, process_answers

MINE = {"Authorization": "Basic " + base64.b64encode(b"approver1:approver1").decode()}
STRANGE = {"Authorization": "Bearer strange"}
MESSAGE = '<messageEventDefinition messageRef="msg"/>'
TIMER = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
LOOP = "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
BROAD = bpmn(
    '<startEvent id="s"/><parallelGateway id="f"/><userTask id="t" name="Do it"/><endEvent id="e"/><endEvent id="e2"/>'
    f'<boundaryEvent id="b" name="In time" attachedToRef="t">{TIMER}</boundaryEvent>'
    f'<boundaryEvent id="x" attachedToRef="t"><errorEventDefinition/></boundaryEvent>'
    f'<intermediateCatchEvent id="c">{MESSAGE}</intermediateCatchEvent><userTask id="m">{LOOP}</userTask>'
    f'<subProcess id="sub"><startEvent id="s1"/><userTask id="in"/>{flows("s1", "in")}</subProcess>'
    '<callActivity id="call" calledElement="paying"/><serviceTask id="bad" camunda:expression="${nothing}"/>'
    + flows("s", "f", "t", "e")
    + flows("b", "e2")
    + flows("x", "e2")
    + "".join(flows("f", name, "e") for name in ("c", "m", "sub", "call", "bad")),
    key="broad",
).replace(b"</definitions>", b'<message id="msg" name="paid"/></definitions>')


class Seen:
    """Stands in for the views: instances as they are in the store, for operators and who has started them."""

    def __init__(self):
        self.system = None

    def instance(self, instance_id, user):
        for name, text in self.system.heads("process_instance").items():
            found = json.loads(text)
            opaque = Key("app", "process_instance", name).opaque
            if instance_id in {name, opaque} and (user.is_operator or user.name == found["startUser"]):
                return {**found, "_id": opaque, "revision": 1}
        raise NotFound


class Broad(System):
    """One instance that stands at everything there is to stand at."""

    def __init__(self, tmp_path, views, seen):
        super().__init__(tmp_path, views, processes=seen)
        on_sqlite(f"sqlite:///{tmp_path}/hosted.db", "hosted").close()
        seen.system = self
        self.application.deploy(BROAD)
        self.instance = self.begin("K-1")

    def begin(self, key):
        with self.application.unit_of_work() as work:
            return work.engine.start("broad", {"amount": 5}, key, "approver1")

    def send(self, path, headers=ADMIN, verb="post", **body):
        return getattr(self.client, verb)(f"/api/v1/{path}", json=body, headers=headers)

    def do(self, what, headers=ADMIN, verb="post", **body):
        return self.send(f"process-instances/{self.instance}/{what}", headers, verb, **body)

    def stands(self, instance_id=None, headers=ADMIN):
        path = f"/api/v1/process-instances/{instance_id or self.instance}/activities"
        return self.client.get(path, headers=headers)

    def heads(self, aggregate):
        with self.store.database.reading() as connection:
            found = connection.exec_driver_sql(f"SELECT id, state FROM aggregate WHERE aggregate = '{aggregate}'")
            return {row[0]: row[1] for row in found}


@pytest.fixture
def broad(tmp_path):
    views = connect("mongodb://127.0.0.1:1", "none")
    made = Broad(tmp_path, views, Seen())
    yield made
    made.operations.close()
    made.store.database.close()
    views.client.close()


def fits(answer, shape):
    assert answer.status_code == 200, answer.text
    found = answer.get_json()
    TypeAdapter(shape).validate_python(found)
    return found


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
