"""A hub whose views are made anew: who waits is told to read again, and hears of the new ones from then on."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from domain.access import User
from domain.query.task_query import TaskQuery
from store.lists.task_list import TaskList
from store.live.cursor import Cursor
from store.live.hub import Changes, Hub
from store.repair.rebuild_progress import Filled, Filling, drop_others, forget_others
from store.views.generations import LiveViews
from store.views.indexes import indexes
from store.views.writer import Views, prepare_generation
from tests.read_side import own_views, task, task_key
from tests.support.waiting import eventually

pytestmark = pytest.mark.servers
QUERY = TaskQuery(User("anna"), "")


def held(pool: ThreadPoolExecutor, hub: Hub, cursor: str) -> Future[Changes]:
    before = hub.lists.held
    future = pool.submit(hub.wait_changes, QUERY, cursor, 10)
    eventually(lambda: hub.lists.held > before)
    return future


def test_a_switch_resets_and_nothing_else_about_a_rebuild_does(servers: Any) -> None:
    with own_views(servers.mongo_url) as database, ThreadPoolExecutor(2) as pool:
        live = LiveViews(database)
        hub, tasks, views = Hub(database, live), TaskList(live), Views(database)
        hub.start()
        eventually(lambda: hub.running)
        filling, poll = Filling(database, "r1"), held(pool, hub, hub.cursor())
        filling.begin()
        filling.save({"app": Filled(events=7)})
        views.apply(task("t1", assignee="anna"))
        told = poll.result()
        assert [(one["_id"], told.reset) for one in told.entered] == [(task_key("t1"), False)]

        poll = held(pool, hub, told.cursor)
        prepare_generation(database, 2, indexes())
        views.fill(2, task("t9", assignee="anna"))
        assert not poll.done(), "what is filled is nobody's news"
        filling.switch(1, 2)
        assert poll.result().reset
        cursor = hub.cursor()
        assert Cursor.read(cursor).generation == 2
        assert {one["_id"] for one in tasks.find(QUERY, ()).items} == {task_key("t1"), task_key("t9")}

        eventually(lambda: not hub.wait_changes(QUERY, cursor, 0).reset)
        poll = held(pool, hub, hub.cursor())
        drop_others(database, forget_others(database))
        views.apply(task("t1", 2, assignee="anna", name="renamed"))
        told = poll.result()
        assert [(one["name"], told.reset) for one in told.updated] == [("renamed", False)]
        assert hub.wait_documents({("task", task_key("t1")): (1, 2)}, 5)
        hub.stop()
