"""kill -9 at the three points where a lesser design loses or doubles something."""

import json
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from uuid import uuid4

import pika
import pytest

from domain.access import User
from domain.request import Request, to_plain
from domain.values import iso
from store.database import Database
from store.event_queue import EventQueue
from store.exchange import EventExchange
from store.lanes import Leases, prepare_lanes
from store.memory import NoWakeups
from store.topology import DEAD, PROJECTOR, declare
from store.unit_of_work import Store
from store.view_indexes import INDEXES
from store.views import Views, connect
from tasks.application import ProcessApplication
from tasks.carry_out import Executor
from tasks.project import Projector
from tasks.publish import Publisher
from tests.faults.checker import drift

pytestmark = [pytest.mark.servers, pytest.mark.faults]
ROOT = Path(__file__).parents[2]
APPROVER = User("approver1", ("approvers",))


class WholePath:
    """One application's path: its database, the broker, the views."""

    def __init__(self, servers, folder):
        self.sql = f"sqlite:///{folder}/approval.db"
        self.amqp, self.mongo, self.name = servers.amqp_url, servers.mongo_url, f"t{uuid4().hex}"
        self.database = Database(self.sql, "approval")
        self.database.migrate()
        prepare_lanes(self.database)
        declare(self.amqp, ("approval",))
        self.views = connect(self.mongo, self.name)
        Views(self.views).prepare(INDEXES)
        self.store = Store(self.database)
        self.application = ProcessApplication("approval")
        self.application.use(self.store)
        self.application.deploy((ROOT / "examples/approval/approval.bpmn").read_bytes())
        self.executor = Executor(self.store.begin, self.application.engine_of, lambda: datetime.now(UTC))

    def start(self):
        with self.application.unit_of_work() as work:
            return work.engine.start("approve_request", {"subject": "a chair", "amount": 9}, None, "requester1")

    def request(self, action, task, **arguments):
        now = datetime.now(UTC)
        until = iso(now + timedelta(seconds=60))
        return Request(str(uuid4()), "approval", action, APPROVER, iso(now), until, task, arguments)

    def dies(self, point, *more):
        arguments = [
            sys.executable,
            "-m",
            "tests.faults.dying",
            point,
            self.sql,
            self.amqp,
            self.mongo,
            self.name,
            *more,
        ]
        done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == -signal.SIGKILL, done.stderr

    def publish(self):
        exchange = EventExchange(self.amqp)
        Publisher(self.database, exchange, Leases(self.database, "publisher#next"), NoWakeups()).run(0.5, Event())
        exchange.close()

    def project(self):
        queue = EventQueue(self.amqp)
        projector = Projector(Views(self.views), queue.bury)
        seen = 0
        for batch in queue.batches():
            if not batch:
                return seen
            projector.apply(batch)
            queue.acknowledge(batch)
            seen += len(batch)
        return seen

    def open_task(self):
        return self.views.task.find_one({"state": "open"})


@pytest.fixture
def path(servers, tmp_path):
    made = WholePath(servers, tmp_path)
    connection = pika.BlockingConnection(pika.URLParameters(made.amqp))
    channel = connection.channel()
    for queue in (PROJECTOR, DEAD):
        channel.queue_purge(queue)
    connection.close()
    yield made
    made.views.client.drop_database(made.name)
    made.views.client.close()
    made.database.close()


def test_a_publisher_killed_between_publish_and_delete_repeats_and_loses_nothing(path):
    for _ in range(5):
        path.start()
    path.dies("publish")
    path.publish()
    assert path.project() == 2 * 11, "everything came twice"
    assert drift(path.database, "approval", path.views) == []
    assert path.views.task.count_documents({"state": "open"}) == 5


def test_a_projector_killed_between_write_and_ack_projects_again_without_effect(path):
    for _ in range(5):
        path.start()
    path.publish()
    path.dies("project")
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
    path.dies("act", json.dumps(to_plain(request)))
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
    path.views.task.update_one({}, {"$set": {"assignee": "nobody"}})
    assert "another state" in drift(path.database, "approval", path.views)[0]
    path.views.task.delete_one({})
    assert "not in the view" in drift(path.database, "approval", path.views)[0]
    with path.database.transaction() as connection:
        connection.exec_driver_sql("DELETE FROM event WHERE aggregate = 'task'")
        connection.exec_driver_sql("UPDATE instance SET finished = 1")
    found = "\n".join(drift(path.database, "approval", path.views))
    assert "a head without events" in found
    assert "engine has []" in found
