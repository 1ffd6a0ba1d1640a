"""Messages and signals, and what operators do to instances by hand: as commands, once, with who and why."""

import json

import pytest

from domain.access import User
from domain.identity import Key
from store.engine.due import due_instances
from store.engine.incidents import Incidents
from store.engine.jobs import Jobs, Taker, Wanted
from store.sql.database import clock
from tests.engines.world import bpmn, flows
from tests.store.databases import each_database, rows
from tests.support.carrying_out import APPROVERS, World

ADMIN = User("admin", ("admins",))
SERVICE = User("service:pay", (), "approval")
TIMER = '<boundaryEvent id="b" attachedToRef="t"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
MINE = 'camunda:assignee="admin"'
BODY = (
    f'<startEvent id="s"/><userTask id="t" {MINE}/><userTask id="next" {MINE}/><endEvent id="e"/><endEvent id="e2"/>'
    f"{TIMER}</timerEventDefinition></boundaryEvent>" + flows("s", "t", "next", "e") + flows("b", "e2")
)
FIRST = bpmn(BODY)
SHORTER = bpmn(
    f'<startEvent id="s"/><userTask id="t" {MINE}/><endEvent id="e"/><endEvent id="e2"/>{TIMER}'
    "</timerEventDefinition></boundaryEvent>" + flows("s", "t", "e") + flows("b", "e2")
)
SECOND = bpmn(BODY.replace('id="next"', 'id="next" name="Other"'))
THIRD = bpmn('<startEvent id="s"/><userTask id="gone"/><endEvent id="e"/>' + flows("s", "gone", "e"))
EXTERNAL = bpmn(
    '<startEvent id="s"/><serviceTask id="pay" camunda:type="external" camunda:topic="payments"/><endEvent id="e"/>'
    + flows("s", "pay", "e"),
    key="x",
)


def waiting(kind, name, *, starts=False):
    event = f'<{kind}EventDefinition {kind}Ref="m"/>'
    begin = f'<startEvent id="s">{event}</startEvent>' if starts else '<startEvent id="s"/>'
    caught = "" if starts else f'<intermediateCatchEvent id="c">{event}</intermediateCatchEvent>'
    chain = ("s", "t", "e") if starts else ("s", "c", "t", "e")
    body = f'{begin}{caught}<userTask id="t"/><endEvent id="e"/>{flows(*chain)}'
    named = f'<{kind} id="m" name="{name}"/></definitions>'
    return bpmn(body, key="starts" if starts else "waits").replace(b"</definitions>", named.encode())


@pytest.fixture
def world(store):
    return World(store)


def deploy(world, source):
    outcome = world.ask("deploy", ADMIN, source=source.decode())
    return outcome["result"]["definitions"][0]["definitionId"]


def begin(world, key="p", **more):
    outcome = world.ask("start", ADMIN, key=key, variables={"amount": 5}, **more)
    assert outcome["status"] == "accepted", outcome
    return outcome["result"]["processInstanceId"]


def open_tasks(world, instance_id):
    with world.store.begin() as work:
        return work.heads.open_tasks("approval", instance_id)


def head(world, aggregate, identifier):
    with world.store.begin() as work:
        return work.heads.peek(Key("approval", aggregate, identifier)).state


def event(world, routing_key):
    """What was told last under this key."""
    found = rows(world.store, f"SELECT body FROM event WHERE routing_key = '{routing_key}' ORDER BY position DESC")
    return json.loads(found[0][0])["data"]["changes"]


def problem(outcome):
    assert outcome["status"] == "rejected", outcome
    return outcome["problem"]["status"], outcome["problem"]["type"].rpartition("/")[2]


@each_database
def test_a_message_reaches_the_one_that_waits_or_starts_one(world):
    deploy(world, waiting("message", "paid"))
    deploy(world, waiting("message", "ordered", starts=True))
    first, second = (begin(world, "waits", businessKey=key) for key in ("K-1", "K-2"))
    assert problem(world.ask("correlate", SERVICE, name="paid")) == (409, "ambiguous")
    outcome = world.ask("correlate", SERVICE, name="paid", businessKey="K-2", variables={"sum": 7})
    assert outcome["result"] == {"processInstanceId": second, "started": None}
    assert {made["aggregate"] for made in outcome["produced"]} == {"task"}
    [task] = open_tasks(world, second)
    assert head(world, "task", task)["payload"] == {"amount": 5, "sum": 7}
    assert open_tasks(world, first) == []
    outcome = world.ask("correlate", ADMIN, name="paid", processInstanceId=first)
    assert outcome["result"]["processInstanceId"] == first
    assert problem(world.ask("correlate", ADMIN, name="paid")) == (404, "not-found")
    outcome = world.ask("correlate", ADMIN, name="ordered", businessKey="K-9")
    assert outcome["result"]["started"] == "starts"
    assert head(world, "process_instance", outcome["result"]["processInstanceId"])["businessKey"] == "K-9"


