"""An instance with much in it."""

import base64
import json

import pytest
from pydantic import TypeAdapter

from domain.errors import NotFound
from domain.identity import Key
from store.views.writer import connect
from tests.engines.world import bpmn, flows
from tests.store.databases import on_sqlite
from tests.support.outside import ADMIN, System

MINE = {"Authorization": "Basic " + base64.b64encode(b"approver1:approver1").decode()}


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
