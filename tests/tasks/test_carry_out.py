"""Commands against the real engine: one winner, one outcome, nothing half done."""

import base64
import json
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from domain.access import User
from domain.errors import InvalidDefinition
from domain.events.envelope import from_cloudevent
from domain.events.project import project
from domain.identity import Key
from engines.protocol import Unmetered
from store.engine.incidents import Incidents
from store.engine.overruns import Overrun, Overruns
from store.engine.tries import MOST_TRIES
from store.messaging.signing import Signer, Verifier, public_key_of
from store.sql.errors import ConcurrentUpdate
from tasks.carry_out import Executor
from tests.engines.world import HEAD, bpmn, flows, one_task
from tests.store.databases import KINDS, each_database, on_disk, rows
from tests.support.carrying_out import APPROVERS, BPMN, REQUESTER, World, task_state, task_state_in, world

__all__ = ["world"]

"""Where several connections can wait for each other."""
on_postgresql = pytest.mark.parametrize("kind", KINDS[2:], indirect=True)
"""Where writers on different rows need not wait for each other."""


@each_database
def test_from_start_to_end(world):
    task = world.start()
    assert world.ask("claim", APPROVERS[0], task)["status"] == "accepted"
    assert world.ask("complete", APPROVERS[0], task, variables={"decision": "APPROVE"})["status"] == "accepted"
    state = task_state(world, task)
    assert (state["state"], state["completedBy"], state["payload"]["subject"]) == ("completed", "approver1", "a chair")
    events = [row[0] for row in rows(world.store, "SELECT routing_key FROM event ORDER BY position")]
    assert events == [
        "process_definition.registered.approval",
        "process_instance.started.approval",
        "task.created.approval",
        "command.outcome.approval",
        "task.assigned.approval",
        "command.outcome.approval",
        "task.completed.approval",
        "process_instance.ended.approval",
        "command.outcome.approval",
    ]


LISTENING = (
    '<userTask id="t" camunda:candidateUsers="approver1"><extensionElements>'
    '<camunda:taskListener event="assignment" expression="${execution.setVariable(\'who\', task.assignee)}"/>'
    '<camunda:taskListener event="update" expression="${gone}"/>'
    '<camunda:taskListener event="complete" expression="${execution.setVariable(\'done\', task.assignee)}"/>'
    "</extensionElements></userTask>"
)


@each_database
def test_the_model_hears_who_claims_and_what_fails_in_that_is_for_operators(world):
    world.application.deploy(one_task(LISTENING, key="listening"))
    outcome = world.ask("start", APPROVERS[0], key="listening", variables={})
    task = next(made["id"] for made in outcome["produced"] if made["aggregate"] == "task")
    claimed = world.ask("claim", APPROVERS[0], task)
    assert claimed["status"] == "accepted"
    state = task_state(world, task)
    assert (state["assignee"], state["payload"]) == ("approver1", {"who": "approver1"})
    heard = [json.loads(row[0]) for row in rows(world.store, "SELECT body FROM event ORDER BY position")]
    assert {one.get("by") for one in heard if one["type"].startswith("taskpool.task.a")} == {"approver1"}
    incidents = rows(world.store, "SELECT kind, element FROM incident")
    assert [tuple(row) for row in incidents] == [("element", "t")]
    assert world.ask("unclaim", APPROVERS[0], task)["status"] == "accepted"
    assert task_state(world, task)["payload"] == {"who": None}
    world.ask("claim", APPROVERS[0], task)
    assert world.ask("complete", APPROVERS[0], task)["status"] == "accepted"
    saved = rows(world.store, "SELECT state FROM instance WHERE finished = true")
    assert json.loads(saved[0][0])["variables"] == {"who": "approver1", "done": "approver1"}


