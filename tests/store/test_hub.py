"""The hub against a real MongoDB: who is told what, and who is left in peace."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from bson.timestamp import Timestamp
from pymongo.errors import AutoReconnect

from domain.access import User
from domain.aggregates.command import Outcome
from domain.errors import BadRequest
from domain.identity import Key
from domain.query.condition import Comparison
from domain.query.task_query import TaskQuery
from domain.requests.request import Request
from domain.values import iso
from domain.wire import dump
from store.lists.task_list import Documents, TaskList
from store.live.change_stream import millis_now, operation_time
from store.live.cursor import Cursor, end_of, iso_of_millis, millis_of
from store.live.hub import Changes, Hub
from store.live.pending import Pending
from store.people.left import LeftByPeople
from store.views.commands import CommandView
from store.views.writer import Views
from tests.read_side import NOW, own_views, projected, task, task_document, task_key
from tests.support.waiting import eventually

pytestmark = pytest.mark.servers

ANNA, BERT = User("anna", ("red",)), User("bert", ("blue",))
Wait = Callable[..., "Future[Changes]"]


@pytest.fixture
def database(servers: Any) -> Iterator[Documents]:
    with own_views(servers.mongo_url) as views:
        yield views


@pytest.fixture
def hub(database: Documents) -> Iterator[Hub]:
    hub = Hub(database)
    hub.start()
    eventually(lambda: hub.running)
    yield hub
    hub.stop()


@pytest.fixture
def wait(hub: Hub) -> Iterator[Wait]:
    """A held poll, already waiting when this returns."""
    with ThreadPoolExecutor(8) as pool:

        def held(query: TaskQuery, cursor: str | None = None, timeout: float = 5) -> Future[Changes]:
            before = hub.lists.held
            future = pool.submit(hub.wait_changes, query, cursor or hub.cursor(), timeout)
            eventually(lambda: future.done() or hub.lists.held > before)
            return future

        yield held


def test_a_change_wakes_only_those_it_concerns(database: Documents, hub: Hub, wait: Wait) -> None:
    anna, bert = wait(of(ANNA)), wait(of(BERT), timeout=1)
    Views(database).apply(task("t1", candidate_groups=("red",)))
    assert [found["engineTaskId"] for found in anna.result().entered] == ["t1"]
    assert hub.lists.wakes == 1
    assert not bert.result().entered


def test_a_filter_keeps_others_asleep(database: Documents, hub: Hub, wait: Wait) -> None:
    urgent = wait(of(ANNA, filters=(Comparison("own", "priority", ">", (80,)),)), timeout=1)
    Views(database).apply(task("t1", candidate_groups=("red",)))
    assert urgent.result().entered == []
    assert hub.lists.wakes == 0


def test_entered_updated_left_are_relative_to_rights(database: Documents, wait: Wait) -> None:
    views = Views(database)
    first = wait(of(ANNA)), wait(of(BERT))
    views.apply(task("t1", candidate_users=("anna", "bert")))
    anna, bert = (future.result() for future in first)
    assert (ids(anna.entered), ids(bert.entered)) == ([task_key("t1")], [task_key("t1")])
    second = wait(of(ANNA), anna.cursor), wait(of(BERT), bert.cursor)
    views.apply(task("t1", 2, candidate_users=("anna",), assignee="anna"))
    anna, bert = (future.result() for future in second)
    assert (ids(anna.updated), bert.left) == ([task_key("t1")], [task_key("t1")])


def test_many_changes_become_one_delta_and_what_came_and_went_has_left(database: Documents, hub: Hub) -> None:
    cursor, views = hub.cursor(), Views(database)
    for revision in (1, 2, 3):
        views.apply(task("t1", revision, assignee="anna", name=f"version {revision}"))
    views.apply(task("t2", 1, assignee="anna"))
    views.apply(task("t2", 2, state="completed", assignee="anna"))
    eventually(lambda: seen(hub, "t2", 2))
    changes = hub.wait_changes(of(ANNA), cursor, 0)
    assert [found["name"] for found in changes.entered] == ["version 3"]
    assert (changes.updated, changes.left) == ([], [task_key("t2")])


def test_what_a_list_showed_that_was_read_after_its_cursor_leaves_it(database: Documents, hub: Hub) -> None:
    """Its first page may be slow to read: what came after the cursor is on it already."""
    cursor, views = hub.cursor(), Views(database)
    views.apply(task("t1", 1, assignee="anna"))
    shown = [found["_id"] for found in TaskList(database).find(of(ANNA), ()).items]
    views.apply(task("t1", 2, state="completed", assignee="anna"))
    eventually(lambda: seen(hub, "t1", 2))
    assert hub.wait_changes(of(ANNA), cursor, 0).left == shown == [task_key("t1")]
    assert hub.wait_changes(of(BERT), cursor, 0).left == [], "nobody is told of what they had no right to"


def test_the_clock_set_back_a_little_hides_no_task_for_good(hub: Hub) -> None:
    now = millis_now()
    waits = {**image(2, "red"), "followUpDate": iso_of_millis(now + 1000)}
    cursor = Cursor(1, Cursor.read(hub.cursor()).time, now + 2000)
    hub._take(written(waits, waits | {"revision": 3}, cursor.time[0] + 1), 100)
    told = hub.wait_changes(of(ANNA), cursor.token, 0)
    assert (ids(told.updated), told.left) == ([task_key("t1")], [])


def test_until_what_is_deferred_is_known_no_answer_is_given_from_half_of_it(database: Documents, hub: Hub) -> None:
    Views(database).apply(task("t1", assignee="anna", follow_up_date=iso_of_millis(millis_now() + 300)))
    eventually(lambda: seen(hub, "t1", 1))
    cursor, answers = hub.cursor(), []

    def slow(*_: Any) -> Iterator[Any]:
        time.sleep(0.4)
        hub._views = views
        answers.append(hub.wait_changes(of(ANNA), cursor, 0))
        return iter(())

    views = hub._views
    hub._views = SlowViews(views, slow)
    hub._begin_anew(end_of(operation_time(database)))
    assert ids(answers[0].entered) == [task_key("t1")]


def test_while_the_stream_is_not_open_a_reset_is_not_given_at_once(database: Documents) -> None:
    """Otherwise whoever reads the list anew and asks again does so as fast as the machine can."""
    begun = time.monotonic()
    assert Hub(database).wait_changes(of(ANNA), Cursor(1, (1, 1, 0), millis_now()).token, 0.3).reset
    assert time.monotonic() - begun > 0.25


def test_an_outcome_need_not_be_asked_for(database: Documents, hub: Hub) -> None:
    outcome = in_flight() | {"status": "rejected", "generation": 1, "revision": 1, "problem": {"status": 409}}
    database["command"].insert_one(in_flight())
    database["command"].replace_one({"_id": "c1"}, outcome)
    assert hub.wait_documents({("command", "c1"): (1, 1)}, 5)
    eventually(lambda: hub.command("c1") == outcome)
    database["command"].delete_many({})
    eventually(lambda: hub.command("c1") is None)


def test_commands_that_are_cleaned_away_are_no_news(database: Documents, hub: Hub, wait: Wait) -> None:
    Views(database).apply(task("t1", assignee="anna"))
    database["command"].insert_one(in_flight() | {"status": "accepted"})
    eventually(lambda: seen(hub, "t1", 1))
    poll = wait(of(ANNA), timeout=1)
    database["command"].delete_many({})
    told = poll.result()
    assert (told.reset, told.updated, hub.lists.wakes) == (False, [], 0)


def test_a_completed_task_enters_the_completed_list(database: Documents, hub: Hub, wait: Wait) -> None:
    Views(database).apply(task("t1", assignee="anna"))
    open_list, completed = wait(of(ANNA)), wait(of(ANNA, scope="completed"))
    Views(database).apply(task("t1", 2, assignee="anna", state="completed", completed_by="anna"))
    assert open_list.result().left == [task_key("t1")] or open_list.result().entered
    assert ids(completed.result().entered) == [task_key("t1")]


def test_a_deferred_task_comes_back_by_itself(database: Documents, hub: Hub, wait: Wait) -> None:
    soon = iso(datetime.now(UTC) + timedelta(seconds=0.6))
    Views(database).apply(task("t1", assignee="anna", follow_up_date=soon))
    eventually(lambda: seen(hub, "t1", 1))
    cursor = hub.cursor()
    hidden, only = wait(of(ANNA), cursor), wait(of(ANNA, deferred="only"), cursor)
    assert ids(hidden.result().entered) == [task_key("t1")]
    assert only.result().left == [task_key("t1")]
    assert hub.wait_changes(of(ANNA), hidden.result().cursor, 0).entered == []


def test_a_deferred_task_that_comes_back_during_a_look_is_told(
    database: Documents, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look had begun before its date, and what to wait for was asked after it."""
    soon = iso(datetime.now(UTC) + timedelta(seconds=4))
    Views(database).apply(task("t1", assignee="anna", follow_up_date=soon))
    eventually(lambda: seen(hub, "t1", 1))
    cursor, look = hub.cursor(), Hub._changes

    def slow(self: Hub, query: TaskQuery, position: Cursor) -> Changes:
        found = look(self, query, position)
        while not found.tells and millis_now() <= millis_of(soon):
            time.sleep(0.05)
        return found

    monkeypatch.setattr(Hub, "_changes", slow)
    assert ids(hub.wait_changes(of(ANNA), cursor, 60).entered) == [task_key("t1")]


