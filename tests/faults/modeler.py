"""Somebody who deploys what should never run, and names nothing can carry: others go on as if nothing had been."""

import time

import httpx

from tests.engines.world import bpmn, flows
from tests.faults.load import Person

PAUSE_SECONDS = 20.0
SPLIT = flows("split", "a", "join") + flows("split", "b", "join") + flows("join", "split")
SPLIT += '<parallelGateway id="split"/><task id="a"/><task id="b"/><exclusiveGateway id="join"/>'


def _after(duration):
    definition = f"<timerEventDefinition><timeDuration>{duration}</timeDuration></timerEventDefinition>"
    return f'<startEvent id="s"/><intermediateCatchEvent id="wait">{definition}</intermediateCatchEvent>'


MODELS = {
    "bomb": bpmn('<startEvent id="s"/>' + flows("s", "join") + SPLIT, key="bomb"),
    "later_bomb": bpmn(_after("PT1S") + flows("s", "wait", "join") + SPLIT, key="later_bomb"),
    "reminder": bpmn(
        _after("PT2S")
        + '<userTask id="look" camunda:candidateGroups="approvers"/><endEvent id="e"/>'
        + flows("s", "wait", "look", "e"),
        key="reminder",
    ),
}
HOSTILE = ("é" * 130, "A", "x" * 300, "a b", "\ud800", "")


class Modeler(Person):
    """Starts reminders often, bombs now and then, and posts records under names that are none."""

    def __init__(self, url, ledger, seed):
        super().__init__(url, ledger, f"{seed} modelling", "admin")
        self._deployed, self._next = set(), time.monotonic() + PAUSE_SECONDS

    def work(self):
        if missing := [name for name in MODELS if name not in self._deployed]:
            if self.deploy(missing[0], MODELS[missing[0]]):
                self._deployed.add(missing[0])
            return
        self._start("reminder")
        self._post_under(self.random.choice(HOSTILE))
        if time.monotonic() > self._next:
            self._next = time.monotonic() + PAUSE_SECONDS
            self._start(self.random.choices(("bomb", "later_bomb"), (4, 1))[0])
        time.sleep(self.random.uniform(0.5, 2.0))

    def _start(self, name):
        self.ask("start", f"/process-definitions/approval/{name}/start", {"variables": {}})

    def _post_under(self, application):
        body = {"application": application, "format": "taskpool", "records": [{"id": "r", "type": "task.created"}]}
        try:
            answer = self.client.post("/engine-events", json=body)
        except (httpx.HTTPError, UnicodeError):
            return
        if answer.status_code == 202:
            self.ledger.complain(f"records were taken under the name {application!r}")