@each_database
def test_what_happens_to_a_task_says_who_did_it_and_what_the_engine_makes_of_it_does_not(world):
    task, (ann, bob), boss = world.start(), APPROVERS, User("admin", ("admins",))
    for action, user, arguments in (
        ("assign", boss, {"assignee": ann.name, "groups": ["approvers"]}),
        ("change", ann, {"priority": 7}),
        ("defer", boss, {"followUpDate": "2027-01-01T00:00:00.000Z"}),
        ("undefer", ann, {}),
        ("unclaim", ann, {}),
        ("claim", bob, {}),
        ("complete", bob, {"variables": {"decision": "RETURN"}}),
    ):
        assert world.ask(action, user, task, **arguments)["status"] == "accepted", action
    wire = [json.loads(row[0]) for row in rows(world.store, "SELECT body FROM event ORDER BY position")]
    told = [from_cloudevent(one) for one in wire]
    of_task = [(one.type, one.by) for one in told if one.key.id == task]
    assert of_task == [
        ("task.created", None),
        ("task.assigned", "admin"),
        ("task.attributes_changed", ann.name),
        ("task.attributes_changed", "admin"),
        ("task.attributes_changed", ann.name),
        ("task.assigned", ann.name),
        ("task.assigned", bob.name),
        ("task.completed", bob.name),
    ]
    kept = [made.document.get("by") for one in told for made in project(one) if made.collection == "task_history"]
    assert kept[:8] == [by for _, by in of_task]
    others = {(one.type, one.by) for one in told if one.key.id != task}
    assert ("task.created", None) in others, "the task that follows is the engine's doing"
    assert {by for _, by in others} == {None}
    assert not any("by" in one for one, read in zip(wire, told, strict=True) if read.by is None)


class Deadly:
    """Stands for the engine where completing ends the worker: nothing runs after that, and nothing is committed."""

    def __init__(self, died):
        self.died = died

    def hold(self, _instance_id):
        pass

    def complete(self, *_):
        self.died.append(1)
        raise KeyboardInterrupt


def deadly(world, overruns):
    """An executor whose worker ends at each try, the list of its deaths, and the pauses it has made."""
    died, paused = [], []
    executor = replace(world.executor, engine_of=lambda _work: Deadly(died), overruns=overruns, pause=paused.append)
    return executor, died, paused


def claimed(world):
    task = world.start()
    assert world.ask("claim", APPROVERS[0], task)["status"] == "accepted"
    request = world.request("complete", APPROVERS[0], task, variables={"decision": "APPROVE"})
    return request, task_state(world, task)["processInstanceId"]


def open_incidents(world):
    with world.store.database.reading() as connection:
        return Incidents(connection).find("approval")


@each_database
def test_tries_of_a_command_that_end_their_worker_are_counted_before_and_become_an_incident(world, tmp_path):
    request, instance_id = claimed(world)
    overruns = Overruns(tmp_path / "overruns")
    executor, died, paused = deadly(world, overruns)
    for before in range(MOST_TRIES):
        with pytest.raises(KeyboardInterrupt):
            executor.carry_out(request, again=before > 0)
        overruns.note(Overrun(request.command_id, instance_id, "pay", None))
    executor.carry_out(request, again=True)
    assert len(died) == MOST_TRIES
    assert paused == [0.0, 1.0, 2.0, 4.0, 0]
    outcome = world.outcome(request)
    assert (outcome["status"], outcome["problem"]["element"]) == ("failed", "pay")
    assert "5 times" in outcome["problem"]["detail"]
    [made] = open_incidents(world)
    assert (made.instance_id, made.kind, made.element, made.tries) == (instance_id, "command", "pay", MOST_TRIES)
    assert overruns.of(request.command_id) is None
    executor.carry_out(request, again=True)
    assert (
        world.ask("complete", APPROVERS[0], request.task_id, variables={"decision": "APPROVE"})["status"] == "accepted"
    )


@each_database
def test_where_nobody_saw_the_worker_end_the_task_says_whose_incident_it_is(world):
    request, instance_id = claimed(world)
    executor, _, _ = deadly(world, None)
    for before in range(MOST_TRIES):
        with pytest.raises(KeyboardInterrupt):
            executor.carry_out(request, again=before > 0)
    executor.carry_out(request, again=True)
    assert world.outcome(request)["problem"]["instance"] == instance_id
    assert [(one.instance_id, one.element) for one in open_incidents(world)] == [(instance_id, None)]


