"""MongoDB fails over in the middle of a batch: a replica set of three loses its primary, the projector nothing."""

import signal
import subprocess
import threading
import time
from contextlib import ExitStack

import orjson
import pytest
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from domain.aggregates.advance import Head, Origin, advance
from domain.aggregates.task import AssignTask, CreateTask, UserTask
from domain.errors import StoreUnavailable
from domain.events.envelope import to_cloudevent
from domain.identity import Key
from store.messaging.event_queue import Delivery
from store.views.indexes import indexes
from store.views.writer import Views, connect
from tasks.project import Projector
from workers.system.record import free_port
from workers.system.servers import mongodb

pytestmark = [
    pytest.mark.servers,
    pytest.mark.faults,
    # The drivers' own threads meet the dead primary as well.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning"),
]
TASKS, BATCHES = 40, 60


class Member:
    """One mongod, of the version and with the arguments that a system starts."""

    def __init__(self, home):
        self.port = free_port()
        self._command = mongodb(home, {"TASKPOOL_MONGO_PORT": str(self.port)}).command
        self.start()

    def start(self):
        self.process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=10)


@pytest.fixture
def members(tmp_path):
    with ExitStack() as stack:
        started = []
        for number in range(3):
            started.append(Member(tmp_path / str(number)))
            stack.callback(started[-1].kill)
        hosts = [{"_id": number, "host": f"127.0.0.1:{member.port}"} for number, member in enumerate(started)]
        with MongoClient("127.0.0.1", started[0].port, directConnection=True) as client:
            quick = {"electionTimeoutMillis": 1000, "heartbeatIntervalMillis": 300}
            config = {"_id": "rs0", "members": hosts, "settings": quick}
            patiently(lambda: client.admin.command("replSetInitiate", config))
        yield started


@pytest.fixture
def views(members):
    hosts = ",".join(f"127.0.0.1:{member.port}" for member in members)
    opened = connect(f"mongodb://{hosts}/?replicaSet=rs0", "views")
    patiently(lambda: Views(opened).prepare(indexes()))
    yield opened
    opened.client.close()


def patiently(work):
    """As the projector does: whatever is away is waited for."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return work()
        except (StoreUnavailable, PyMongoError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def batches():
    """Every task is assigned anew in every batch."""
    heads = [Head(Key("app", "task", f"t{number}"), 1, 0, None) for number in range(TASKS)]
    for count in range(BATCHES):
        events = []
        for number, head in enumerate(heads):
            command = AssignTask(f"u{count}") if head.revision else CreateTask(UserTask(head.key.id, "app"))
            heads[number], made = advance(head, [command], Origin("2026-01-01T00:00:00.000Z"))
            events += made
        yield [Delivery(0, orjson.dumps(to_cloudevent(event)), "", None, 0) for event in events]


def test_a_primary_that_dies_in_the_middle_of_batches_loses_nothing(members, views):
    applied, failures, killed = threading.Event(), [], []

    def lose_the_primary():
        applied.wait(30)
        port = views.client.primary[1]
        others = [member for member in members if member.port != port]
        for member in others:
            member.kill()
        # What only the primary takes now dies with it.
        time.sleep(0.5)
        next(member for member in members if member.port == port).kill()
        for member in others:
            member.start()
        killed.append(port)

    killer = threading.Thread(target=lose_the_primary)
    killer.start()
    projector = Projector(Views(views), lambda _, reason: failures.append(reason))
    for count, batch in enumerate(batches()):
        patiently(lambda batch=batch: projector.apply(batch))
        if count == BATCHES // 4:
            applied.set()
    killer.join()
    assert (views.client.primary or (None, None))[1] not in killed
    assert failures == []
    assert {task["revision"] for task in views.task.find()} == {BATCHES}
    assert views.task.count_documents({}) == TASKS
    assert views.task_history.count_documents({}) == TASKS * BATCHES