def test_deferred_while_somebody_waits_still_comes_back(database: Documents, hub: Hub, wait: Wait) -> None:
    Views(database).apply(task("t1", assignee="anna", follow_up_date="2999-01-01T00:00:00.000Z"))
    eventually(lambda: seen(hub, "t1", 1))
    hidden = wait(of(ANNA))
    soon = iso(datetime.now(UTC) + timedelta(seconds=0.5))
    Views(database).apply(task("t1", 2, assignee="anna", follow_up_date=soon))
    assert ids(hidden.result().entered) == [task_key("t1")]


def test_a_cursor_older_than_the_ring_is_a_reset(database: Documents, hub: Hub) -> None:
    position = Cursor.read(hub.cursor())
    ancient = Cursor(1, (position.time[0] - 3600, 1, 0), position.millis)
    asleep = Cursor(1, position.time, position.millis - 3_600_000)
    rebuilt = Cursor(2, position.time, position.millis)
    assert all(hub.wait_changes(of(ANNA), cursor.token, 5).reset for cursor in (ancient, asleep, rebuilt))


def test_bytes_bound_the_ring(database: Documents, servers: Any) -> None:
    hub = Hub(database, ring_bytes=10_000)
    hub.start()
    eventually(lambda: hub.running)
    cursor = hub.cursor()
    for revision in range(1, 12):
        Views(database).apply(task("t1", revision, assignee="anna"))
    eventually(lambda: seen(hub, "t1", 11))
    assert hub.wait_changes(of(ANNA), cursor, 0).reset
    hub.stop()


