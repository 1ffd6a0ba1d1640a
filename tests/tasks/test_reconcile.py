"""Reconciling: each kind of drift is found in a real view and mended, and what is only on its way is no drift."""

import json

import pytest
from sqlalchemy import text

from domain.aggregates.advance import Origin
from domain.aggregates.command import Outcome, RecordOutcome
from domain.aggregates.task import ChangeTask, CompleteTask, CreateTask, UserTask
from domain.deployment import StoredInstance
from domain.drift import AHEAD, BEHIND, DIFFERS, ENGINE, GHOST, HISTORY, LOG, MISSING, STRANGER, Forgotten
from domain.identity import Key
from store.engine.instances import Instances
from tests.store.databases import each_database, rows
from tests.support.platform import documents, opaque, platform

__all__ = ["documents", "platform"]

pytestmark = pytest.mark.servers


BREAKAGES = {
    MISSING: lambda tasks: tasks.delete_one({"_id": opaque("b")}),
    BEHIND: lambda tasks: tasks.update_one({"_id": opaque("b")}, {"$set": {"revision": 2, "name": "b"}}),
    DIFFERS: lambda tasks: tasks.update_one({"_id": opaque("b")}, {"$set": {"principals": ["user:eve"]}}),
    GHOST: lambda tasks: tasks.insert_one(
        {"_id": opaque("x"), "application": "app", "subject": "x", "generation": 1, "revision": 1, "state": "open"}
    ),
    HISTORY: lambda tasks: tasks.database["task_history"].delete_one({"taskKey": opaque("b"), "revision": 2}),
}


@each_database
def test_what_agrees_is_left_alone(platform):
    before, sent = platform.shown(), len(platform.exchange.sent)
    assert platform.repair() == ([], [])
    assert (platform.shown(), len(platform.exchange.sent)) == (before, sent)


@each_database
@pytest.mark.parametrize("breakage", BREAKAGES)
def test_each_kind_of_drift_is_found_and_mended(platform, breakage):
    before, sent = platform.shown(), len(platform.exchange.sent)
    BREAKAGES[breakage](platform.documents["task"])
    broken = [(breakage, "x" if breakage == GHOST else "b")]
    assert platform.find() == broken
    assert platform.find() == broken, "looking mends nothing"
    assert platform.repair() == (broken, [])
    assert platform.shown() == before
    assert platform.find() == []
    assert len(platform.exchange.sent) - sent == {GHOST: 0, HISTORY: 3}.get(breakage, 1)


@each_database
def test_a_view_that_is_lost_altogether_comes_back(platform):
    before = platform.shown()
    platform.documents["task"].delete_many({})
    platform.documents["task_history"].delete_many({})
    found, left = platform.repair()
    assert ([kind for kind, _ in found].count(MISSING), left) == (5, [])
    assert platform.shown() == before


@each_database
def test_ghosts_of_every_shape(platform):
    tasks = platform.documents["task"]
    tasks.insert_many([{"_id": "by hand"}, {"_id": opaque("y"), "application": "app", "subject": "b", "revision": 2}])
    platform.documents["task_history"].insert_one({"_id": "h", "taskKey": "by hand"})
    platform.documents["command"].insert_one({"_id": "asked", "generation": 0, "revision": 0, "application": "app"})
    tasks.insert_one({"_id": "no version", "application": "app", "generation": 0, "revision": 0})
    assert [kind for kind, _ in platform.find()] == [GHOST, GHOST, GHOST]
    assert platform.repair()[1] == []
    assert tasks.count_documents({}) == 5
    assert platform.documents["task_history"].count_documents({"taskKey": "by hand"}) == 0
    assert platform.documents["command"].count_documents({}) == 1, "what waits for its answer is in no log"


@each_database
def test_what_is_left_of_a_lost_log_is_not_deleted(platform):
    for number in range(3):
        platform.documents["task"].insert_one({"_id": str(number), "application": "gone", "subject": str(number)})
    found, left = platform.repair()
    assert found == left == [(STRANGER, "0"), (STRANGER, "1"), (STRANGER, "2")]
    with platform.store.database.transaction() as connection:
        for table in ("aggregate", "event"):
            connection.execute(text(f"DELETE FROM {table}"))
    found, left = platform.repair()
    assert found == left
    assert {kind for kind, _ in left} == {STRANGER}
    assert platform.documents["task"].count_documents({}) == 8


