"""Defects planted in the live list: the checker sees a screen that missed something and one that was told too much."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from domain.access import User
from domain.query.sort import parse_sort
from domain.query.task_query import TaskQuery
from domain.values import iso
from store.lists.pages import Place
from store.lists.task_list import TaskList
from store.live import deltas
from store.live.hub import Hub
from store.live.ring import Ring
from tests.faults import log
from tests.faults.findings import Findings
from tests.faults.planted import both
from tests.faults.screens import CLOSE, GROUPS, Screen, check_screens

pytestmark = [pytest.mark.servers, pytest.mark.faults]


@pytest.fixture
def hub(path):
    hub = Hub(path.views, ring_bytes=30_000)
    hub.start()
    yield hub
    hub.stop()


class Watcher:
    """Keeps a screen up to date from the hub itself."""

    def __init__(self, hub, path, user, **query):
        self.screen = Screen(user, query)
        self._hub, self._list = hub, TaskList(path.views)
        self._asked = TaskQuery(User(user, tuple(GROUPS[user])), "", **query)
        self.read()

    def read(self, in_between=lambda: None):
        """The cursor first, then the list; whatever happens in between is told by the changes."""
        self._cursor = self._hub.cursor()
        in_between()
        self.screen.begin({task["_id"]: task for task in self._page()})

    def read_first(self, in_between):
        """The wrong way round."""
        tasks = self._page()
        in_between()
        self._cursor = self._hub.cursor()
        self.screen.begin({task["_id"]: task for task in tasks})

    def look(self):
        told = True
        while told:
            changes = self._hub.wait_changes(self._asked, self._cursor, 0.5)
            self._cursor = changes.cursor
            tasks = {task["_id"]: task for task in (*changes.entered, *changes.updated)}
            self.screen.take(tasks, changes.left)
            told = tasks or changes.left
        if changes.reset:
            self.read()

    def _page(self):
        query = TaskQuery(self._asked.user, iso(datetime.now(UTC)), self._asked.scope, deferred=self._asked.deferred)
        return self._list.find(query, parse_sort(None), Place(size=200)).items


def work(path, *actions):
    """A new task, then these actions on it by approver1, all of it published and in the view."""
    path.start()
    path.publish(0.2)
    path.project()
    task = path.views.task.find_one({"state": "open", "assignee": None, "followUpDate": None})["engineTaskId"]
    for action, arguments in actions:
        path.executor.carry_out(path.request(action, task, **arguments))
    path.publish(0.2)
    path.project()


def verdict(path, broken, kinds, *watchers):
    """Broken: these kinds are found. As it is: nothing is."""
    for one in watchers:
        one.look()
    findings = Findings()
    check_screens([one.screen for one in watchers], [log.read(path.database, "approval", findings)], findings)
    assert findings.kinds == (kinds if broken else set()), findings.found
    assert findings.made["rights"] + findings.made["subscriber"] > len(watchers)


CLAIM, COMPLETE = ("claim", {}), ("complete", {"variables": {"decision": "APPROVE"}})


@both
def test_a_list_that_forgets_rights(path, hub, broken, monkeypatch):
    watcher = Watcher(hub, path, "approver2", scope="mine")
    if broken:
        monkeypatch.setattr(deltas, "matches", lambda document, _: document is not None)
        monkeypatch.setattr("store.live.hub.may_affect", lambda *_: True)
        monkeypatch.setattr("store.live.hub.subscribed_keys", lambda _: ("*",))
    work(path, CLAIM)
    verdict(path, broken, {"rights", "subscriber"}, watcher)


@both
def test_a_list_that_never_says_what_left(path, hub, broken, monkeypatch):
    watchers = [Watcher(hub, path, "approver1", scope=scope) for scope in ("unassigned", "visible", "completed")]
    if broken:

        def forgetful(*given):
            found = deltas.compute_deltas(*given)
            found.left.clear()
            return found

        monkeypatch.setattr("store.live.hub.compute_deltas", forgetful)
    work(path)
    for one in watchers:
        one.look()
    task = path.open_task()["engineTaskId"]
    for action, arguments in (CLAIM, COMPLETE):
        path.executor.carry_out(path.request(action, task, **arguments))
    path.publish(0.2)
    path.project()
    verdict(path, broken, {"subscriber"}, *watchers)


@both
def test_a_list_read_before_its_cursor_is_taken(path, hub, broken):
    watcher = Watcher(hub, path, "approver1", scope="group")
    (watcher.read_first if broken else watcher.read)(lambda: work(path))
    verdict(path, broken, {"subscriber"}, watcher)


@both
def test_a_list_that_was_away_for_longer_than_changes_are_kept(path, hub, broken, monkeypatch):
    watcher = Watcher(hub, path, "approver1", scope="group")
    if broken:
        since = Ring.since
        monkeypatch.setattr(Ring, "since", lambda self, position: since(self, max(position, self._start)))
    for _ in range(8):
        work(path, CLAIM)
    verdict(path, broken, {"subscriber"}, watcher)


@both
def test_a_list_that_does_not_know_the_time(path, hub, broken, monkeypatch):
    if broken:
        monkeypatch.setattr(Hub, "_add_back", lambda *_: None)
    watcher = Watcher(hub, path, "approver1", scope="group")
    back = datetime.now(UTC) + timedelta(seconds=4)
    work(path, ("defer", {"followUpDate": iso(back)}))
    watcher.look()
    assert datetime.now(UTC) < back
    time.sleep((back + CLOSE - datetime.now(UTC)).total_seconds() + 0.3)
    verdict(path, broken, {"subscriber"}, watcher)