@each_database
def test_a_command_beyond_its_budget_is_answered_without_another_try(world, tmp_path):
    request, instance_id = claimed(world)
    overruns = Overruns(tmp_path / "overruns")
    executor, died, paused = deadly(world, overruns)
    overruns.note(Overrun(request.command_id, instance_id, "pay", "time"))
    executor.carry_out(request, again=True)
    assert (died, paused) == ([], [0.0])
    assert world.outcome(request)["problem"]["type"] == "urn:taskpool:problem/budget-exceeded"
    assert open_incidents(world) == []


@each_database
def test_a_command_that_something_else_cut_short_was_not_tried(world):
    request, _ = claimed(world)

    class Locked(Deadly):
        def complete(self, *_):
            raise ConcurrentUpdate("not now")

    executor = replace(world.executor, engine_of=lambda _work: Locked([]), pause=lambda _: None)
    for _ in range(MOST_TRIES + 1):
        with pytest.raises(ConcurrentUpdate):
            executor.carry_out(request, again=True)
    world.executor.carry_out(request, again=True)
    assert world.outcome(request)["status"] == "accepted"


@each_database
def test_a_refusal_is_an_outcome_and_changes_nothing(world):
    task = world.start()
    world.ask("claim", APPROVERS[0], task)
    outcome = world.ask("claim", APPROVERS[1], task)
    assert outcome["status"] == "rejected"
    assert outcome["problem"]["status"] == 409
    assert outcome["problem"]["assignee"] == "approver1"
    assert outcome["produced"] == []


@each_database
def test_the_same_command_twice_acts_once_and_keeps_its_first_outcome(world):
    task = world.start()
    request = world.request("claim", APPROVERS[0], task)
    for _ in range(3):
        world.carry_out(request)
    assert rows(world.store, "SELECT count(*) FROM event WHERE routing_key = 'task.assigned.approval'") == [(1,)]
    assert rows(world.store, f"SELECT count(*) FROM event WHERE aggregate_id = '{request.command_id}'") == [(1,)]


@each_database
def test_what_comes_too_late_is_not_carried_out(world):
    task = world.start()
    request = world.request("claim", APPROVERS[0], task)
    world.now += timedelta(seconds=61)
    world.carry_out(request)
    assert world.outcome(request)["status"] == "expired"
    assert task_state(world, task)["assignee"] is None


def hold_the_instance(world, work, task):
    world.application.engine_of(work).hold(task["processInstanceId"])


def hold_the_task(_world, work, task):
    work.heads.lock([Key("approval", "task", task["engineTaskId"])])


def hold_what_completing_changes_beside_the_task(_world, work, task):
    work.heads.lock([Key("approval", "process_instance", task["processInstanceId"])])


HOLDS = [hold_the_instance, hold_the_task, hold_what_completing_changes_beside_the_task]


@pytest.mark.parametrize("hold", HOLDS)
@on_disk
def test_what_expires_while_it_waits_for_a_lock_is_not_carried_out(world, hold):
    task = world.start()
    world.ask("claim", APPROVERS[0], task)
    before = rows(world.store, "SELECT count(*) FROM event")
    request = world.request("complete", APPROVERS[0], task, variables={"decision": "APPROVE"})
    waiting = threading.Thread(target=world.carry_out, args=(request,))
    with world.store.begin() as work:
        hold(world, work, task_state_in(work, task))
        waiting.start()
        waiting.join(timeout=0.3)
        assert waiting.is_alive()
        world.now += timedelta(seconds=61)
    waiting.join(timeout=10)
    assert world.outcome(request)["status"] == "expired"
    assert task_state(world, task)["state"] == "open"
    assert rows(world.store, "SELECT count(*) FROM event") == [(before[0][0] + 1,)], "the outcome and nothing else"
    world.carry_out(request)
    assert world.outcome(request)["status"] == "expired"


