"""What somebody deletes while the system runs is there again within seconds, and people go on working."""

import time

import httpx
import pika
import pytest
from pymongo import MongoClient

pytestmark = [pytest.mark.servers, pytest.mark.timeout(200)]

REQUESTER = ("requester1", "requester1")


def soon(question, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not (answer := question()) and time.monotonic() < deadline:
        time.sleep(0.5)
    return answer


def started(system):
    path = f"{system.url}/api/v1/process-definitions/approval/approve_request/start"
    sent = {"variables": {"subject": "a chair", "amount": 9}}
    answer = httpx.post(path, json=sent, auth=REQUESTER, headers={"Prefer": "wait=5"}, timeout=20)
    return answer.status_code == 201


def test_a_deleted_queue_of_an_engine(running_system):
    assert started(running_system)
    connection = pika.BlockingConnection(pika.URLParameters(running_system.settings.amqp_url))
    connection.channel().queue_delete("engine.approval")
    connection.close()
    assert soon(lambda: started(running_system))
    running_system.wait_until_healthy()


def test_a_dropped_collection_of_the_views(running_system):
    settings = running_system.settings
    with MongoClient(settings.mongo_url) as client:
        views = client[settings.mongo_database]
        [name] = [each for each in views.list_collection_names() if each.startswith("task_history")]
        views[name].drop()

        def whole():
            options = next((each.get("options", {}) for each in views.list_collections(filter={"name": name})), {})
            return options.get("changeStreamPreAndPostImages") and "of_task" in views[name].index_information()

        assert soon(whole)
    assert started(running_system)
    unready = httpx.get(f"{running_system.url}/readyz")
    assert (unready.status_code, list(unready.json()["reasons"])) == (503, ["views"])
    assert unready.json()["reasons"]["views"].startswith(f"{name} was dropped")
    # What was in it is lost until somebody lets the log tell it again.
    assert running_system.command("reconcile").returncode == 1
    mended = running_system.command("reconcile", "--repair")
    assert mended.returncode == 0, mended.stdout + mended.stderr
    assert httpx.get(f"{running_system.url}/readyz").status_code == 200
