"""kill -9 at the three points where a lesser design loses or doubles something."""

import json
import signal
import subprocess
import sys

import pytest

from domain.requests.request import to_plain
from tests.faults.checker import drift
from tests.faults.path import ROOT

pytestmark = [pytest.mark.servers, pytest.mark.faults]


def dies(path, point, *more):
    """Another process does its work up to this point, and is killed there."""
    arguments = [sys.executable, "-m", "tests.faults.dying", point, path.sql, path.amqp, path.mongo, path.name, *more]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr


def test_a_publisher_killed_between_publish_and_delete_repeats_and_loses_nothing(path):
    for _ in range(5):
        path.start()
    dies(path, "publish")
    path.publish()
    assert path.project() == 2 * 11, "everything came twice"
    assert drift(path.database, "approval", path.views) == []
    assert path.views.task.count_documents({"state": "open"}) == 5


def test_a_projector_killed_between_write_and_ack_projects_again_without_effect(path):
    for _ in range(5):
        path.start()
    path.publish()
    dies(path, "project")
    assert drift(path.database, "approval", path.views) == [], "it had written everything before it died"
    assert path.project() == 11, "and everything is delivered again"
    assert drift(path.database, "approval", path.views) == []


def test_an_engine_worker_killed_between_act_and_commit_leaves_nothing_and_acts_once_afterwards(path):
    path.start()
    path.publish()
    path.project()
    task = path.open_task()["engineTaskId"]
    path.executor.carry_out(path.request("claim", task))
    request = path.request("complete", task, variables={"decision": "RETURN"})
    dies(path, "act", json.dumps(to_plain(request)))
    path.publish()
    path.project()
    assert drift(path.database, "approval", path.views) == []
    assert path.open_task()["engineTaskId"] == task, "nothing of the killed attempt is left"
    for _ in range(2):
        path.executor.carry_out(request)
    path.publish()
    path.project()
    assert drift(path.database, "approval", path.views) == []
    assert path.views["command"].find_one({"commandId": request.command_id})["status"] == "accepted"
    assert path.open_task()["taskDefinitionKey"] == "amend"
    assert path.views.task.count_documents({"state": "completed"}) == 1


def test_the_checker_sees_what_it_is_for(path):
    path.start()
    path.publish()
    path.project()
    assert path.violations() == set()
    path.views.task.update_one({}, {"$set": {"assignee": "nobody"}})
    assert any("another state of ['assignee']" in found for found in drift(path.database, "approval", path.views))
    path.views.task.delete_one({})
    assert any("not in the view" in found for found in drift(path.database, "approval", path.views))
    path.views.task_history.delete_one({})
    with path.database.transaction() as connection:
        connection.exec_driver_sql("DELETE FROM event WHERE aggregate = 'process_instance'")
        connection.exec_driver_sql("UPDATE instance SET finished = 1")
    found = "\n".join(drift(path.database, "approval", path.views))
    assert "a head without events" in found
    assert "the log has open tasks of instances that have none" in found
    assert "1 events are not in the history" in found
    assert path.violations() >= {"log", "view", "history", "engine", "wire"}
