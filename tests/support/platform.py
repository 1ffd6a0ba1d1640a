"""A platform without processes: what is written is shipped straight into real views."""

import json
from dataclasses import dataclass

import pytest

from domain.aggregates.task import AssignTask, ChangeTask, CompleteTask, CreateTask, UserTask
from domain.drift import NOTHING
from domain.identity import Key
from store.fakes.exchange_and_views import NoWakeups
from store.messaging.exchange import Verdicts
from store.outbox.lanes import Leases
from store.repair.ledger import Ledger
from store.repair.view_reader import ViewReader
from store.views.writer import Views
from tasks.project import Projector
from tasks.publish import Publisher
from tasks.repair.compare import Comparison
from tasks.repair.reconcile import Reconciler
from tasks.repair.replay import Replay
from tests.read_side import own_views


@dataclass
class Row:
    body: bytes


class Straight:
    """An exchange whose only listener is a projector, and which that projector is always done with."""

    def __init__(self, views, unwrap=None):
        self.projector = Projector(Views(views), lambda *burial: pytest.fail(str(burial)), unwrap=unwrap)
        self.sent, self.bodies = [], []

    def publish(self, published):
        self.sent += [row.event_id for row in published]
        self.bodies += [row.body for row in published]
        self.projector.apply([Row(row.body.encode()) for row in published])
        return Verdicts(set(range(len(published))))


class Platform:
    def __init__(self, store, documents, unwrap=None):
        self.store, self.documents, self.unwrap = store, documents, unwrap
        self.exchange = Straight(documents, unwrap)
        self.publisher = Publisher(store.database, self.exchange, Leases(store.database, "p#1"), NoWakeups())

    def write(self, name, *commands):
        with self.store.begin() as work:
            for command in commands or [CreateTask(UserTask(name, "app", name=name, candidate_groups=("g",)))]:
                work.collect(Key("app", "task", name), command)

    def ship(self):
        while self.publisher.ship():
            pass
        return 0

    def reconciler(self, waiting=None, forgotten=NOTHING):
        views, ledger = ViewReader(self.documents), Ledger(self.store.database, rows=2)
        comparison = Comparison("app", ledger, views, self.ready, forgotten, self.unwrap)
        return Reconciler({"app": comparison}, "app", views, Replay(self.exchange, waiting or self.ship), pause=0.05)

    @staticmethod
    def ready(state):
        return frozenset(json.loads(state))

    def find(self):
        return self.kinds(self.reconciler().reconcile(repair=False, wait=5).found)

    def repair(self):
        report = self.reconciler().reconcile(repair=True, wait=5)
        return self.kinds(report.found), self.kinds(report.left)

    @staticmethod
    def kinds(drifts):
        return sorted((drift.kind, drift.key.id) for drift in drifts)

    def shown(self):
        return {name: {one["_id"]: one for one in self.documents[name].find()} for name in ("task", "task_history")}


@pytest.fixture(scope="module")
def documents(servers):
    with own_views(servers.mongo_url) as opened:
        yield opened


@pytest.fixture
def platform(store, documents):
    for name in ("task", "task_history", "command"):
        documents[name].delete_many({})
    made = Platform(store, documents)
    for name in "abcde":
        made.write(name)
    made.write("b", AssignTask("ann"))
    made.write("b", ChangeTask({"name": "B"}))
    made.write("c", CompleteTask(by="ann"))
    made.ship()
    return made


def opaque(name):
    return Key("app", "task", name).opaque