@each_database
def test_a_signal_reaches_all_and_starts_what_it_starts(world):
    deploy(world, waiting("signal", "go"))
    deploy(world, waiting("signal", "go", starts=True))
    reached = sorted(begin(world, "waits") for _ in range(2))
    result = world.ask("signal", SERVICE, name="go", variables={"x": 1})["result"]
    assert result["processInstanceIds"] == reached
    assert len(result["started"]) == 1
    assert world.ask("signal", ADMIN, name="nothing")["result"] == {"processInstanceIds": [], "started": []}


@pytest.mark.parametrize("action", ["correlate", "signal"])
@each_database
def test_only_operators_and_services_of_the_application_send_events(world, action):
    for user in (APPROVERS[0], User("service:other", (), "other")):
        assert problem(world.ask(action, user, name="paid")) == (403, "not-allowed")


@each_database
def test_the_same_command_is_carried_out_once(world):
    deploy(world, waiting("message", "ordered", starts=True))
    request = world.request("correlate", ADMIN, name="ordered")
    for _ in range(2):
        world.carry_out(request)
    assert rows(world.store, "SELECT count(*) FROM instance") == [(1,)]


@each_database
def test_only_operators_change_instances(world):
    deploy(world, FIRST)
    instance_id = begin(world)
    for action in ("suspend", "resume", "set_variables", "move", "migrate"):
        for user in (APPROVERS[0], SERVICE):
            assert problem(world.ask(action, user, processInstanceId=instance_id)) == (403, "not-allowed")
        found = problem(world.ask(action, ADMIN, processInstanceId="nothing", to="nothing"))
        assert found == (404, "not-found"), action


@each_database
def test_a_suspended_instance_rests_until_it_is_resumed(world):
    deploy(world, FIRST)
    instance_id = begin(world)
    [task] = open_tasks(world, instance_id)
    for _ in range(2):
        assert world.ask("suspend", ADMIN, processInstanceId=instance_id, reason="audit")["status"] == "accepted"
    state = head(world, "process_instance", instance_id)
    assert (state["state"], state["deleteReason"], state["endTime"]) == ("SUSPENDED", None, None)
    assert event(world, "process_instance.suspended.approval") == {"state": "SUSPENDED", "reason": "audit"}
    assert event(world, "task.attributes_changed.approval") == {"suspended": True}
    for action in ("complete", "claim", "unclaim", "assign", "delegate", "resolve"):
        assert problem(world.ask(action, ADMIN, task, assignee="ann", groups=[])) == (409, "suspended")
    with world.store.database.transaction() as connection:
        assert due_instances(connection, "2099") == []
    assert world.ask("resume", ADMIN, processInstanceId=instance_id, reason="done")["status"] == "accepted"
    with world.store.database.transaction() as connection:
        assert due_instances(connection, "2099") == [instance_id]
    assert head(world, "process_instance", instance_id)["state"] == "RUNNING"
    assert head(world, "task", task)["suspended"] is False
    assert world.ask("complete", ADMIN, task, variables={})["status"] == "accepted"
    assert world.ask("cancel", ADMIN, processInstanceId=instance_id)["status"] == "accepted"
    assert problem(world.ask("suspend", ADMIN, processInstanceId=instance_id)) == (409, "already-completed")


@each_database
def test_jobs_and_events_of_a_suspended_instance_are_not_given_to_anybody(world):
    deploy(world, EXTERNAL)
    deploy(world, waiting("message", "paid"))
    for key in ("x", "waits"):
        world.ask("suspend", ADMIN, processInstanceId=begin(world, key))
    wanted, taker = [Wanted("payments", 60)], Taker("w", 10)
    with world.store.database.transaction() as connection:
        jobs, now = Jobs(connection, "approval"), clock(connection)
        [(job_id,)] = connection.exec_driver_sql("SELECT job_id FROM job")
        assert not jobs.is_wanted("external", wanted, now)
        assert jobs.take("external", wanted, taker, now) == []
        assert jobs.lock(job_id, "w", now + 60, now) is None
    assert problem(world.ask("correlate", ADMIN, name="paid")) == (404, "not-found")
    for (instance_id,) in rows(world.store, "SELECT instance_id FROM instance"):
        world.ask("resume", ADMIN, processInstanceId=instance_id)
    with world.store.database.transaction() as connection:
        assert len(Jobs(connection, "approval").take("external", wanted, taker, clock(connection))) == 1
    assert world.ask("correlate", ADMIN, name="paid")["status"] == "accepted"


@each_database
def test_what_was_called_rests_with_its_caller(world):
    deploy(world, FIRST)
    caller = '<startEvent id="s"/><callActivity id="c" calledElement="p"/><endEvent id="e"/>' + flows("s", "c", "e")
    deploy(world, bpmn(caller, key="caller"))
    instance_id = begin(world, "caller")
    [(called,)] = rows(world.store, "SELECT instance_id FROM instance WHERE root_id IS NOT NULL")
    assert problem(world.ask("suspend", ADMIN, processInstanceId=called)) == (409, "was-called")
    world.ask("suspend", ADMIN, processInstanceId=instance_id)
    for one in (instance_id, called):
        assert head(world, "process_instance", one)["state"] == "SUSPENDED"