@each_database
def test_what_was_carried_out_in_time_is_not_said_to_have_expired_when_it_comes_again(world):
    task = world.start()
    request = world.request("claim", APPROVERS[0], task)
    world.carry_out(request)
    world.now += timedelta(seconds=61)
    world.carry_out(request)
    assert world.outcome(request)["status"] == "accepted"
    assert task_state(world, task)["assignee"] == "approver1"


@each_database
def test_a_variable_the_process_cannot_use_is_refused_and_the_task_stays(world):
    task = world.start()
    world.ask("claim", APPROVERS[0], task)
    outcome = world.ask("complete", APPROVERS[0], task, variables={"decision": "PERHAPS"})
    assert outcome["status"] == "rejected"
    assert outcome["problem"]["status"] == 422
    assert task_state(world, task)["state"] == "open"
    huge = world.ask("complete", APPROVERS[0], task, variables={"decision": "RETURN", "comment": "\ud800"})
    assert huge["problem"]["status"] == 422
    assert world.ask("complete", APPROVERS[0], task, variables={"decision": "RETURN"})["status"] == "accepted"


@each_database
def test_only_operators_deploy_and_a_bad_file_says_where(world):
    assert world.ask("deploy", REQUESTER, source=BPMN.decode())["problem"]["status"] == 403
    operator = User("admin", ("admins",))
    broken = world.ask("deploy", operator, source="<definitions>\n<process></definitions>")
    assert broken["problem"]["status"] == 422
    assert "line" in json.dumps(broken["problem"])
    again = world.ask("deploy", operator, source=BPMN.decode())
    assert [made["version"] for made in again["result"]["definitions"]] == [2]


@each_database
def test_two_who_claim_at_the_same_moment(world, kind):
    if kind == "memory":
        pytest.skip("one connection, one thread")
    for _ in range(20):
        task = world.start()
        requests = [world.request("claim", user, task) for user in APPROVERS]
        both(world.carry_out, requests)
        outcomes = Counter(world.outcome(request)["status"] for request in requests)
        assert outcomes == {"accepted": 1, "rejected": 1}


@each_database
def test_two_who_complete_at_the_same_moment_move_the_process_once(world, kind):
    if kind == "memory":
        pytest.skip("one connection, one thread")
    for _ in range(10):
        task = world.start()
        world.ask("claim", APPROVERS[0], task)
        asked = [world.request("complete", APPROVERS[0], task, variables={"decision": "RETURN"}) for _ in range(2)]
        both(world.carry_out, asked)
        assert sorted(world.outcome(request)["status"] for request in asked) == ["accepted", "rejected"]
    assert rows(world.store, "SELECT count(*) FROM event WHERE routing_key = 'task.completed.approval'") == [(10,)]
    assert rows(world.store, "SELECT count(*) FROM event WHERE routing_key = 'task.created.approval'") == [(20,)]


@each_database
def test_a_bug_in_the_engine_is_a_failed_command_and_leaves_nothing(world, monkeypatch):
    task = world.start()
    world.ask("claim", APPROVERS[0], task)

    class Broken:
        def __getattr__(self, name):
            raise RuntimeError(name)

    executor = Executor(world.store.begin, lambda _work: Broken(), lambda: world.now)
    request = world.request("complete", APPROVERS[0], task, variables={})
    executor.carry_out(request)
    assert world.outcome(request)["status"] == "failed"
    assert task_state(world, task)["state"] == "open"


TWO_AT_ONCE = bpmn(
    '<startEvent id="s"/><parallelGateway id="f"/><userTask id="a" camunda:assignee="ann"/>'
    '<userTask id="b" camunda:assignee="ann"/><serviceTask id="c" camunda:delegateExpression="${check}"/>'
    '<endEvent id="e"/><endEvent id="e2"/>' + flows("s", "f", "a", "c", "e") + flows("f", "b", "e2"),
    key="two_at_once",
)
ANN = User("ann", ())


