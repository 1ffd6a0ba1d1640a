"""Writing views: the twin in memory and a real MongoDB give the same documents whatever the order."""

import threading
from contextlib import contextmanager
from dataclasses import dataclass, replace
from uuid import uuid4

import orjson
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pymongo.errors import AutoReconnect, BulkWriteError, OperationFailure
from pymongo.synchronous.pool import Pool

from domain.aggregates.advance import Head, Origin, advance
from domain.aggregates.command import Outcome, RecordOutcome
from domain.aggregates.task import AssignTask, CreateTask, UserTask
from domain.errors import StoreUnavailable
from domain.events.envelope import to_cloudevent
from domain.events.project import Projected, project
from domain.identity import Key
from store.fakes.exchange_and_views import MemoryViews
from store.views.indexes import indexes
from store.views.mongo import UnwritableDocument, translated
from store.views.older import adopt
from store.views.writer import Views, connect
from tasks.project import Projector
from tests.domain.strategies import stories, tasks
from tests.read_side import task_document

ORIGIN = Origin("2026-01-01T00:00:00.000Z")


def envelopes(task, story, name="t1"):
    return advance(Head(Key("app", "task", name), 1, 0, None), [CreateTask(task), *story], ORIGIN)[1]


@pytest.fixture(scope="module")
def database(servers):
    opened = connect(servers.mongo_url, f"t{uuid4().hex}")
    Views(opened).prepare(indexes())
    Views(opened).prepare(indexes())
    yield opened
    opened.client.drop_database(opened.name)
    opened.client.close()


@pytest.fixture
def views(database):
    for name in ("task", "task_history"):
        database[name].delete_many({})
    return Views(database)


pytestmark = pytest.mark.servers


@pytest.mark.parametrize("code", [6, 13, 50, 91, 112, 134, 189, 210, 211, 262, 9001, 10107, 11602, 14031])
def test_what_is_not_about_the_document_passes(code):
    """As 211, "no keys found for HMAC", of a server that has begun again and not read its keys."""
    with pytest.raises(StoreUnavailable), translated():
        raise OperationFailure("not now", code, {"ok": 0.0})


def test_what_the_server_calls_repeatable_passes_too():
    with pytest.raises(StoreUnavailable), translated():
        raise OperationFailure("not now", 99_999, {"errorLabels": ["RetryableWriteError"]})


@pytest.mark.parametrize("said", ["28: No space left on device", "Caused by :: -31804: WT_PANIC"])
def test_what_the_storage_engine_says_passes_whichever_way_it_comes(said):
    """As where a collection is to be made and the disk is full: no code of its own, the engine's number in the text."""
    with pytest.raises(StoreUnavailable), translated():
        raise OperationFailure(said, 8, {"ok": 0.0, "code": 8, "errmsg": said})
    with pytest.raises(StoreUnavailable), translated():
        raise BulkWriteError({"writeErrors": [{"index": 0, "code": 8, "errmsg": said, "op": {}}]})


def test_what_nobody_knows_and_the_storage_engine_has_not_said_is_about_the_document():
    with pytest.raises(UnwritableDocument), translated():
        raise BulkWriteError({"writeErrors": [{"index": 0, "code": 8, "errmsg": "never", "op": {}}]})


@pytest.mark.parametrize("code", [2, 14, 52, 121, 10334, None])
def test_what_is_about_the_document_does_not(code):
    with pytest.raises(UnwritableDocument), translated():
        raise OperationFailure("never", code, {"ok": 0.0})


def cut_once(monkeypatch):
    """The next connection that a write asks for is cut while it is opened."""
    checkout, left = Pool.checkout, [True]

    @contextmanager
    def cut(self, *arguments, **named):
        if left and not self.is_sdam:
            left.clear()
            raise AutoReconnect("connection reset by peer")
        with checkout(self, *arguments, **named) as connection:
            yield connection

    monkeypatch.setattr(Pool, "checkout", cut)


def test_a_connection_that_is_cut_loses_no_half_of_a_bulk(views, database, monkeypatch):
    story = envelopes(UserTask("t1", "app"), [AssignTask("ann")])
    new = envelopes(UserTask("t2", "app"), [], "t2")
    # One is new and inserted, the other may be there and is replaced: two commands of one bulk.
    batch = [one for envelope in (new[0], story[-1]) for one in project(envelope)]
    assert views.apply([]) is None  # The pointer is known: the next connection is a bulk's.
    cut_once(monkeypatch)
    with pytest.raises(StoreUnavailable):
        views.apply(batch)
    views.apply(batch)
    assert sorted(one["revision"] for one in database["task"].find({})) == [1, story[-1].revision]