@each_database
def test_variables_are_changed_and_it_is_told_which_and_why(world):
    deploy(world, FIRST)
    instance_id = begin(world)
    said = {"variables": {"amount": 7, "more": [1]}, "removed": ["less"], "reason": "a mistake"}
    assert world.ask("set_variables", ADMIN, processInstanceId=instance_id, **said)["status"] == "accepted"
    [task] = open_tasks(world, instance_id)
    assert head(world, "task", task)["payload"] == {"amount": 7, "more": [1]}
    told = event(world, "process_instance.altered.approval")
    details = {"set": ["amount", "more"], "removed": ["less"]}
    assert told == {"action": "variables", "operator": "admin", "reason": "a mistake", "details": details}


@each_database
def test_an_instance_is_moved(world):
    deploy(world, FIRST)
    instance_id = begin(world)
    [task] = open_tasks(world, instance_id)
    said = {"from": "t", "to": "next", "reason": "agreed"}
    assert world.ask("move", ADMIN, processInstanceId=instance_id, **said)["status"] == "accepted"
    assert (head(world, "task", task)["state"], head(world, "task", task)["deleteReason"]) == ("deleted", "agreed")
    [after] = open_tasks(world, instance_id)
    assert head(world, "task", after)["taskDefinitionKey"] == "next"
    assert event(world, "process_instance.altered.approval")["details"] == {"from": "t", "to": "next"}
    assert problem(world.ask("move", ADMIN, processInstanceId=instance_id, **said)) == (422, "cannot-move")
    assert world.ask("move", ADMIN, processInstanceId=instance_id, **{"from": "next"})["status"] == "accepted"
    assert head(world, "process_instance", instance_id)["state"] == "FINISHED"
    told = event(world, "process_instance.altered.approval")
    assert (told["reason"], told["details"]) == (None, {"from": "next", "to": None})


@each_database
def test_one_instance_becomes_one_of_another_version(world):
    deploy(world, FIRST)
    instance_id = begin(world)
    with world.store.database.transaction() as connection:
        assert Incidents(connection).open(instance_id, "timer", "t", {"detail": "d"}, 5)
    [task] = open_tasks(world, instance_id)
    target, other = deploy(world, SECOND), deploy(world, THIRD)
    ask = {"processInstanceId": instance_id, "reason": "new form"}
    assert world.ask("migrate", ADMIN, to=target, dryRun=True, **ask)["result"]["migrated"] == [instance_id]
    assert head(world, "process_instance", instance_id)["processDefinitionId"] != target
    refused = world.ask("migrate", ADMIN, to=other, **ask)
    assert problem(refused) == (422, "cannot-migrate")
    assert refused["problem"]["problems"] == ["'t' is not there in version 3", "'b' is not there in version 3"]
    assert world.ask("migrate", ADMIN, to=target, **ask)["result"]["migrated"] == [instance_id]
    assert head(world, "process_instance", instance_id)["processDefinitionId"] == target
    assert rows(world.store, "SELECT definition_id FROM instance UNION SELECT definition_id FROM incident") == [
        (target,)
    ]
    assert open_tasks(world, instance_id) == [task]
    assert event(world, "process_instance.altered.approval")["details"]["to"] == target
    assert event(world, "task.migrated.approval") == {"processDefinitionId": target}
    assert head(world, "task", task)["processDefinitionId"] == target
    world.ask("complete", ADMIN, task, variables={})
    [after] = open_tasks(world, instance_id)
    assert head(world, "task", after)["name"] == "Other"


@each_database
def test_all_that_can_are_migrated_and_of_the_others_it_is_said_why(world, monkeypatch):
    monkeypatch.setattr("tasks.alter.MOST_AT_ONCE", 2)
    source = deploy(world, FIRST)
    instances = sorted(begin(world) for _ in range(3))
    for task in open_tasks(world, instances[1]):
        world.ask("complete", ADMIN, task, variables={})
    target = deploy(world, SHORTER)
    left = {"processInstanceId": instances[1], "problems": ["'next' is not there in version 2"]}
    ask = {"from": source, "to": target, "reason": "shorter"}
    for dry_run in (True, False):
        first = world.ask("migrate", ADMIN, dryRun=dry_run, **ask)["result"]
        assert first == {"migrated": [instances[0]], "left": [left], "next": instances[1]}
    last = world.ask("migrate", ADMIN, after=instances[1], **ask)["result"]
    assert last == {"migrated": [instances[2]], "left": [], "next": None}
    assert rows(world.store, f"SELECT count(*) FROM instance WHERE definition_id = '{target}'") == [(2,)]
    assert world.ask("migrate", ADMIN, **ask)["result"] == {"migrated": [], "left": [left], "next": None}
    assert problem(world.ask("migrate", ADMIN, **{**ask, "to": "x"})) == (404, "not-found")
    assert problem(world.ask("migrate", APPROVERS[0], **ask)) == (403, "not-allowed")