def test_changes_of_one_and_the_same_time_are_told_apart_by_every_web_process(database: Documents, hub: Hub) -> None:
    """An answer between them must not pass over the second."""
    both = [task_document(name, assignee="anna") for name in ("t1", "t2")]
    with database.client.start_session() as session, session.start_transaction():
        database["task"].insert_many(both, session=session)
    eventually(lambda: seen(hub, "t2", 1))
    first, second = (hub._state.newest(task_key(name)) for name in ("t1", "t2"))
    assert first is not None
    assert second is not None
    assert first.time[:2] == second.time[:2]
    late = Hub(database)
    late.start()
    eventually(lambda: seen(late, "t2", 1))
    between = Cursor(1, first.time, millis_now()).token
    for one in (hub, late):
        assert ids(one.wait_changes(of(ANNA), between, 0).entered) == [task_key("t2")]
    late.stop()


def test_missing_images_are_a_reset(database: Documents, hub: Hub, wait: Wait) -> None:
    Views(database).apply(task("t1", assignee="anna"))
    database.command("collMod", "task", changeStreamPreAndPostImages={"enabled": False})
    eventually(lambda: seen(hub, "t1", 1))
    poll = wait(of(ANNA))
    Views(database).apply(task("t1", 2, assignee="bert"))
    assert poll.result().reset


