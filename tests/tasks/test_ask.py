"""Asking with a key, as the web does: what was not begun may be tried again, what was done is done once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.access import User
from domain.aggregates.command import Outcome, RecordOutcome
from domain.aggregates.register import KINDS
from domain.errors import EngineUnreachable
from domain.requests.request import Request
from domain.values import iso
from store.events.unit_of_work import Store
from store.outbox.admission import OutboxGauge
from store.retention.documents import ViewCleaning
from store.retention.rows import Cleaning
from store.views.commands import CommandView
from tasks.ask import Asking
from tasks.carry_out import Executor
from tests.store.databases import each_database, rows
from tests.support.platform import Platform, documents

__all__ = ["documents"]

pytestmark = pytest.mark.servers

ANN = User("ann", ())


class Machine:
    """An engine that only counts what it started."""

    def __init__(self):
        self.started = []

    def start(self, key, *_):
        self.started.append(key)
        return f"i{len(self.started)}"


class Desk:
    """The web's side and the engine's on one store, with nothing between them but a projector."""

    def __init__(self, database, documents):
        self.clock, self.away, self.deaf, self.sent = datetime(2026, 1, 1, tzinfo=UTC), False, False, []
        self.store = Store(database, gauge=OutboxGauge(seconds=0.0))
        self.platform, self.documents, self.machine = Platform(self.store, documents), documents, Machine()
        self.executor = Executor(self.store.begin, lambda _work: self.machine, lambda: self.clock)
        self.asking = Asking(CommandView(documents), self, self, self.store, ("app",))

    def full(self, full):
        self.store = replace(self.store, gauge=OutboxGauge(-1 if full else 1000, seconds=0.0))
        self.executor = replace(self.executor, begin=self.store.begin)

    def request(self, **changes):
        self.clock += timedelta(seconds=1)
        until = iso(self.clock + timedelta(seconds=60))
        return replace(Request("c1", "app", "start", ANN, iso(self.clock), until, None, {"key": "pay"}), **changes)

    def ask(self, request=None):
        return self.asking.ask(request or self.request(), None, 1.0)

    def send(self, request):
        if self.away:
            raise EngineUnreachable
        self.sent.append(request)
        if not request.outside and not self.deaf:
            self.executor.carry_out(request)

    def command(self, _):
        return None

    def wait_documents(self, targets, timeout):
        self.platform.ship()
        found = {name: self.documents[name[0]].find_one({"_id": name[1]}) for name in targets}
        return all(
            document and (document["generation"], document["revision"]) >= targets[name]
            for name, document in found.items()
        )

    def forget(self):
        with self.store.database.transaction() as connection:
            Cleaning(connection).inbox(-1.0, 100)
        ViewCleaning(self.documents).over(KINDS["command"], "9999", 100)


@pytest.fixture
def desk(database, documents):
    documents["command"].delete_many({})
    return Desk(database, documents)


@each_database
def test_a_key_that_was_refused_for_a_full_outbox_may_be_tried_again(desk):
    desk.full(True)
    refused = desk.ask()
    assert (refused.status, refused.problem["status"], desk.machine.started) == ("rejected", 503, [])
    assert desk.ask().problem["status"] == 503
    desk.full(False)
    assert [desk.ask().status for _ in range(3)] == ["accepted"] * 3
    assert desk.machine.started == ["pay"]


@each_database
def test_a_repeat_that_is_on_its_way_is_not_given_the_answer_to_an_earlier_asking(desk):
    desk.full(True)
    assert desk.ask().problem["status"] == 503
    desk.full(False)
    desk.deaf = True
    assert desk.ask().status == "pending"
    desk.deaf = False
    desk.executor.carry_out(desk.sent[-1])
    assert desk.machine.started == ["pay"]


@each_database
@pytest.mark.parametrize("outside", [False, True])
def test_a_repeat_that_cannot_be_sent_does_not_deny_what_was(desk, outside):
    """Whoever was answered 202 and asks again while the broker is away must not hear that nothing was done."""
    request = desk.request(outside=outside)
    desk.deaf = True
    assert desk.ask(request).status == "pending"
    desk.away = True
    assert desk.ask(request).status == "pending"
    desk.away = desk.deaf = False
    if outside:
        answer(desk, "accepted")
    else:
        desk.executor.carry_out(desk.sent[0])
    assert desk.ask(request).status == "accepted"


@each_database
def test_what_was_never_sent_is_denied_and_forgotten(desk):
    desk.away = True
    for _ in range(2):
        with pytest.raises(EngineUnreachable):
            desk.ask()
    assert desk.documents["command"].count_documents({}) == 0


@each_database
def test_a_refused_asking_that_is_delivered_again_does_nothing(desk):
    desk.full(True)
    desk.ask()
    desk.full(False)
    desk.executor.carry_out(desk.sent[0])
    assert desk.machine.started == []
    assert desk.ask().status == "accepted"
    for request in desk.sent:
        desk.executor.carry_out(request)
    assert desk.machine.started == ["pay"]


@each_database
def test_a_key_that_is_forgotten_is_a_new_one(desk):
    assert [desk.ask().result["processInstanceId"] for _ in range(2)] == ["i1", "i1"]
    desk.forget()
    assert [desk.ask().result["processInstanceId"] for _ in range(2)] == ["i2", "i2"]
    assert rows(desk.store, "SELECT max(revision) FROM aggregate WHERE aggregate = 'command'") == [(2,)]


@each_database
def test_a_copy_that_comes_when_all_is_forgotten_is_too_late(desk):
    desk.ask()
    desk.forget()
    desk.clock += timedelta(hours=50)
    desk.executor.carry_out(desk.sent[0])
    assert desk.machine.started == ["pay"]
    assert rows(desk.store, "SELECT max(revision) FROM aggregate WHERE aggregate = 'command'") == [(1,)]


def answer(desk, status):
    with desk.store.begin() as work:
        work.collect(desk.sent[-1].key, RecordOutcome(Outcome("c1", "app", status)))


@each_database
def test_a_command_for_an_engine_outside_may_be_tried_again_and_forgotten(desk):
    desk.away = True
    with pytest.raises(EngineUnreachable):
        desk.ask(desk.request(outside=True))
    desk.away = False
    assert desk.ask(desk.request(outside=True)).status == "pending"
    answer(desk, "accepted")
    answer(desk, "rejected")
    assert desk.ask(desk.request(outside=True)).status == "accepted"
    assert len(desk.sent) == 1
    desk.forget()
    assert desk.ask(desk.request(outside=True)).status == "pending"
    answer(desk, "rejected")
    assert desk.ask(desk.request(outside=True)).status == "rejected"


@each_database
def test_a_command_that_waits_too_long_tells_on_its_engine(desk):
    """Not before half its time is over, not once it is answered, and not for ever."""
    desk.deaf = True
    desk.ask()
    commands = CommandView(desk.documents)
    late = {
        seconds: commands.late(desk.clock + timedelta(seconds=seconds)) for seconds in (29, 31, 61, 60 + 59, 60 + 61)
    }
    assert late == {29: {}, 31: {"app": 31.0}, 61: {"app": 61.0}, 119: {"app": 119.0}, 121: {}}
    desk.executor.carry_out(desk.sent[-1])
    desk.platform.ship()
    assert commands.late(desk.clock + timedelta(seconds=31)) == {}
