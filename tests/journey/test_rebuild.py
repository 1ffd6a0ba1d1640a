"""A running system whose views are made anew from the logs while people work, with deaths and pauses in between."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time

import httpx
import pytest

from domain.aggregates.register import collections
from store.views.generations import Generations, ViewPointer, collection_name
from store.views.writer import connect
from tests.system.running import TASKPOOL, RunningSystem, temporary_home
from workers.system.record import free_port

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def system():
    """Of its own: what it shows is another generation afterwards."""
    with temporary_home() as home:
        mine = RunningSystem(home, free_port())
        try:
            mine.up()
            yield mine
        finally:
            mine.down()


@pytest.fixture
def views(system):
    settings = system.settings
    opened = connect(settings.mongo_url, settings.mongo_database)
    yield opened
    opened.client.close()


def client(system, name):
    return httpx.Client(base_url=f"{system.url}/api/v1", auth=(name, name), timeout=70)


def started(people, subject="a chair"):
    body = {"variables": {"subject": subject, "amount": 90}}
    answer = people.post("/process-definitions/approval/approve_request/start", json=body)
    assert answer.status_code in {201, 202}, answer.text
    return answer


class Work:
    """Somebody starts instances all the time, and approves every other."""

    def __init__(self, system):
        self.system, self.count = system, 0
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join(70)

    def run(self):
        with client(self.system, "requester1") as asking, client(self.system, "approver1") as approving:
            while not self.stop.is_set():
                answer = started(asking, "while it is rebuilt")
                self.count += 1
                if answer.status_code == 201 and self.count % 2:
                    mine = {"filter": f"task.processInstanceId = {answer.json()['processInstanceId']}"}
                    for task in approving.get("/tasks", params=mine).json()["items"]:
                        approving.post(f"/tasks/{task['id']}/claim")
                        done = {"variables": {"decision": "APPROVE"}}
                        approving.post(f"/tasks/{task['id']}/complete", json=done)
                time.sleep(0.02)


def listed(people):
    page = people.get("/tasks", params={"size": 200}).json()
    return {task["id"] for task in page["items"]}, page["cursor"]


def eventually(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def rebuilding(system):
    return subprocess.Popen(
        [TASKPOOL, "rebuild"], env=system.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def paused(system, name):
    """Its pid, stopped."""
    return system.kill(name, signal.SIGSTOP)


def test_a_rebuild_that_dies_is_continued_while_people_work_and_screens_follow(system, views):
    pointer = ViewPointer(views)
    with client(system, "requester1") as asking, client(system, "approver2") as watching:
        for _ in range(5):
            started(asking)

        engine = paused(system, "engine.approval")
        first = rebuilding(system)
        eventually(lambda: pointer.now().filling == 2)
        second = system.command("rebuild")
        assert (second.returncode, "Another rebuild is under way" in second.stderr) == (1, True)
        first.kill()
        first.communicate()
        os.kill(engine, signal.SIGCONT)
        assert pointer.now() == Generations(live=1, filling=2)

        with Work(system) as work:
            eventually(lambda: work.count > 3)
            projector = paused(system, "projector")
            again = rebuilding(system)
            time.sleep(2)
            os.kill(projector, signal.SIGCONT)
            out, errors = again.communicate(timeout=200)
            assert again.returncode == 0, f"{out}{errors}"
            assert "Generation 2 is live" in out
            assert pointer.now() == Generations(live=2, kept=1)
            eventually(lambda: work.count > 6)

        _, cursor = listed(watching)
        assert agreed(system)
        assert views[collection_name("task", 1)].count_documents({}) == views["task.g2"].count_documents({}) > 10
        told = watching.get("/tasks/changes", params={"cursor": cursor, "wait": 0}).json()
        assert not told["reset"]


def test_a_held_poll_is_told_to_read_again_and_goes_on_in_the_new_generation(system, views):
    assert system.command("rebuild", "--drop-others").returncode == 0
    names = views.list_collection_names()
    assert not [base for base in collections() if collection_name(base, 1) in names]
    with client(system, "requester1") as asking, client(system, "approver2") as watching:
        _, cursor = listed(watching)
        held = Held(watching, cursor)
        done = system.command("rebuild")
        assert done.returncode == 0, done.stderr
        assert held.answer()["reset"]
        before, cursor = listed(watching)
        held = Held(watching, cursor)
        instance = started(asking, "after all that").json()["processInstanceId"]
        (entered,) = held.answer()["entered"]
        assert entered["processInstanceId"] == instance
        assert listed(watching)[0] == before | {entered["id"]}
        claimed = watching.post(f"/tasks/{entered['id']}/claim")
        assert (claimed.status_code, claimed.json()["assignee"]) == (200, "approver2")
        assert ViewPointer(views).now() == Generations(live=3, kept=2)
    assert agreed(system)


class Held:
    """A long poll in a thread."""

    def __init__(self, people, cursor):
        self.result = None
        self.people, self.cursor = people, cursor
        self.thread = threading.Thread(target=self.run)
        self.thread.start()
        time.sleep(0.3)

    def run(self):
        self.result = self.people.get("/tasks/changes", params={"cursor": self.cursor, "wait": 60}).json()

    def answer(self):
        self.thread.join(65)
        return self.result


def agreed(system):
    done = system.command("reconcile")
    return done.returncode == 0 or pytest.fail(done.stdout + done.stderr)
