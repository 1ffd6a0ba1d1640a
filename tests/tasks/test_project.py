"""The projector's decisions: newest only, the unreadable alone, the unwritable found by halving."""

from dataclasses import dataclass, field
from threading import Event, current_thread
from threading import enumerate as enumerate_threads

import orjson
import pytest

from domain.aggregates.advance import Head, Origin, advance
from domain.aggregates.task import AssignTask, CreateTask, UserTask
from domain.errors import StoreUnavailable
from domain.events.envelope import to_cloudevent
from domain.identity import Key
from store.fakes.exchange_and_views import MemoryViews
from store.views.mongo import UnwritableDocument
from tasks.project import Projector, in_order
from tests.support.messages import Message


@dataclass
class Recording(MemoryViews):
    refused: str = ""
    writes: list = field(default_factory=list)

    def apply(self, projected):
        if any(item.document.get("name") == self.refused for item in projected if self.refused):
            raise UnwritableDocument("too large")
        self.writes.append(len(projected))
        MemoryViews.apply(self, projected)


def events(task, **fields):
    head = Head(Key("app", "task", task), 1, 0, None)
    made = advance(
        head, [CreateTask(UserTask(task, "app", **fields)), AssignTask("ann")], Origin("2026-01-01T00:00:00.000Z")
    )
    return [Message(orjson.dumps(to_cloudevent(envelope))) for envelope in made[1]]


@pytest.fixture
def views():
    return Recording()


@pytest.fixture
def buried():
    return []


@pytest.fixture
def projector(views, buried):
    return Projector(views, lambda message, reason: buried.append((message.body, reason)))


def test_only_the_newest_document_is_written_and_every_event_kept_in_the_history(projector, views):
    projector.apply(events("t1"))
    assert views.writes == [3]
    (task,) = views.collections["task"].values()
    assert (task["revision"], task["assignee"]) == (2, "ann")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b"{}",
        b'{"type": "other.thing.v1"}',
        b'{"specversion":"1.0","type":"taskpool.task.created.v1"}',
    ],
)
def test_what_cannot_be_read_is_set_aside_and_the_rest_goes_on(projector, views, buried, body):
    projector.apply([Message(body), *events("t1")])
    assert [message for message, _ in buried] == [body]
    assert len(views.collections["task"]) == 1


def test_an_unknown_type_or_version_is_set_aside_not_dropped(projector, buried):
    event = orjson.loads(events("t1")[0].body)
    for kind in ("taskpool.task.created.v9", "taskpool.planet.discovered.v1"):
        projector.apply([Message(orjson.dumps({**event, "type": kind}))])
    assert len(buried) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"time": "yesterday"},
        {"time": ["2026-01-01T00:00:00Z"]},
        {"time": "0001-01-01T00:00:00+23:59"},
        {"traceparent": 7},
        {"correlationid": {}},
        {"sequence": "9" * 5000},
    ],
    ids=str,
)
def test_what_a_reader_would_stumble_over_after_the_write_is_set_aside_before_it(projector, views, buried, wrong):
    bad = Message(orjson.dumps({**orjson.loads(events("bad")[0].body), **wrong}))
    projector.apply([bad, *events("t1")])
    assert [message for message, _ in buried] == [bad.body]
    assert len(views.collections["task"]) == 1


def test_a_state_that_is_not_total_is_set_aside(projector, buried):
    event = orjson.loads(events("t1")[0].body)
    del event["data"]["state"]["candidateUsers"]
    projector.apply([Message(orjson.dumps(event))])
    assert "candidateUsers" in buried[0][1]


def test_a_document_that_cannot_be_written_is_found_and_the_others_are_written(projector, views, buried):
    views.refused = "bad"
    batch = [message for number in range(9) for message in events(f"t{number}", name="bad" if number == 4 else "good")]
    projector.apply(batch)
    assert len(views.collections["task"]) == 8
    assert [reason for _, reason in buried] == ["too large", "too large"]


def test_views_that_are_away_set_nothing_aside(buried):
    class Away(MemoryViews):
        def apply(self, projected):
            raise StoreUnavailable

    with pytest.raises(StoreUnavailable):
        Projector(Away(), lambda *burial: buried.append(burial)).apply(events("t1"))
    assert buried == []


def full(number):
    return [message for task in range(2) for message in events(f"t{number}.{task}")]


class Slow(Recording):
    """Its first write waits until the next batch is read, and says who writes."""

    def __init__(self, read, refused=""):
        super().__init__(refused=refused)
        self.read, self.now, self.most, self.threads = read, 0, 0, []
        self.fails = 0

    def apply(self, projected):
        self.now += 1
        self.most = max(self.most, self.now)
        self.threads.append(current_thread().name)
        if self.fails:
            self.fails -= 1
            self.now -= 1
            raise StoreUnavailable
        if len(self.threads) == 1:
            assert self.read.wait(5), "the next batch is not read meanwhile"
        try:
            Recording.apply(self, projected)
        finally:
            self.now -= 1


@pytest.fixture
def several(monkeypatch):
    monkeypatch.setattr("tasks.project.FULL", 4)
    return [full(1), full(2), [], full(3), events("t4"), full(5)]


def told(batches, read):
    """Tells when the second batch is asked for."""
    for number, batch in enumerate(batches):
        if number == 1:
            read.set()
        yield batch


def test_of_full_batches_one_is_written_while_the_next_is_read_and_none_is_overtaken(several):
    read = Event()
    views = Slow(read)
    projector = Projector(views, pytest.fail)
    seen = []
    for batch, applied in in_order(projector, told(several, read)):
        seen.append(batch)
        assert [message for message, _ in applied] == batch
        there = {one["subject"] for one in views.collections["task"].values()}
        assert {envelope.key.id for _, envelope in applied} <= there, "it is durable when it is given"
    assert seen == several
    assert views.most == 1
    assert views.threads[0].startswith("write")
    assert views.threads[-2] == "MainThread"


def test_what_cannot_be_written_meanwhile_is_set_aside_by_who_reads(several):
    read, burials = Event(), []
    views = Slow(read, refused="bad")
    several[0] = [*several[0], *events("worse", name="bad")]
    projector = Projector(views, lambda message, _: burials.append((message, current_thread().name)))
    assert [batch for batch, _ in in_order(projector, told(several, read))] == several
    assert {name for _, name in burials} == {"MainThread"}
    assert [message for message, _ in burials] == several[0][-2:]
    assert len(views.collections["task"]) == 9


def test_a_store_that_is_away_meanwhile_is_waited_for(several):
    read, tries = Event(), []
    read.set()
    views = Slow(read)
    views.fails = 3

    def insist(work):
        while True:
            try:
                return work()
            except StoreUnavailable:
                tries.append(1)

    assert [batch for batch, _ in in_order(Projector(views, pytest.fail), several, insist)] == several
    assert (len(tries), len(views.collections["task"])) == (2, 9)
    views.fails = 9
    with pytest.raises(StoreUnavailable):
        list(in_order(Projector(views, pytest.fail), several))


def test_who_stops_listening_is_told_nothing_more_and_nothing_is_left_running(several):
    views = Recording()
    going = in_order(Projector(views, pytest.fail), several)
    next(going)
    going.close()
    assert len(views.collections["task"]) in (2, 4)
    assert not [thread for thread in enumerate_threads() if thread.name.startswith("write")]
