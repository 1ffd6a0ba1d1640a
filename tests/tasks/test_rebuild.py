"""A new generation of the views beside the live one: filled from the log, verified, switched, the old one dropped."""

from __future__ import annotations

from functools import partial
from threading import Event, Thread
from time import time

import pytest

from domain.access import User
from domain.aggregates.advance import Origin
from domain.aggregates.command import Outcome, RecordOutcome
from domain.aggregates.register import KINDS, collections
from domain.aggregates.task import AssignTask, CompleteTask, CreateTask, UserTask
from domain.identity import Key
from domain.requests.request import Request
from domain.senders import Senders
from store.events.log_reader import LogCursor, LogReader
from store.messaging.log_pages import LogQueue, LogSender, NobodyAsks, RebuildUnderWay
from store.messaging.topology import declare
from store.repair.carry_over import Carrying
from store.repair.ledger import Ledger
from store.repair.rebuild_progress import Filling, StillKept, Superseded, drop_others, forget_others
from store.repair.view_reader import ViewReader
from store.retention.documents import ViewCleaning
from store.views import generations
from store.views.commands import CommandView
from store.views.generations import Generations, LiveViews, ViewPointer, collection_name
from store.views.indexes import indexes
from store.views.mongo import UnwritableDocument
from store.views.writer import Views, prepare_generation
from tasks.repair import fill as filling_from_logs
from tasks.repair import stream_log as streaming
from tasks.repair import verify_views
from tasks.repair.compare import Comparison
from tasks.repair.fill import Fill
from tasks.repair.reconcile import Reconciler
from tasks.repair.replay import Replay
from tasks.repair.stream_log import LogWanted, stream_log
from tasks.repair.verify_views import Verification
from tests.read_side import own_views
from tests.support.platform import Straight

pytestmark = pytest.mark.servers
REAL = pytest.mark.parametrize("kind", [pytest.param("file", marks=pytest.mark.disk), "postgresql"], indirect=True)
ONE = pytest.mark.parametrize("kind", ["memory"], indirect=True)
NOW = "2026-01-01T00:00:00.000Z"


class Platform:
    """One store whose events a projector has shown, all of them unless told otherwise."""

    def __init__(self, store, documents, amqp_url):
        self.store, self.documents, self.amqp_url = store, documents, amqp_url
        self.straight = Straight(documents)
        self.shown = LogCursor()
        self.views = Views(documents)

    def write(self, name, *commands):
        with self.store.begin(Origin(NOW)) as work:
            for command in commands or [CreateTask(UserTask(name, "app", name=name, candidate_groups=("g",)))]:
                work.collect(Key("app", "task", name), command)

    def show(self):
        """As publisher and projector would."""
        for page in LogReader(self.store.database).pages(self.shown):
            self.straight.publish(page)
            self.shown = page[-1].cursor

    def history(self, count):
        for number in range(count):
            self.write(f"t{number}")
            self.write(f"t{number}", AssignTask("ann"))
            self.write(f"t{number}", CompleteTask("ann", NOW))
        self.show()

    def filled(self, queue, run="r1", senders=None, ask=None):
        filling = Filling(self.documents, run)
        _live, generation, progress = filling.begin()
        fill = Fill(run, generation, progress, filling, self.views, ask or self.asking(run), senders)
        told = []
        fill.from_logs(queue, ["app"], told.append, lambda _name: None)
        return filling, fill, told

    def asking(self, run):
        return lambda *asked: Thread(target=self.send, args=(run, *asked)).start()

    def send(self, run, name, after):
        wanted = LogWanted.from_plain(LogWanted(run, name, after, time() + 60).to_plain())
        stream_log(self.store.database, partial(LogSender, self.amqp_url), wanted, Event())

    def verification(self, live=1, new=2):
        views = ViewReader(self.documents, new)
        comparison = Comparison("app", Ledger(self.store.database), views, lambda _state: frozenset())
        reconciler = Reconciler({"app": comparison}, "app", views, Replay(self.straight, lambda: 0), pause=0.01)
        return Verification(reconciler, ViewReader(self.documents, live))

    def generation(self, number):
        return {
            base: {one["_id"]: one for one in self.documents[collection_name(base, number)].find()}
            for base in collections()
        }


@pytest.fixture
def platform(store, servers, monkeypatch):
    monkeypatch.setattr(verify_views, "PAUSE_SECONDS", 0.02)
    # Nobody notices anything by the mere passing of time.
    monkeypatch.setattr(generations, "LATELY_SECONDS", 1000)
    declare(servers.amqp_url, ("app",))
    with own_views(servers.mongo_url) as documents:
        yield Platform(store, documents, servers.amqp_url)