def test_a_timeout_moves_the_cursor_on(database: Documents, hub: Hub) -> None:
    old = hub.cursor()
    Views(database).apply(task("t1", assignee="bert"))
    eventually(lambda: seen(hub, "t1", 1))
    changes = hub.wait_changes(of(ANNA), old, 0)
    assert (changes.reset, Cursor.read(changes.cursor).time > Cursor.read(old).time) == (False, True)


def test_a_fresh_hub_knows_the_recent_past(database: Documents, hub: Hub) -> None:
    cursor = hub.cursor()
    Views(database).apply(task("t1", assignee="anna"))
    late = Hub(database)
    late.start()
    eventually(lambda: seen(late, "t1", 1))
    assert ids(late.wait_changes(of(ANNA), cursor, 2).entered) == [task_key("t1")]
    late.stop()


def test_a_dropped_collection_resets_everybody(database: Documents, hub: Hub, wait: Wait) -> None:
    Views(database).apply(task("t1", assignee="anna"))
    eventually(lambda: seen(hub, "t1", 1))
    poll = wait(of(ANNA))
    database.drop_collection("task")
    assert poll.result().reset
    eventually(lambda: hub.running)


def test_a_document_nobody_can_read_is_a_reset_and_not_the_end(database: Documents, hub: Hub, wait: Wait) -> None:
    poll = wait(of(ANNA))
    database["task"].insert_one({"_id": "strange", "principals": 7})
    assert poll.result().reset
    eventually(lambda: hub.running)
    database["task"].delete_many({})
    again = wait(of(ANNA))
    Views(database).apply(task("t1", assignee="anna"))
    assert again.result().entered or again.result().reset


def test_a_change_that_cannot_be_taken_in_whole_is_a_reset_and_never_passed_over(
    database: Documents, hub: Hub, wait: Wait
) -> None:
    Views(database).apply(task("t1", assignee="anna"))
    eventually(lambda: seen(hub, "t1", 1))
    poll = wait(of(ANNA))
    away = mock.patch.object(Hub, "_look_up", side_effect=AutoReconnect("away"))
    with away as asked:
        database["command"].insert_one(in_flight(about=task_key("not shown lately")))
        eventually(lambda: asked.called)
    assert poll.result().reset
    eventually(lambda: hub.running)


def test_a_command_in_flight_shows_on_its_task(database: Documents, hub: Hub, wait: Wait) -> None:
    Views(database).apply(task("t1", assignee="anna"))
    eventually(lambda: seen(hub, "t1", 1))
    poll = wait(of(ANNA))
    database["command"].insert_one(in_flight())
    changes = poll.result()
    assert ids(changes.updated) == [task_key("t1")]
    assert changes.pending[task_key("t1")]["action"] == "claim"
    answered = wait(of(ANNA), changes.cursor)
    database["command"].update_one({"_id": "c1"}, {"$set": {"status": "rejected"}})
    assert (ids(answered.result().updated), answered.result().pending) == ([task_key("t1")], {})


def test_a_command_that_an_engine_outside_was_asked_is_in_flight_for_its_time(
    database: Documents, hub: Hub, wait: Wait
) -> None:
    """The event knows no time; one that a rebuild has made of it alone is not in flight, and harms no answer."""
    Views(database).apply(task("t1", assignee="anna"))
    eventually(lambda: seen(hub, "t1", 1))
    key = Key("approval", "command", "c1")
    asked = Request("c1", "approval", "claim", User("bert"), NOW, "2999-01-01T00:00:00.000Z", "t1", outside=True)
    CommandView(database).open(asked)
    poll = wait(of(ANNA))
    outcome = Outcome("c1", "approval", "pending", "claim", "bert", task_key("t1"))
    Views(database).apply(projected(key, dump(outcome), "command.asked"))
    eventually(lambda: (hub.command(key.opaque) or {}).get("revision") == 1)
    assert poll.result().pending[task_key("t1")]["user"] == "bert"
    assert hub.in_flight([task_key("t1")], NOW)[task_key("t1")]["expiresAt"] == asked.expires_at
    assert "lateAt" not in database["command"].find_one({"_id": key.opaque})
    database["command"].update_one({"_id": key.opaque}, {"$unset": {"expiresAt": ""}})
    eventually(lambda: hub.in_flight([task_key("t1")], NOW) == {})
    answered = replace(outcome, status="accepted")
    Views(database).apply(projected(key, dump(answered), "command.outcome", 2))
    assert "expiresAt" not in database["command"].find_one({"_id": key.opaque})