def test_views_are_written_by_no_driver_that_repeats_writes(servers):
    repeating = connect(servers.mongo_url, "unused", retries_writes=True)
    with pytest.raises(ValueError, match="repeats no write"):
        Views(repeating)
    repeating.client.close()


@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tasks, stories, st.randoms(use_true_random=False))
def test_any_order_gives_the_view_of_the_twin(database, views, task, story, random):
    for name in ("task", "task_history"):
        database[name].delete_many({})
    history = envelopes(task, story)
    shuffled = history + random.choices(history, k=len(history))
    random.shuffle(shuffled)
    twin = MemoryViews()
    for envelope in history:
        twin.apply(project(envelope))
    views.apply([made for envelope in shuffled for made in project(envelope)])
    for name, documents in twin.collections.items():
        assert {found["_id"]: found for found in database[name].find()} == documents


def test_a_first_event_replaces_what_is_older_and_nothing_else(database, views):
    first, second = envelopes(UserTask("t1", "app", name="again"), [AssignTask("ann")])
    views.apply(project(first))
    database.task.update_one({}, {"$set": {"generation": 0, "revision": 0, "name": "wrong"}})
    views.apply(project(first))
    assert database.task.find_one()["name"] == "again"
    views.apply(project(second))
    views.apply([*project(first), *project(envelopes(UserTask("t2", "app"), [], "t2")[0])])
    assert {one["revision"] for one in database.task.find()} == {1, 2}
    restored = replace(first, generation=2)
    views.apply(project(restored))
    assert database.task.find_one({"subject": "t1"})["generation"] == 2


def test_a_command_that_was_asked_for_is_replaced_by_its_outcome(database, views):
    database["command"].delete_many({})
    key = Key("app", "command", "c1")
    database["command"].insert_one({"_id": key.opaque, "generation": 0, "revision": 0, "status": "pending"})
    outcome = RecordOutcome(Outcome("c1", "app", "accepted", "claim", "ann"))
    views.apply(project(advance(Head(key, 1, 0, None), [outcome], ORIGIN)[1][0]))
    assert database["command"].find_one()["status"] == "accepted"


def test_values_that_look_like_expressions_stay_values(database, views):
    payload = {"price": "$secret", "$where": {"a.b": "$$ROOT"}}
    history = envelopes(UserTask("t1", "app", payload=payload), [])
    views.apply(project(history[0]))
    assert database.task.find_one()["payload"] == payload