@pytest.fixture
def queue(servers):
    declare(servers.amqp_url, ("app",))
    with LogQueue(servers.amqp_url) as opened:
        yield opened


@REAL
def test_the_new_generation_is_what_the_live_one_is(platform, queue, monkeypatch):
    monkeypatch.setattr("store.events.log_reader.PAGE_BYTES", 2000)
    platform.history(30)
    filling, fill, told = platform.filled(queue)
    assert (sum(told), fill.progress["app"].events, len(told) > 5) == (90, 90, True)
    assert platform.generation(2) == platform.generation(1)
    assert len(platform.generation(2)["task_history"]) == 90
    prepare_generation(platform.documents, 2, indexes())
    assert platform.verification().against_logs(0) == []
    assert platform.verification().against_live() == []
    filling.switch(1, 2)
    assert ViewPointer(platform.documents).now() == Generations(live=2, kept=1)


@ONE
def test_a_projector_that_has_not_noticed_writes_to_the_new_generation_before_it_acknowledges(platform, queue):
    platform.write("old")
    platform.show()
    platform.filled(queue)
    platform.write("new")
    platform.show()
    assert len(platform.generation(2)["task"]) == 2
    assert platform.generation(2) == platform.generation(1)


@ONE
def test_after_the_switch_the_old_generation_is_kept_up_to_date_until_it_is_dropped(platform, queue):
    platform.history(2)
    filling, _, _ = platform.filled(queue)
    filling.switch(1, 2)
    for name in ("unaware", "aware"):
        platform.write(name)
        platform.show()
    assert len(platform.generation(1)["task"]) == 4
    assert platform.generation(1) == platform.generation(2)
    with pytest.raises(StillKept):
        Filling(platform.documents, "r2").begin()
    live = forget_others(platform.documents)
    assert (live, drop_others(platform.documents, live)) == (2, sorted(collections()))
    platform.straight = Straight(platform.documents)
    platform.write("last")
    platform.show()
    assert len(platform.generation(2)["task"]) == 5
    assert not any(platform.generation(1).values())
    assert Filling(platform.documents, "r2").begin()[:2] == (2, 3)


@REAL
def test_a_rebuild_that_died_is_continued_where_it_was(platform, servers, monkeypatch):
    monkeypatch.setattr("store.events.log_reader.PAGE_BYTES", 1000)
    monkeypatch.setattr(filling_from_logs, "SAVE_SECONDS", 0.0)
    platform.history(10)
    with LogQueue(servers.amqp_url) as queue, pytest.raises(KeyboardInterrupt):
        platform.filled(Dying(queue, 4), "r1")
    asked = []
    with LogQueue(servers.amqp_url) as queue:
        ask = platform.asking("r2")
        _, fill, told = platform.filled(queue, "r2", ask=lambda name, after: (asked.append(after), ask(name, after)))
    assert asked[0] > LogCursor()
    assert 0 < sum(told) < 30 <= fill.progress["app"].events
    assert platform.generation(2) == platform.generation(1)


class Dying:
    """A queue whose reader dies after so many pages."""

    def __init__(self, queue, pages):
        self.queue, self.left = queue, pages

    def pages(self):
        for page in self.queue.pages():
            if not self.left:
                raise KeyboardInterrupt
            self.left -= page is not None
            yield page


@ONE
def test_a_slice_that_is_over_is_followed_by_the_next_and_a_silent_application_is_asked_again(
    platform, queue, monkeypatch
):
    monkeypatch.setattr("store.events.log_reader.PAGE_BYTES", 1000)
    monkeypatch.setattr(streaming, "SLICE_SECONDS", 0.0)
    monkeypatch.setattr(filling_from_logs, "SILENCE_SECONDS", 0.5)
    platform.history(4)
    asked = []
    answer = platform.asking("r1")

    def ask(name, after):
        asked.append(after)
        if len(asked) != 1:
            answer(name, after)

    platform.filled(queue, ask=ask)
    assert asked[:2] == [LogCursor(), LogCursor()]
    assert len(set(asked)) > 3
    assert platform.generation(2) == platform.generation(1)


@ONE
def test_pages_of_a_run_that_is_gone_do_not_count(platform, queue):
    platform.history(2)

    def ask(name, after):
        platform.send("r0", name, LogCursor(0, 10**6))
        platform.asking("r1")(name, after)

    platform.filled(queue, ask=ask)
    assert platform.generation(2) == platform.generation(1)