def test_a_command_about_a_task_just_seen_asks_for_nothing(database: Documents, hub: Hub, wait: Wait) -> None:
    cursor = hub.cursor()
    Views(database).apply(task("t1", assignee="anna"))
    eventually(lambda: seen(hub, "t1", 1))
    poll = wait(of(ANNA), hub.wait_changes(of(ANNA), cursor, 5).cursor)
    with no_reads(database):
        database["command"].insert_one(in_flight())
        assert ids(poll.result().updated) == [task_key("t1")]


def test_a_command_withdrawn_or_past_its_time_is_in_flight_no_more(database: Documents, hub: Hub) -> None:
    database["command"].insert_one(in_flight("c1", task_key("t1")))
    database["command"].insert_one(in_flight("c2", task_key("t2"), "2026-11-22T10:00:01.000Z"))
    both = [task_key("t1"), task_key("t2")]
    eventually(lambda: len(hub.in_flight(both, NOW)) == 2)
    assert list(hub.in_flight(both, "2026-11-22T10:00:02.000Z")) == [task_key("t1")]
    database["command"].delete_one({"_id": "c1"})
    eventually(lambda: list(hub.in_flight(both, NOW)) == [task_key("t2")])
    eventually(lambda: hub.command("c1") is None)


def test_a_command_whose_image_is_gone_does_not_end_the_stream() -> None:
    pending = Pending()
    pending.observe("c1", in_flight())
    pending.observe("c1", {})
    assert pending.of([task_key("t1")], NOW) == {}


def test_a_fresh_hub_knows_what_is_in_flight(database: Documents) -> None:
    database["command"].insert_one(in_flight())
    late = Hub(database, past_seconds=0)
    late.start()
    eventually(lambda: late.running)
    assert list(late.in_flight([task_key("t1")], NOW)) == [task_key("t1")]
    late.stop()


def test_waiting_for_documents_ends_when_the_last_has_come(database: Documents, hub: Hub) -> None:
    targets = {("task", task_key("t1")): (1, 2), ("task", task_key("t2")): (1, 1)}
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(hub.wait_documents, targets, 5)
        for projected in (task("t1"), task("t2"), task("t1", 2)):
            assert not waiting.done()
            Views(database).apply(projected)
        assert waiting.result()
    assert hub.wait_documents({("task", task_key("t1")): (1, 2)}, 0)
    assert not hub.wait_documents({("task", task_key("t1")): (1, 3)}, 0.05)


def test_what_went_away_is_waited_for_again(database: Documents, hub: Hub) -> None:
    Views(database).apply(task("t1"))
    assert hub.wait_documents({("task", task_key("t1")): (1, 1)}, 5)
    database["task"].delete_many({})
    eventually(lambda: not hub.wait_documents({("task", task_key("t1")): (1, 1)}, 0))


def test_what_the_stream_shows_is_not_asked_for(database: Documents, hub: Hub) -> None:
    Views(database).apply(task("t1"))
    eventually(lambda: seen(hub, "t1", 1))
    with no_reads(database), ThreadPoolExecutor(1) as pool:
        assert hub.wait_documents({("task", task_key("t1")): (1, 1)}, 0)
        waiting = pool.submit(hub.wait_documents, {("task", task_key("t1")): (1, 2)}, 0.9)
        Views(database).apply(task("t1", 2))
        assert waiting.result()