def test_parallel_projectors_never_lose_the_newer_event(database, views):
    history = envelopes(UserTask("t1", "app"), [AssignTask(str(number)) for number in range(60)])
    gate = threading.Barrier(4)

    def work(part):
        gate.wait()
        for envelope in part:
            apply_patiently(Views(database), project(envelope))

    parts = [history[start::4][::-1] for start in range(4)]
    threads = [threading.Thread(target=work, args=(part,)) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert database.task.find_one()["revision"] == 61
    assert database.task_history.count_documents({}) == 61


def test_a_document_mongodb_cannot_take_is_named_as_such(views):
    with pytest.raises(UnwritableDocument):
        views.apply([Projected("task", {"_id": "x", "generation": 1, "revision": 1, "big": "x" * 17_000_000})])


def nested(depth):
    return '{"deeper":' * depth + '"deep"' + "}" * depth


@dataclass(frozen=True)
class Message:
    body: bytes
    sender: str | None = None


def message(name, payload):
    """An event as somebody could send it who checks less than we do."""
    event = to_cloudevent(envelopes(UserTask(name, "app", payload={"it": "goes here"}), [], name)[0])
    return Message(orjson.dumps(event).replace(b'{"it":"goes here"}', payload.encode()))


UNWRITABLE = {
    "an integer beyond 64 bits": f'{{"n":{2**63}}}',
    "a NUL in a name": r'{"a\u0000b":1}',
    "nested deeper than MongoDB goes": nested(190),
    "nested much deeper": nested(1000),
    "more than MongoDB takes": f'{{"big":"{"x" * 17_000_000}"}}',
}


@pytest.mark.parametrize("payload", UNWRITABLE.values(), ids=UNWRITABLE)
@pytest.mark.parametrize("known", [False, True], ids=["new", "known"])
def test_one_event_that_mongodb_cannot_hold_is_set_aside_and_its_neighbours_are_written(
    database, views, payload, known
):
    neighbours, buried = [message(f"t{number}", f'{{"n":{2**63 - 1}}}') for number in range(6)], []
    bad = message("bad", payload)
    if known:
        bad = replace(bad, body=bad.body.replace(b'"sequence":"1"', b'"sequence":"2"'))
    Projector(views, lambda *burial: buried.append(burial)).apply([*neighbours[:2], bad, *neighbours[2:]])
    assert [found for found, _ in buried] == [bad]
    assert {found["subject"] for found in database.task.find()} == {f"t{number}" for number in range(6)}
    assert database.task_history.count_documents({}) >= 6


@pytest.mark.parametrize("payload", UNWRITABLE.values(), ids=UNWRITABLE)
def test_a_rebuild_is_told_of_a_document_that_mongodb_cannot_hold(views, payload):
    document = {"_id": "x", "generation": 1, "revision": 1, "payload": orjson.loads(payload)}
    with pytest.raises(UnwritableDocument):
        views.fill(1, [Projected("task", document)])


def test_a_password_that_is_wrong_says_nothing_about_a_document(servers):
    address = f"mongodb://nobody:wrong@{servers.mongo_url.rpartition('@')[2]}"
    stranger = connect(address, "strange")
    with pytest.raises(StoreUnavailable):
        Views(stranger).apply(project(envelopes(UserTask("t1", "app"), [])[0]))
    stranger.client.close()


def apply_patiently(views, made):
    for _ in range(50):
        try:
            return views.apply(made)
        except StoreUnavailable:
            continue
    raise AssertionError


def test_indexes_of_an_earlier_version_are_made_anew(servers):
    """One that is another under the same name would keep the projector from starting; one of somebody else's stays."""
    opened = connect(servers.mongo_url, f"t{uuid4().hex}")
    try:
        for name, keys in {"deferred": "followUpDate", "list_aggregate": "aggregate", "mine": "owner"}.items():
            opened["task"].create_index([(keys, 1)], name=name)
        for _ in range(2):
            Views(opened).prepare(indexes())
        found = opened["task"].index_information()
        assert {"deferred", "mine", *(index.document["name"] for index in indexes()["task"])} <= found.keys()
        assert "list_aggregate" not in found
        assert found["deferred"]["partialFilterExpression"]["state"] == "open"
    finally:
        opened.client.drop_database(opened.name)
        opened.client.close()


def test_operators_see_what_an_earlier_version_has_written(database):
    old = {"_id": "old", "state": "open", "principals": ["user:ann"], "generation": 1, "revision": 1}
    database["task"].insert_one(old)
    database["data_entry"].insert_one({"_id": "gone", "principals": [], "generation": 1, "revision": 1})
    try:
        assert [adopt(database) for _ in range(2)] == [True, True]
        assert database["task"].find_one({"_id": "old"})["principals"] == ["operators", "user:ann"]
        assert database["data_entry"].find_one({"_id": "gone"})["principals"] == []
    finally:
        for name in ("task", "data_entry"):
            database[name].delete_many({"words": {"$exists": False}})
    assert not adopt(database)


def test_open_tasks_of_an_earlier_version_are_counted_by_what_they_contain(servers):
    """As if they were written now, before there is the index by which they are counted."""
    opened = connect(servers.mongo_url, f"t{uuid4().hex}")
    try:
        new = [task_document(f"t{n}", candidate_groups=("red",), payload={"no": n}) for n in range(3)]
        older = [{name: value for name, value in one.items() if name != "findable"} for one in new]
        ended = task_document("t9", state="completed")
        opened["task"].insert_many([*older, ended, {"_id": "oldest", "state": "open", "principals": []}])
        Views(opened).prepare(indexes())
        assert list(opened["task"].find({"state": "open", "words": {"$exists": True}}, sort=[("_id", 1)])) == sorted(
            new, key=lambda one: one["_id"]
        )
        assert opened["task"].find_one({"_id": ended["_id"]}) == ended
    finally:
        opened.client.drop_database(opened.name)
        opened.client.close()
