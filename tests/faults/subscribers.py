"""People who look at a list all day: they read it once and keep it up to date from the changes alone."""

import threading
import time
from collections import Counter

import httpx

from tests.faults.screens import Screen

VIEWS = (
    ("approver1", {"scope": "group"}),
    ("approver2", {"scope": "visible", "deferred": "only"}),
    ("accountant1", {"scope": "visible"}),
    ("requester1", {"scope": "mine", "deferred": "show"}),
    ("approver2", {"scope": "unassigned", "application": "legacy"}),
    ("approver1", {"scope": "completed"}),
)
WAIT = 10
COUNTED = ("deltas", "resets", "failures")


class Subscriber:
    """Keeps one screen up to date over HTTP; `query` has an `application` where the list is filtered by it."""

    def __init__(self, url, user, query):
        self.screen = Screen(user, query)
        self.resets, self.deltas, self.failures = 0, 0, 0
        self._query = {name: value for name, value in query.items() if name != "application"}
        if "application" in query:
            self._query["filter"] = f"task.application = {query['application']}"
        self._client = httpx.Client(base_url=f"{url}/api/v1", auth=(user, user), timeout=WAIT + 15)
        self._cursor = None

    def close(self):
        self._client.close()

    def look(self, wait):
        """One poll; tells whether the list was told to have changed. A failed one changes nothing."""
        try:
            if self._cursor is None:
                tasks, self._cursor = self.read()
                self.screen.begin(tasks)
                return True
            answer = self._client.get("/tasks/changes", params=self._query | {"cursor": self._cursor, "wait": wait})
            answer.raise_for_status()
            return self._take(answer.json())
        except (httpx.HTTPError, ValueError, KeyError):
            self.failures += 1
            time.sleep(0.3)
            return True

    def read(self):
        """The whole list as it is now, and where it stands."""
        tasks, cursor, after = {}, None, {}
        while True:
            answer = self._client.get("/tasks", params=self._query | {"size": 200} | after)
            answer.raise_for_status()
            page = answer.json()
            tasks |= {task["id"]: task for task in page["items"]}
            cursor = cursor or page["cursor"]
            if not page["next"]:
                return tasks, cursor
            after = {"after": page["next"]}

    def _take(self, changes):
        self._cursor = changes["cursor"]
        if changes["reset"]:
            self.resets += 1
            self._cursor = None
            return True
        told = [*changes["entered"], *changes["updated"]]
        self.screen.take({task["id"]: task for task in told}, changes["left"])
        self.deltas += len(told) + len(changes["left"])
        return bool(told or changes["left"])


class Subscribers:
    """All of them, polling until the block is left."""

    def __init__(self, url, views=VIEWS):
        self.members = [Subscriber(url, user, query) for user, query in views]
        self.failures = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._watch, args=(one,), daemon=True) for one in self.members]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=WAIT + 20)

    def catch_up(self, seconds=30):
        """After leaving the block: poll until nobody is told anything new."""
        deadline = time.monotonic() + seconds
        told = True
        while told and time.monotonic() < deadline:
            told = sum(one.look(0.3) for one in self.members)

    @property
    def screens(self):
        return [one.screen for one in self.members]

    def read_again(self):
        """The same lists as somebody sees them who has just come."""
        for one in self.members:
            screen = Screen(one.screen.user, one.screen.query)
            screen.begin(one.read()[0])
            yield screen

    @property
    def counts(self):
        return Counter({name: sum(getattr(one, name) for one in self.members) for name in COUNTED})

    def _watch(self, one):
        try:
            while not self._stop.is_set():
                one.look(WAIT)
        except Exception as error:  # noqa: BLE001 - the run must say that somebody stopped looking
            self.failures.append(f"{one.screen.user} stopped looking: {type(error).__name__}: {error}")