@ONE
def test_one_at_a_time(platform, queue, servers):
    with pytest.raises(RebuildUnderWay), LogQueue(servers.amqp_url):
        pass
    first, second = Filling(platform.documents, "r1"), Filling(platform.documents, "r2")
    assert first.begin() == second.begin()
    for outdated in (lambda: first.save({}), lambda: first.switch(1, 2)):
        with pytest.raises(Superseded):
            outdated()
    second.switch(1, 2)
    with pytest.raises(Superseded):
        second.switch(1, 2)


@ONE
def test_nobody_is_sent_a_log_nobody_asks_for(platform, servers, monkeypatch):
    platform.history(1)
    (page,) = LogReader(platform.store.database).pages()
    with LogSender(servers.amqp_url, "r1", "app") as sender:
        with pytest.raises(NobodyAsks):
            sender.send(page, page[-1].cursor, "more", time())
        with LogQueue(servers.amqp_url):
            monkeypatch.setattr("store.messaging.log_pages.PAGES", 1)
            with pytest.raises(NobodyAsks, match="full"):
                for _ in range(30):
                    sender.send(page, page[-1].cursor, "more", 0.0)


@ONE
def test_a_log_of_somebody_elses_is_not_believed(platform, queue):
    platform.history(1)
    _, fill, _ = platform.filled(queue, senders=Senders("platform", frozenset({"app"}), "hosted"))
    assert fill.unreadable == 3
    assert not any(platform.generation(2).values())


def request(name):
    return Request(name, "app", "claim", User("ann"), NOW, NOW, task_id="t0")


@ONE
def test_what_mongodb_does_not_take_is_set_aside_alone(platform, queue):
    platform.history(2)
    bad = Key("app", "task", "t0").opaque

    class Refusing(Views):
        def fill(self, generation, projected):
            if any(one.document["_id"] == bad for one in projected):
                raise UnwritableDocument
            super().fill(generation, projected)

    platform.views = Refusing(platform.documents)
    _, fill, _ = platform.filled(queue)
    assert fill.unreadable == 1
    new, live = platform.generation(2), platform.generation(1)
    del live["task"][bad]
    assert new == live


@REAL
def test_a_page_carries_any_text_that_a_log_may_hold(platform, queue):
    """Names were not judged at every door in the first versions, and an old log is for ever."""
    for hostile in ("é" * 130, "ü\u2028" * 60, "line\nbreak", "x" * 200):
        task = UserTask(hostile, hostile, name=f"{hostile}\0{hostile}", candidate_groups=(hostile,))
        with platform.store.begin(Origin(NOW)) as work:
            work.collect(Key(hostile, "task", hostile), CreateTask(task))
    platform.show()
    _, fill, _ = platform.filled(queue)
    assert fill.unreadable == 0
    assert len(platform.generation(2)["task"]) == 4
    assert platform.generation(2) == platform.generation(1)


@ONE
def test_commands_nobody_has_answered_are_not_lost_and_withdrawn_ones_do_not_come_back(platform, queue):
    commands, unaware = CommandView(platform.documents), CommandView(platform.documents)
    commands.open(request("before"))
    unaware.find("nothing")
    platform.filled(queue)
    commands.open(request("meanwhile"))
    commands.open(request("withdrawn"))
    commands.withdraw(request("withdrawn"))
    key = Key("app", "command", "answered")
    commands.open(request("answered"))
    with platform.store.begin() as work:
        work.collect(key, RecordOutcome(Outcome("answered", "app", "accepted", "claim", "ann")))
    platform.show()
    assert Carrying(platform.documents, platform.views, 1, 2).copy({"app"}) == 2
    unaware.open(request("after"))
    assert platform.generation(2)["command"] == platform.generation(1)["command"]
    assert len(platform.generation(2)["command"]) == 4
    assert platform.generation(2)["command"][key.opaque]["status"] == "accepted"


@ONE
def test_a_command_withdrawn_while_it_is_copied_is_withdrawn(platform):
    commands = CommandView(platform.documents)
    commands.open(request("c"))
    Filling(platform.documents, "r1").begin()

    class Interrupted(Views):
        def fill(self, generation, projected):
            commands.withdraw(request("c"))
            super().fill(generation, projected)

    Carrying(platform.documents, Interrupted(platform.documents), 1, 2).copy({"app"})
    assert platform.generation(2)["command"] == platform.generation(1)["command"] == {}


