"""Old documents in a real MongoDB: forgotten, or left as stubs that nothing late brings back."""

from datetime import UTC, datetime
from threading import Event

import pytest

from domain.access import User
from domain.aggregates.process_instance import ProcessInstance
from domain.aggregates.register import KINDS
from domain.errors import NotFound
from domain.identity import Key
from domain.query.fields import INSTANCE
from domain.query.sort import parse_sort
from domain.query.task_query import TaskQuery
from domain.wire import dump
from settings import Retention
from store.lists.conditions import PlainQuery
from store.lists.pages import Place
from store.lists.process_list import NEWEST_INSTANCES, ProcessList
from store.lists.task_list import TaskList
from store.people.left import LeftByPeople
from store.retention.documents import ViewCleaning
from store.retention.rows import CleanerLease
from store.views.writer import Views
from tasks.operate.clean import Cleaner
from tests.read_side import instance, own_views, projected, task, task_key
from tests.store.databases import on_sqlite

pytestmark = pytest.mark.servers

OLD, NEW, BEFORE = "2026-01-01T00:00:00.000Z", "2026-06-01T00:00:00.000Z", "2026-03-01T00:00:00.000Z"
ADMIN = User("admin", ("admins",))


@pytest.fixture
def views(servers):
    with own_views(servers.mongo_url) as database:
        yield database


def ended(name, time, revision=3, state="completed"):
    return task(name, revision=revision, type_="completed", state=state, end_time=time, completed_by="admin")


NEWEST = parse_sort(NEWEST_INSTANCES, INSTANCE)


def listed(database, scope):
    query = TaskQuery(user=ADMIN, now=NEW, scope=scope)
    return {found["_id"] for found in TaskList(database).find(query, ()).items}


def test_an_ended_task_becomes_a_stub_that_no_list_shows(views):
    Views(views).apply([*ended("old", OLD), *ended("gone", OLD, state="deleted"), *ended("new", NEW), *task("open")])
    cleaning = ViewCleaning(views)
    assert [cleaning.over(KINDS["task"], BEFORE, 1) for _ in range(3)] == [1, 1, 0]
    stub = views.task.find_one({"_id": task_key("old")})
    assert stub.keys() <= {"_id", "application", "aggregate", "subject", "generation", "revision", "state"}
    assert (stub["state"], stub["generation"], stub["revision"]) == ("stub", 1, 3)
    assert listed(views, "visible") == {task_key("open")}
    assert listed(views, "completed") == {task_key("new")}
    assert TaskList(views).get(task_key("old"), ADMIN) is None
    assert TaskList(views).current(task_key("old")) is None


def instance_key(name):
    return Key("approval", "process_instance", name)


def finished(name, time):
    body = ProcessInstance(name, "approval", start_time=OLD, start_user="ann", state="FINISHED", end_time=time)
    return projected(instance_key(name), dump(body), "process_instance.ended", 2)


def test_an_ended_instance_becomes_a_stub_that_nobody_reads(views):
    Views(views).apply([*finished("old", OLD), *finished("new", NEW), *instance("runs", start_user="ann")])
    cleaning = ViewCleaning(views)
    assert [cleaning.over(KINDS["process_instance"], BEFORE, 1) for _ in range(2)] == [1, 0]
    key = instance_key("old").opaque
    Views(views).apply(instance("old"))
    stub = views.process_instance.find_one({"_id": key})
    left = {"_id": key, "application": "approval", "subject": "old", "generation": 1, "revision": 2, "state": "stub"}
    assert stub == left | {name: stub[name] for name in stub.keys() & {"aggregate"}}
    readers = ProcessList(views)
    for user in (ADMIN, User("ann")):
        found = readers.instances(PlainQuery(user), NEWEST, Place())
        assert ({one["processInstanceId"] for one in found.items}, found.total) == ({"runs", "new"}, 2)
        assert readers.instance(instance_key("new").opaque, user)["processInstanceId"] == "new"
        for name in ("old", key):
            with pytest.raises(NotFound):
                readers.instance(name, user)
    assert readers.instances(PlainQuery(ADMIN, {"state": "stub"}), NEWEST, Place()).total == 0


def test_nothing_late_brings_it_back(views):
    Views(views).apply(ended("old", OLD))
    ViewCleaning(views).over(KINDS["task"], BEFORE, 10)
    for revision in (1, 2, 3):
        Views(views).apply(task("old", revision=revision))
    assert views.task.find_one({"_id": task_key("old")})["state"] == "stub"
    Views(views).apply(task("old", revision=4))
    assert views.task.find_one({"_id": task_key("old")})["state"] == "open"


def test_history_and_answered_commands_go_by_age_and_what_is_pending_stays(views):
    views.task_history.delete_many({})
    views.task_history.insert_many([{"_id": n, "time": OLD if n < 7 else NEW} for n in range(10)])
    made = [("a", OLD, "accepted"), ("b", NEW, "accepted"), ("c", None, "pending"), ("d", OLD, "pending")]
    views["command"].insert_many(
        [{"_id": name, "status": status, **({"eventTime": time} if time else {})} for name, time, status in made]
    )
    cleaning = ViewCleaning(views)
    assert [cleaning.history(KINDS["task"], BEFORE, 5) for _ in range(3)] == [5, 2, 0]
    assert [cleaning.over(KINDS["command"], BEFORE, 5) for _ in range(2)] == [1, 0]
    assert {found["_id"] for found in views["command"].find()} == {"b", "c", "d"}


def test_one_round_of_the_cleaner_reaches_every_view(views):
    Views(views).apply([*ended("old", OLD), *finished("old", OLD), *ended("new", NEW)])
    views["command"].insert_one({"_id": "a", "status": "accepted", "eventTime": OLD})
    database = on_sqlite()
    after = Retention(tasks=24.0, history=24.0)
    lease = CleanerLease(database, "one", 60.0)
    cleaner = Cleaner(database, ViewCleaning(views), None, after, lease, lambda: datetime(2026, 6, 2, tzinfo=UTC))
    removed = cleaner.run(Event())
    database.close()
    assert removed.items() >= {"command": 1, "task": 1, "process_instance": 1}.items()
    assert {one["subject"]: one["state"] for one in views.process_instance.find()} == {"old": "stub"}
    assert {one["subject"]: one["state"] for one in views.task.find()} == {"old": "stub", "new": "completed"}


def test_what_is_looked_for_is_found_by_an_index(views):
    for name, wanted in (
        ("task", {"endTime": {"$gt": "", "$lt": BEFORE}}),
        ("process_instance", {"endTime": {"$gt": "", "$lt": BEFORE}}),
        ("task_history", {"time": {"$lt": BEFORE}}),
        ("command", {"eventTime": {"$gt": "", "$lt": BEFORE}, "status": {"$ne": "pending"}}),
    ):
        plan = views[name].find(wanted, limit=10).explain()["queryPlanner"]["winningPlan"]
        assert "IXSCAN" in str(plan)


def test_what_people_said_about_a_task_goes_with_it(views):
    Views(views).apply([*ended("old", OLD), *ended("new", NEW)])
    left = LeftByPeople(views)
    for name in ("old", "new"):
        left.comment(task_key(name), ADMIN, "said")
        left.save_draft(task_key(name), ADMIN, {"a": 1})
    assert ViewCleaning(views, forget_tasks=left.forget_tasks).over(KINDS["task"], BEFORE, 10) == 1
    assert [len(left.comments(task_key(name))) for name in ("old", "new")] == [0, 1]
    assert [one["taskKey"] for one in views["draft"].find()] == [task_key("new")]