class Checks(World):
    """Whoever completes the task `a` runs a service, which keeps its unit of work open for as long as it likes."""

    def __init__(self, store):
        super().__init__(store)
        self.application.deploy(TWO_AT_ONCE)
        self.called, self.go_on, self.threads = threading.Event(), threading.Event(), []
        self.application.service("check")(self.check)

    def check(self, _work, _variables):
        self.called.set()
        assert self.go_on.wait(timeout=10)

    def begin_instance(self):
        outcome = self.ask("start", REQUESTER, key="two_at_once", variables={})
        tasks = [task_state(self, made["id"]) for made in outcome["produced"] if made["aggregate"] == "task"]
        return {task["taskDefinitionKey"]: task["engineTaskId"] for task in tasks}

    def completing(self, task):
        request = self.request("complete", ANN, task, variables={})
        thread = threading.Thread(target=self.carry_out, args=(request,), daemon=True)
        thread.start()
        self.threads.append(thread)
        return request, thread


@pytest.fixture
def checks(store):
    world = Checks(store)
    yield world
    world.go_on.set()
    for thread in world.threads:
        thread.join(timeout=10)


@on_postgresql
def test_commands_on_one_instance_wait_for_each_other_and_on_different_instances_they_do_not(checks):
    held, other = checks.begin_instance(), checks.begin_instance()
    first, busy = checks.completing(held["a"])
    assert checks.called.wait(timeout=10), "the first command holds its instance now, and all that a command holds"
    same, waiting = checks.completing(held["b"])
    elsewhere, quick = checks.completing(other["b"])
    quick.join(timeout=2)
    assert not quick.is_alive()
    assert checks.outcome(elsewhere)["status"] == "accepted"
    started = checks.begin_instance()
    assert set(started) == {"a", "b"}
    waiting.join(timeout=0.5)
    assert waiting.is_alive()
    assert busy.is_alive()
    checks.go_on.set()
    for request, thread in ((first, busy), (same, waiting)):
        thread.join(timeout=10)
        assert checks.outcome(request)["status"] == "accepted"


@on_disk
def test_what_expired_while_it_waited_is_not_even_begun(checks):
    tasks = checks.begin_instance()
    with checks.store.begin() as work:
        work.heads.lock([Key("approval", "task", tasks["a"])])
        request, waiting = checks.completing(tasks["a"])
        waiting.join(timeout=0.3)
        assert waiting.is_alive()
        checks.now += timedelta(seconds=61)
    waiting.join(timeout=10)
    assert checks.outcome(request)["status"] == "expired"
    assert not checks.called.is_set()


def both(work, items):
    gate = threading.Barrier(len(items))

    def run(item):
        gate.wait()
        work(item)

    threads = [threading.Thread(target=run, args=(item,)) for item in items]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@each_database
def test_a_command_that_the_web_has_not_signed_is_answered_once_and_does_nothing(world):
    key = base64.b64encode(b"k" * 32).decode()
    task = world.start()
    world.executor = replace(world.executor, verifier=Verifier([public_key_of(key)]))
    forged = world.request("claim", APPROVERS[0], task)
    world.carry_out(forged)
    outcome = world.outcome(forged)
    assert (outcome["status"], outcome["problem"]["type"]) == ("failed", "urn:taskpool:problem/not-signed")
    assert task_state(world, task)["assignee"] is None
    world.carry_out(Signer(key).sign(forged))
    assert world.outcome(forged)["status"] == "accepted", "nobody can take a name from the genuine one"
    world.carry_out(replace(forged, action="unclaim"))
    assert world.outcome(forged)["status"] == "accepted"
    assert task_state(world, task)["assignee"] == "approver1"


@each_database
def test_the_engine_itself_judges_who_may_start(world):
    refused = world.ask("start", User("eve", ("others",)), key="approve_request", variables={})
    assert (refused["status"], refused["problem"]["status"]) == ("rejected", 404)
    assert rows(world.store, "SELECT count(*) FROM instance") == [(0,)]
    assert world.ask("start", User("root", ("admins",)), key="approve_request", variables={})["status"] == "accepted"


