"""A running system whose views were damaged by hand: reconciling says what is wrong, mends it, and is content."""

import json

import httpx
import pytest
from sqlalchemy import text

from domain.identity import Key
from store.sql.database import Database
from store.views.writer import connect

pytestmark = pytest.mark.servers


@pytest.fixture
def views(running_system):
    settings = running_system.settings
    opened = connect(settings.mongo_url, settings.mongo_database)
    yield opened
    opened.client.close()


def started(system, count):
    path = "/process-definitions/approval/approve_request/start"
    with httpx.Client(base_url=f"{system.url}/api/v1", auth=("requester1", "requester1"), timeout=70) as client:
        answers = [client.post(path, json={"variables": {"subject": "a chair", "amount": n}}) for n in range(count)]
    assert {answer.status_code for answer in answers} == {201}
    return [answer.json()["processInstanceId"] for answer in answers]


def reconciled(system, *options):
    done = system.command("reconcile", "--json", *options)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_damage_is_reported_repaired_and_gone(running_system, views):
    instances = started(running_system, 3)
    code, report = reconciled(running_system)
    assert (code, report["drift"], report["inFlight"]) == (0, [], [])
    deleted, changed, forgotten = (views["task"].find_one({"processInstanceId": name}) for name in instances)
    ghost = Key("approval", "task", "nobody").opaque
    views["task"].delete_one({"_id": deleted["_id"]})
    views["task"].update_one({"_id": changed["_id"]}, {"$set": {"assignee": "eve", "principals": ["user:eve"]}})
    views["task_history"].delete_many({"taskKey": forgotten["_id"]})
    views["task"].insert_one({**changed, "_id": ghost, "subject": "nobody"})
    wrong = {("missing", deleted["_id"]), ("differs", changed["_id"]), ("history", forgotten["_id"]), ("ghost", ghost)}

    code, report = reconciled(running_system)
    assert (code, report["left"]) == (1, 4)
    assert {(drift["kind"], drift["key"]) for drift in report["drift"]} == wrong

    code, report = reconciled(running_system, "--repair")
    assert (code, report["left"]) == (0, 0)
    assert {(drift["kind"], drift["key"]) for drift in report["drift"] if drift["repaired"]} == wrong

    done = running_system.command("reconcile")
    assert (done.returncode, done.stdout.strip().rpartition(", ")[2]) == (0, "no drift.")
    for task in (deleted, changed, forgotten):
        assert views["task"].find_one({"_id": task["_id"]}) == task
    assert views["task"].find_one({"_id": ghost}) is None


def test_views_that_know_more_than_a_restored_log_are_overruled_by_a_new_generation(running_system, views):
    (instance,) = started(running_system, 1)
    task = views["task"].find_one({"processInstanceId": instance})
    views["task"].update_one({"_id": task["_id"]}, {"$inc": {"revision": 7}, "$set": {"state": "completed"}})
    code, report = reconciled(running_system, "--repair")
    assert (code, [(drift["kind"], drift["key"]) for drift in report["drift"]]) == (0, [("ahead", task["_id"])])
    shown = views["task"].find_one({"_id": task["_id"]})
    assert (shown["state"], shown["generation"], shown["revision"]) == ("open", 2, task["revision"] + 1)
    with httpx.Client(base_url=f"{running_system.url}/api/v1", auth=("approver1", "approver1"), timeout=70) as client:
        assert client.post(f"/tasks/{task['_id']}/claim").json()["assignee"] == "approver1"
        done = client.post(f"/tasks/{task['_id']}/complete", json={"variables": {"decision": "APPROVE"}})
        assert done.json()["state"] == "completed"
    assert reconciled(running_system)[0] == 0


def test_a_replay_of_everything_changes_nothing(running_system, views):
    started(running_system, 2)
    before = {one["_id"]: one for one in views["task"].find({"application": "approval"})}
    done = running_system.command("replay", "--application", "approval")
    assert done.returncode == 0, done.stderr
    assert "events sent to the views again" in done.stdout
    assert reconciled(running_system)[0] == 0
    assert {one["_id"]: one for one in views["task"].find({"application": "approval"})} == before


def test_an_import_publishes_what_the_engine_has_and_the_log_has_not(running_system):
    (instance,) = started(running_system, 1)
    database = Database(running_system.settings.database_url("approval"), "approval")
    with database.transaction() as connection:
        wanted = text("SELECT id FROM aggregate WHERE aggregate = 'task' AND state LIKE :instance")
        name = connection.scalar(wanted, {"instance": f"%{instance}%"})
        connection.execute(text("DELETE FROM event WHERE aggregate_id = :id"), {"id": name})
        connection.execute(text("DELETE FROM aggregate WHERE id = :id"), {"id": name})
    database.close()
    done = running_system.command("import-tasks", "--application", "approval")
    assert (done.returncode, "1 tasks published, 0 ended" in done.stdout) == (0, True), done.stderr
    # The views had it by an event that was lost with the log.
    assert reconciled(running_system, "--repair")[0] == 0
    again = running_system.command("import-tasks", "--application", "approval")
    assert "0 tasks published, 0 ended" in again.stdout
    refused = running_system.command("import-tasks", "--application", "nobody")
    assert (refused.returncode, "nobody has no engine here" in refused.stderr) == (2, True)