@each_database
def test_a_log_restored_from_a_backup_wins_by_its_new_generation(platform):
    backup = rows(platform.store, "SELECT id, revision, state FROM aggregate")
    newest = rows(platform.store, "SELECT max(position) FROM event")[0][0]
    for name in ("lost1", "lost2", "lost3"):
        platform.write("b", ChangeTask({"name": name}))
    platform.ship()
    with platform.store.database.transaction() as connection:
        connection.execute(text(f"DELETE FROM event WHERE position > {newest}"))
        for name, revision, state in backup:
            change = text("UPDATE aggregate SET revision = :revision, state = :state WHERE id = :id")
            connection.execute(change, {"revision": revision, "state": state, "id": name})
    assert platform.repair() == ([(AHEAD, "b")], [])
    shown = platform.documents["task"].find_one({"_id": opaque("b")})
    assert (shown["name"], shown["generation"], shown["revision"]) == ("B", 2, 4)
    platform.write("b", ChangeTask({"name": "afterwards"}))
    platform.write("new")
    platform.ship()
    assert platform.documents["task"].find_one({"_id": opaque("b")})["name"] == "afterwards"
    assert platform.documents["task"].find_one({"_id": opaque("new")})["generation"] == 2
    assert platform.find() == []
    assert rows(platform.store, "SELECT routing_key FROM event WHERE generation = 2 ORDER BY position") == [
        ("task.restated.app",),
        ("task.attributes_changed.app",),
        ("task.created.app",),
    ]


@each_database
def test_what_retention_removed_is_no_drift(platform):
    with platform.store.begin(Origin("2026-01-01T00:00:00.000Z")) as work:
        work.collect(Key("app", "task", "old"), CreateTask(UserTask("old", "app")))
        work.collect(Key("app", "command", "1"), RecordOutcome(Outcome("1", "app", "accepted")))
    platform.write("old", CompleteTask(by="ann"))
    platform.ship()
    platform.documents["task_history"].delete_one({"taskKey": opaque("old"), "revision": 1})
    platform.documents["command"].delete_many({})
    platform.documents["task"].update_one({"_id": opaque("old")}, [{"$replaceWith": STUB_OF_OLD}])
    assert platform.find() == [(HISTORY, "old"), (MISSING, "1")]
    later = Forgotten("2026-02-01T00:00:00.000Z", "2026-02-01T00:00:00.000Z")
    reconciler = platform.reconciler(forgotten=later)
    assert reconciler.reconcile(repair=True, wait=5).found == []
    platform.documents["task_history"].delete_many({"taskKey": opaque("old")})
    (drift,) = reconciler.reconcile(repair=False, wait=5).found
    assert (drift.kind, drift.detail) == (HISTORY, "0 of 1 events are in the history")


STUB_OF_OLD = {"state": "stub"} | {
    name: f"${name}" for name in ("_id", "application", "aggregate", "subject", "generation", "revision")
}


@each_database
def test_a_log_with_a_hole_is_reported_and_stays(platform):
    with platform.store.database.transaction() as connection:
        connection.execute(text("DELETE FROM event WHERE aggregate_id = 'b' AND revision = 2"))
        connection.execute(text("DELETE FROM aggregate WHERE aggregate_id = 'd'".replace("aggregate_id", "id")))
    found, left = platform.repair()
    assert found == [(GHOST, "d"), (LOG, "b"), (LOG, "d")]
    assert left == [(LOG, "b"), (LOG, "d")]


@each_database
def test_an_engine_that_disagrees_either_way(platform):
    with platform.store.begin() as work:
        task = UserTask("waits", "app", process_instance_id="i1")
        work.collect(Key("app", "task", "waits"), CreateTask(task))
        instances = Instances(work.connection, "app")
        instances.save(StoredInstance("i1", "d", None, None, json.dumps(["waits"])))
        instances.save(StoredInstance("i2", "d", None, None, json.dumps(["unheard"]), finished=True))
    assert platform.find() == []
    with platform.store.begin() as work:
        work.connection.execute(text("UPDATE instance SET state = '[\"c\", \"unheard\"]' WHERE instance_id = 'i1'"))
    found, left = platform.repair()
    assert found == left == [(ENGINE, "c"), (ENGINE, "unheard"), (ENGINE, "waits")]


@each_database
def test_what_is_on_its_way_is_waited_for_and_what_never_comes_is_said(platform):
    platform.write("late")
    assert platform.find() == [], "the wait has let it arrive"
    platform.write("later")
    report = platform.reconciler(waiting=lambda: 0).reconcile(repair=False, wait=0.1)
    assert report.in_flight == ["1 events in the outbox of app"]
    assert platform.kinds(report.found) == [(HISTORY, "later"), (MISSING, "later")]


@each_database
def test_what_moves_on_between_two_looks_is_no_drift(platform):
    platform.write("late")
    reconciler = platform.reconciler(waiting=lambda: 0)
    suspects = list(reconciler.suspects())
    assert {drift.kind for drift in suspects} == {MISSING, HISTORY}
    platform.ship()
    assert reconciler.again(suspects) == []