@each_database
def test_a_file_is_there_as_a_tenants_when_all_of_its_processes_are(world):
    northern, free = (f'<process id="{key}" isExecutable="true"><startEvent id="s_{key}"/></process>' for key in "ab")
    one, both = (f"{HEAD}{processes}</definitions>".encode() for processes in (northern, northern + free))
    world.application.deploy(one, tenant="north")
    assert world.application.deploy(both)
    assert not world.application.deploy(both)
    assert world.application.deploy(both, tenant="north"), "b was everybody's"
    assert not world.application.deploy(both, tenant=" north ")
    with pytest.raises(InvalidDefinition, match="another tenant"):
        world.application.deploy(both, tenant="south")


@each_database
def test_the_engine_itself_judges_who_may_start_what_is_a_tenants(world):
    world.application.deploy(one_task('<userTask id="t"/>', key="northern"))
    mine, theirs = (replace(REQUESTER, tenants=(tenant,)) for tenant in ("north", "south"))
    assert world.ask("start", theirs, key="northern", variables={})["status"] == "accepted"
    source = one_task('<userTask id="t"/>', key="northern")
    assert not world.application.deploy(source)
    assert world.application.deploy(source, tenant="north"), "it was there, but everybody's"
    assert not world.application.deploy(source, tenant="north")
    assert not world.application.deploy(source)
    for user in (theirs, REQUESTER):
        assert world.ask("start", user, key="northern", variables={})["problem"]["status"] == 404
    for user in (mine, User("root", ("admins",))):
        assert world.ask("start", user, key="northern", variables={})["status"] == "accepted"
    assert world.ask("start", mine, key="northern", variables={}, tenantId="south")["problem"]["status"] == 403
    world.application.deploy(one_task('<userTask id="t"/>', key="shared"))
    for user in (theirs, REQUESTER):
        assert world.ask("start", user, key="shared", variables={}, tenantId="north")["problem"]["status"] == 403
    started = world.ask("start", mine, key="shared", variables={}, tenantId="north")
    for made in started["produced"]:
        with world.store.begin() as work:
            assert work.heads.peek(Key("approval", made["aggregate"], made["id"])).state["tenantId"] == "north"
    assert len(started["produced"]) == 2
    asked = {"sources": [one_task('<userTask id="t"/>', key="other").decode()], "tenantId": "south"}
    deployed = world.ask("deploy", User("root", ("admins",)), **asked)
    assert [one["tenantId"] for one in deployed["result"]["definitions"]] == ["south"]


@each_database
def test_a_service_of_another_application_commands_nothing_here(world):
    task = world.start()
    refused = world.ask("claim", User("service:x", ("approvers",), "invoicing"), task)
    assert (refused["status"], refused["problem"]["status"]) == ("rejected", 403)


@each_database
def test_what_a_table_of_the_application_refuses_is_set_aside_at_once(world):
    """It looks like somebody else's change, and would be the same with every try."""

    @world.application.service("note")
    def note(work, variables):
        work.session.execute(text("INSERT INTO note VALUES (:text)"), {"text": variables["text"]})

    with world.application.unit_of_work() as work:
        work.session.execute(text("CREATE TABLE note (text TEXT PRIMARY KEY)"))
    service = '<serviceTask id="t" camunda:delegateExpression="${note}"/>'
    world.application.deploy(one_task(service, key="noting"))
    for _ in range(2):
        assert world.ask("start", REQUESTER, key="noting", variables={"text": "once"})["status"] == "accepted"
    with world.store.database.reading() as connection:
        (found,) = Incidents(connection).find()
    assert (found.element, found.tries) == ("t", 1)
    assert "refuses what" in found.problem["detail"]
    assert rows(world.store, "SELECT text FROM note") == [("once",)]


@each_database
def test_a_service_writes_tables_of_its_own_in_the_transaction_of_the_command(world):
    @world.application.service("note")
    def note(work, variables):
        work.session.execute(text("INSERT INTO note VALUES (:text)"), {"text": variables["text"]})
        if variables["text"] == "bad":
            raise ZeroDivisionError

    with world.application.unit_of_work() as work:
        work.session.execute(text("CREATE TABLE note (text TEXT)"))
    service = '<serviceTask id="t" camunda:delegateExpression="${note}"/>'
    world.application.deploy(one_task(service, key="noting"))
    for said in ("good", "bad", "better"):
        assert world.ask("start", REQUESTER, key="noting", variables={"text": said})["status"] == "accepted"
    assert rows(world.store, "SELECT text FROM note") == [("good",), ("better",)]
    failing = rows(world.store, "SELECT count(*) FROM instance WHERE due IS NOT NULL AND NOT finished")
    assert failing == [(1,)], "the service that failed is tried again"


