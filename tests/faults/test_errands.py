"""Errands played in memory: each does what its oracle says, and what does not is found."""

import json
from copy import deepcopy

import pytest

from domain.aggregates.process_instance import MoveInstance, StartInstance
from domain.identity import Key
from domain.wire import dump
from tests.engines.world import World
from tests.faults.errand_checks import check_errands, counts
from tests.faults.errand_models import BELL, LETTER, MODELS
from tests.faults.findings import Findings
from tests.faults.ledger import Asked, Bell, Errand, Errands
from tests.faults.log import Log

KINDS = ("job", "external", "timers", "ask", "letter", "gather", "trip", "flaky")


class Played:
    """One errand of each kind, brought to its end with nothing broken."""

    def __init__(self):
        self.world = World(
            services={"errand_service": lambda _: {"marker": "m"}, "errand_work": lambda _: {"marker": "j"}}
        )
        for source in MODELS.values():
            self.world.act(lambda engine, source=source: engine.deploy(source))
        self.errands = Errands()
        for kind in KINDS:
            self._start(kind)
        self._run()

    def log(self):
        log, states = Log("approval"), {}
        for key, said in self.world.said:
            if isinstance(said, StartInstance):
                states[key.id] = dump(said.instance)
            if isinstance(said, MoveInstance):
                states[key.id] |= {"state": said.state}
        for name, state in states.items():
            log.folded[Key("approval", "process_instance", name)] = (1, 1, state)
        log.folded[Key("approval", "data_entry", "errand:errand flaky")] = (1, 1, {"payload": {"marker": "m"}})
        log.instances = [(one.instance_id, one.state, one.finished) for one in self.world.memory.instances.values()]
        return log

    def violations(self, log=None, errands=None):
        findings = Findings()
        check_errands(errands or self.errands, log or self.log(), findings)
        return findings.found

    def _start(self, kind):
        key = f"errand {kind}"
        asked = Asked("admin", "start", "", key, 201, seconds=0.0, asked_at=1.0)
        self.errands.all[key] = Errand(kind, key, 7, asked)
        self.world.start(f"errand_{kind}", business_key=key, errand=key, applied=0, rounds=0, number=7)

    def _run(self):
        world, memory = self.world, self.world.memory
        [job] = memory.jobs.values()
        world.act(lambda engine: engine.finish_job(job.instance_id, job.job_id, {"marker": "x"}, {}))
        world.act(lambda engine: engine.correlate(LETTER, "errand letter", variables={"letter": "l"}))
        heard = world.act(lambda engine: engine.signal(BELL, {"bell": "b"}))["processInstanceIds"]
        self.errands.bells.append(Bell("b", 2.0, frozenset(heard)))
        self.errands.ends["errand external"]["x"] = 204
        self.errands.effects["errand job"] += ["lost", "j"]
        self.errands.letters["errand letter"].append(("l", True))
        for _ in range(15):
            world.pass_time(seconds=1)
            for name in [one.instance_id for one in memory.instances.values() if one.due and not one.finished]:
                world.act(lambda engine, name=name: engine.fire_timers(name))


@pytest.fixture(scope="module")
def played():
    return Played()


def test_each_comes_to_its_end_and_nothing_is_found(played):
    assert played.violations() == []
    assert {
        name: count for name, count in counts(played.errands, played.log()).items() if name.startswith("errand_")
    } == {
        **{f"errand_{kind}": 1 for kind in KINDS},
        "errand_answer": 1,
        "errand_leg": 1,
    }


@pytest.mark.parametrize(
    ("kind", "changed", "told"),
    [
        ("job", {"applied": 2}, "errand: errand job has gone on 2 times"),
        ("job", {"marker": "never"}, "job: the result of errand job"),
        ("external", {"marker": "y"}, "job: errand external has a result y that no worker has told"),
        ("flaky", {"marker": "other"}, "service: errand flaky has written"),
        ("timers", {"rounds": 4}, "errand: errand timers was reminded 4 times"),
        ("letter", {"letter": "another"}, "message: errand letter has the letter another"),
        ("gather", {"bell": "later"}, "signal: errand gather has heard later, which nobody rang"),
        ("trip", {"secret": 1}, "call: errand trip sees"),
        ("trip", {"result": 15}, "call: errand trip sees"),
    ],
)
def test_what_did_not_happen_once_is_found(played, kind, changed, told):
    log = played.log()
    instances = [(key.id, state) for key, (_, _, state) in log.folded.items() if key.aggregate == "process_instance"]
    [one] = [name for name, state in instances if state["processDefinitionKey"] == f"errand_{kind}"]
    log.instances = [
        (name, _with(state, changed) if name == one else state, ended) for name, state, ended in log.instances
    ]
    assert any(words.startswith(told) for words in played.violations(log))


def _with(state, changed):
    kept = json.loads(state)
    return json.dumps(kept | {"variables": kept["variables"] | changed})


def test_what_has_not_ended_or_is_there_twice_is_found(played):
    log = played.log()
    for key, (generation, revision, state) in list(log.folded.items()):
        if state.get("businessKey") == "errand ask":
            log.folded[key] = (generation, revision, state | {"state": "RUNNING"})
            log.folded[Key("approval", "process_instance", f"{key.id}2")] = (generation, revision, state)
    found = played.violations(log)
    assert any(words.startswith("errand: errand_ask errand ask") and words.endswith("is RUNNING") for words in found)
    assert "errand: errand ask was answered 201 and is there 2 times" in found


def test_a_signal_that_somebody_missed_is_found(played):
    errands = deepcopy(played.errands)
    errands.bells.insert(0, Bell("a", 1.5, frozenset()))
    assert played.violations(errands=errands) == ["signal: errand gather has missed a signal that it waited for"]


def test_an_incident_that_nobody_decided_about_is_found(played):
    log = played.log()
    name = next(key.id for key in log.folded if key.aggregate == "process_instance")
    log.incidents = [(name, "element", "call"), ("another's", "timer", None)]
    assert played.violations(log) == [
        f"incident: 1 incidents that nobody has decided about: [('{name}', 'element', 'call')]"
    ]