def test_a_strange_cursor_is_a_bad_request(hub: Hub) -> None:
    for token in ("", "x", "ü", "MS4y", "LTEuMS4xLjE"):
        with pytest.raises(BadRequest):
            hub.wait_changes(of(ANNA), token, 0)


def test_dates_and_milliseconds_agree() -> None:
    assert millis_of("1970-01-01T00:00:01.005Z") == 1005


@contextmanager
def no_reads(database: Documents) -> Iterator[None]:
    """While it lasts, nobody may query the tasks."""
    database.command("profile", 2)
    yield
    database.command("profile", 0)
    assert database["system.profile"].count_documents({"op": "query", "ns": f"{database.name}.task"}) == 0


class SlowViews:
    """Views in which everything is slow to find."""

    def __init__(self, views: Any, find: Callable[..., Any]) -> None:
        self.generation = views.generation
        self._found = SimpleNamespace(find=find)

    def __getitem__(self, _name: str) -> Any:
        return self._found


def image(revision: int, group: str, state: str = "open") -> dict[str, Any]:
    return task_document("t1", state=state, candidate_groups=(group,)) | {"revision": revision}


def written(before: dict[str, Any], after: dict[str, Any], second: int) -> dict[str, Any]:
    """As the change stream says it."""
    images = {"fullDocumentBeforeChange": before, "fullDocument": after}
    where = {"ns": {"coll": "task"}, "documentKey": {"_id": after["_id"]}, "clusterTime": Timestamp(second, 0)}
    return {"operationType": "replace", **where, **images}


def in_flight(name: str = "c1", about: str | None = None, until: str = "2999-01-01T00:00:00.000Z") -> dict[str, Any]:
    about = about or task_key("t1")
    return {"_id": name, "status": "pending", "action": "claim", "user": "bert", "taskKey": about, "expiresAt": until}


def of(user: User, **asked: Any) -> TaskQuery:
    return TaskQuery(user, "", **asked)


def ids(documents: Any) -> list[str]:
    return [document["_id"] for document in documents]


def seen(hub: Hub, task_id: str, revision: int) -> bool:
    """Whether the stream has brought this revision."""
    return (hub.newest(task_key(task_id)) or {"revision": 0})["revision"] >= revision


def test_large_payloads_are_not_remembered_and_searching_in_them_reads_the_list_again(
    database: Documents, hub: Hub, wait: Wait
) -> None:
    payload = {"note": "needle " + "x" * 20_000}
    everything, searching = wait(of(ANNA)), wait(of(ANNA, words=("needle",)))
    Views(database).apply(task("t1", candidate_groups=("red",), payload=payload))
    [entered] = everything.result().entered
    assert (entered["payload"], entered["words"], entered["large"]) == (None, None, True)
    assert searching.result().reset
    assert hub.newest(task_key("t1")) is None
    small = wait(of(ANNA, words=("needle",)))
    Views(database).apply(task("t2", candidate_groups=("red",), payload={"note": "needle"}))
    assert [found["engineTaskId"] for found in small.result().entered] == ["t2"]


def test_who_sees_a_task_hears_what_is_said_about_it(database: Documents, hub: Hub, wait: Wait) -> None:
    left = LeftByPeople(database)
    left.prepare()
    Views(database).apply(task("t1", candidate_groups=("red",)))
    eventually(lambda: hub.newest(task_key("t1")))
    anna, bert = wait(of(ANNA)), wait(of(BERT), timeout=1)
    made = left.comment(task_key("t1"), ANNA, "Please look")
    assert [found["engineTaskId"] for found in anna.result().updated] == ["t1"]
    gone = wait(of(ANNA), anna.result().cursor)
    left.forget_comment(task_key("t1"), made["_id"], ANNA)
    assert [found["engineTaskId"] for found in gone.result().updated] == ["t1"]
    assert not bert.result().updated
    left.comment("unknown", ANNA, "Nobody hears")
    assert not wait(of(ANNA), gone.result().cursor, timeout=0.5).result().updated