FORM = """<userTask id="t" camunda:candidateGroups="approvers"><extensionElements><camunda:formData>
<camunda:formField id="number" type="long"><camunda:validation><camunda:constraint name="min" config="10"/>
<camunda:constraint name="max" config="20"/></camunda:validation></camunda:formField>
<camunda:formField id="kept" type="string" defaultValue="${subject}"><camunda:validation>
<camunda:constraint name="readonly"/></camunda:validation></camunda:formField>
<camunda:formField id="perhaps" type="boolean"><camunda:validation>
<camunda:constraint name="required" config="false"/></camunda:validation></camunda:formField>
</camunda:formData></extensionElements></userTask>"""
START_FORM = """<startEvent id="s"><extensionElements><camunda:formData><camunda:formField id="subject" type="string">
<camunda:validation><camunda:constraint name="minlength" config="3"/></camunda:validation></camunda:formField>
</camunda:formData></extensionElements></startEvent>"""


@each_database
def test_the_form_of_a_task_is_judged_with_the_variables_of_the_engine(world):
    world.application.payload(exclude=["kept"])
    world.application.deploy(one_task(FORM, key="formed"))
    started = world.ask("start", REQUESTER, key="formed", variables={"subject": "stools", "kept": "chairs"})
    task = next(made["id"] for made in started["produced"] if made["aggregate"] == "task")
    world.ask("claim", APPROVERS[0], task)
    wrong = world.ask("complete", APPROVERS[0], task, variables={"number": 21, "kept": "tables", "more": 1})
    assert wrong["problem"]["type"] == "urn:taskpool:problem/invalid-variables"
    assert wrong["problem"]["errors"] == [
        {"field": "number", "message": "must be at most 20"},
        {"field": "kept", "message": "cannot be changed"},
    ]
    assert task_state(world, task)["state"] == "open"
    right = world.ask("complete", APPROVERS[0], task, variables={"number": 20, "kept": "chairs", "more": 1})
    assert right["status"] == "accepted"


@each_database
def test_a_form_that_is_a_file_is_deployed_beside_its_process_and_judged(world):
    operator = User("admin", ("admins",))
    counted = {"type": "number", "key": "count", "decimalDigits": 0, "validate": {"required": True, "max": 3}}
    form = json.dumps({"id": "counting", "components": [counted]})
    model = one_task('<userTask id="t" camunda:candidateGroups="approvers" camunda:formRef="counting"/>', key="formed")
    made = world.ask("deploy", operator, sources=[model.decode(), form])["result"]
    assert (made["forms"], made["warnings"]) == ([{"key": "counting", "version": 1}], [])
    started = world.ask("start", REQUESTER, key="formed", variables={})
    task = next(made["id"] for made in started["produced"] if made["aggregate"] == "task")
    world.ask("claim", APPROVERS[0], task)
    refused = world.ask("complete", APPROVERS[0], task, variables={"count": 4})
    assert refused["problem"]["errors"] == [{"field": "count", "message": "must be at most 3"}]
    assert world.ask("complete", APPROVERS[0], task, variables={"count": 3})["status"] == "accepted"
    again = world.ask("deploy", operator, sources=[form])["result"]
    assert again["forms"] == [{"key": "counting", "version": 2}]
    assert not world.application.deploy(form.encode()), "the very same is there"


@each_database
def test_the_form_of_a_start_is_judged_at_the_engine(world):
    source = one_task('<userTask id="t"/>', key="formed").replace(b'<startEvent id="s"/>', START_FORM.encode())
    world.application.deploy(source)
    refused = world.ask("start", REQUESTER, key="formed", variables={"subject": "ab"})
    assert refused["problem"]["errors"] == [{"field": "subject", "message": "must have at least 3 characters"}]
    assert world.ask("start", REQUESTER, key="formed", variables={"subject": "abc"})["status"] == "accepted"