@ONE
def test_the_oldest_generation_decides_who_was_first(platform):
    unaware, aware = CommandView(platform.documents), CommandView(platform.documents)
    assert unaware.open(request("other")) is None
    filling = Filling(platform.documents, "r1")
    filling.begin()
    filling.switch(1, 2)
    aware = CommandView(platform.documents)
    assert aware.open(request("c")) is None
    assert unaware.open(request("c"))["status"] == "pending"
    assert aware.find(request("c").key.opaque)["status"] == "pending"
    forgotten = request("past its retention, and in the log").key.opaque
    platform.documents["command.g2"].insert_one({"_id": forgotten, "status": "accepted"})
    assert aware.open(request("past its retention, and in the log")) is None


@ONE
def test_what_is_left_of_an_application_without_a_log_is_carried_over_with_its_history(platform, queue):
    platform.history(1)
    straight = platform.generation(1)
    (task,), entries = straight["task"].values(), straight["task_history"].values()
    lost = Key("lost", "task", "t0").opaque
    platform.documents["task"].insert_one({**task, "_id": lost, "application": "lost"})
    platform.documents["task_history"].insert_many(
        [{**entry, "_id": f"lost {entry['_id']}", "taskKey": lost} for entry in entries]
    )
    platform.documents["process_instance"].insert_one({"_id": "nonsense"})
    platform.filled(queue)
    assert [one.document_id for one in platform.verification().against_live()] == [lost, "nonsense"]
    assert Carrying(platform.documents, platform.views, 1, 2).copy({"app"}) == 5
    assert platform.generation(2) == platform.generation(1)
    assert platform.verification().against_live() == []


@ONE
def test_what_is_wrong_with_the_new_generation_is_found_and_mended(platform, queue):
    platform.history(3)
    platform.filled(queue)
    new = platform.documents["task.g2"]
    names = sorted(platform.generation(2)["task"])
    new.delete_one({"_id": names[0]})
    new.update_one({"_id": names[1]}, {"$set": {"revision": 1}})
    platform.documents["task_history.g2"].delete_one({"taskKey": names[2]})
    suspects = {(one.kind, one.key.opaque) for one in platform.verification()._suspects(lambda _count: None)}
    assert suspects >= {("missing", names[0]), ("behind", names[1]), ("history", names[2])}
    assert platform.verification().against_logs(0) == []
    assert platform.generation(2) == platform.generation(1)


@ONE
def test_what_only_the_live_generation_knows_is_said(platform, queue):
    platform.history(2)
    platform.filled(queue)
    newer, gone = sorted(platform.generation(1)["task"])
    platform.documents["task"].update_one({"_id": newer}, {"$set": {"revision": 9}})
    platform.documents["task.g2"].delete_one({"_id": gone})
    found = {one.document_id: (one.live, one.new) for one in platform.verification().against_live()}
    assert found == {newer: ((1, 9), (1, 3)), gone: ((1, 3), None)}


@ONE
def test_readers_follow_and_retention_reaches_every_generation_that_is_whole(platform, queue):
    platform.history(1)
    filling, _, _ = platform.filled(queue)
    live = LiveViews(platform.documents)
    assert (live.generation, live["task"].name) == (1, "task")
    prepare_generation(platform.documents, 2, indexes())
    filling.switch(1, 2)
    assert (live.look(), live["task"].name) == (2, "task.g2")
    cleaning = ViewCleaning(platform.documents)
    assert ViewCleaning(platform.documents, 2).history(KINDS["task"], "9999", 10) == 3
    assert (len(platform.generation(1)["task_history"]), len(platform.generation(2)["task_history"])) == (3, 0)
    assert cleaning.history(KINDS["task"], "9999", 10) == 3
    assert cleaning.over(KINDS["task"], "9999", 10) == 1
    for number in (1, 2):
        left = platform.generation(number)
        assert (left["task_history"], [one["state"] for one in left["task"].values()]) == ({}, ["stub"])


@ONE
def test_of_many_readers_one_looks_at_the_pointer(platform, monkeypatch):
    pointer = ViewPointer(platform.documents)
    assert pointer.now().live == 1
    looks = []

    class Slow:
        def find_one(self, *_):
            looks.append(pointer.lately())
            return {"live": 2, "filling": None, "kept": 1}

    monkeypatch.setattr(pointer, "_pointer", Slow())
    monkeypatch.setattr(pointer, "_until", 0.0)
    assert pointer.lately().live == 2
    assert [look.live for look in looks] == [1], "who asked meanwhile"
