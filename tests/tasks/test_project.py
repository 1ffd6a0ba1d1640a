"""The projector's decisions: newest only, the unreadable alone, the unwritable found by halving."""

from dataclasses import dataclass, field

import orjson
import pytest

from domain.aggregates.advance import Head, Origin, advance
from domain.aggregates.task import AssignTask, CreateTask, UserTask
from domain.envelope import to_cloudevent
from domain.errors import StoreUnavailable
from domain.identity import Key
from store.fakes.exchange_and_views import MemoryViews
from store.views.mongo import UnwritableDocument
from tasks.project import Projector


@dataclass
class Message:
    body: bytes
    sender: str | None = None


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
    for kind in ("taskpool.task.created.v2", "taskpool.planet.discovered.v1"):
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