@each_database
def test_what_a_schema_asks_for_is_judged_whole_in_the_version_it_was_asked_with(world):
    operator = User("admin", ("admins",))
    guests = {"type": "array", "items": {"type": "object", "required": ["name"], "properties": {"name": {}}}}
    asked = {"$id": "stay", "required": ["beds"], "properties": {"beds": {"type": "integer"}, "guests": guests}}
    begins = b'<startEvent id="s" camunda:formRef="stay"/>'
    task = '<userTask id="t" camunda:candidateGroups="approvers" camunda:formRef="stay"/>'
    model = one_task(task, key="staying").replace(b'<startEvent id="s"/>', begins)
    made = world.ask("deploy", operator, sources=[model.decode(), json.dumps(asked)])["result"]
    assert (made["forms"], made["warnings"]) == ([{"key": "stay", "version": 1}], [])
    wrong = {"beds": "2", "guests": [{"name": "Ann"}, {}]}
    errors = [
        {"field": "beds", "message": "must be a whole number"},
        {"field": "guests.1.name", "message": "is required"},
    ]
    assert world.ask("start", REQUESTER, key="staying", variables=wrong)["problem"]["errors"] == errors
    started = world.ask("start", REQUESTER, key="staying", variables={"beds": 1})
    task = next(made["id"] for made in started["produced"] if made["aggregate"] == "task")
    assert task_state(world, task)["formRef"] == {"key": "stay", "version": 1}
    stricter = {**asked, "required": ["beds", "guests"]}
    assert world.ask("deploy", operator, sources=[json.dumps(stricter)])["result"]["forms"][0]["version"] == 2
    world.ask("claim", APPROVERS[0], task)
    refused = world.ask("complete", APPROVERS[0], task, variables=wrong)["problem"]
    assert (refused["type"], refused["errors"]) == ("urn:taskpool:problem/invalid-variables", errors)
    assert task_state(world, task)["state"] == "open"
    assert world.ask("complete", REQUESTER, task, variables=wrong)["problem"]["status"] == 404
    assert world.ask("complete", APPROVERS[0], task, variables={"beds": 2})["status"] == "accepted"


class Watched(Unmetered):
    """Notes in whose name time is spent."""

    def __init__(self):
        self.spent = []

    @contextmanager
    def spending(self, instance_id):
        self.spent.append(instance_id)
        yield


@each_database
def test_who_judges_by_a_schema_is_watched(world):
    meter = Watched()
    world.executor = replace(world.executor, meter=meter)
    begins = b'<startEvent id="s" camunda:formRef="stay"/>'
    task = '<userTask id="t" camunda:candidateGroups="approvers" camunda:formRef="stay"/>'
    model = one_task(task, key="staying").replace(b'<startEvent id="s"/>', begins)
    form = json.dumps({"$id": "stay", "properties": {"beds": {}}})
    world.ask("deploy", User("admin", ("admins",)), sources=[model.decode(), form])
    started = world.ask("start", REQUESTER, key="staying", variables={"beds": 1})
    task = next(made["id"] for made in started["produced"] if made["aggregate"] == "task")
    assert meter.spent == [""]
    world.ask("claim", APPROVERS[0], task)
    world.ask("complete", APPROVERS[0], task, variables={"beds": 1})
    assert meter.spent == ["", started["result"]["processInstanceId"]]


@each_database
def test_a_schema_that_is_none_is_refused_with_its_place(world):
    source = json.dumps({"$id": "stay", "properties": {"beds": {"type": "number", "minimum": "1"}}})
    refused = world.ask("deploy", User("admin", ("admins",)), sources=[source])["problem"]
    assert (refused["status"], refused["path"]) == (422, "/properties/beds/minimum")
    assert refused["detail"] == "the schema at /properties/beds/minimum: '1' is not of type 'number'"
