"""People who look at a list all day: they read it once and keep it up to date from the changes alone."""

import threading
import time
from collections import Counter

import httpx

VIEWS = (
    ("approver1", {"scope": "group"}),
    ("approver2", {"scope": "visible", "deferred": "only"}),
    ("accountant1", {"scope": "visible"}),
    ("requester1", {"scope": "mine", "deferred": "show"}),
    ("approver2", {"scope": "unassigned", "filter": "task.application = legacy"}),
    ("approver1", {"scope": "completed"}),
)
WAIT = 10
COUNTED = ("deltas", "resets", "failures")


class Subscriber:
    """One list of one person; `shown` is what their screen has."""

    def __init__(self, url, user, query):
        self.user, self.query = user, query
        self.shown, self.resets, self.deltas, self.failures = {}, 0, 0, 0
        self._client = httpx.Client(base_url=f"{url}/api/v1", auth=(user, user), timeout=WAIT + 15)
        self._cursor = None

    def __str__(self):
        return f"{self.user} {self.query}"

    def close(self):
        self._client.close()

    def look(self, wait):
        """One poll; tells whether the list was told to have changed. A failed one changes nothing."""
        try:
            if self._cursor is None:
                self.shown, self._cursor = self.read()
                return True
            answer = self._client.get("/tasks/changes", params=self.query | {"cursor": self._cursor, "wait": wait})
            answer.raise_for_status()
            return self._take(answer.json())
        except (httpx.HTTPError, ValueError, KeyError):
            self.failures += 1
            time.sleep(0.3)
            return True

    def read(self):
        """The whole list as it is now, and where it stands."""
        shown, cursor, after = {}, None, {}
        while True:
            answer = self._client.get("/tasks", params=self.query | {"size": 200} | after)
            answer.raise_for_status()
            page = answer.json()
            shown |= {task["id"]: _seen(task) for task in page["items"]}
            cursor = cursor or page["cursor"]
            if not page["next"]:
                return shown, cursor
            after = {"after": page["next"]}

    def _take(self, changes):
        self._cursor = changes["cursor"]
        if changes["reset"]:
            self.resets += 1
            self._cursor = None
            return True
        told = [*changes["entered"], *changes["updated"]]
        self.shown |= {task["id"]: _seen(task) for task in told}
        for task_id in changes["left"]:
            self.shown.pop(task_id, None)
        self.deltas += len(told) + len(changes["left"])
        return bool(told or changes["left"])


class Subscribers:
    """All of them, polling until the block is left."""

    def __init__(self, url, views=VIEWS):
        self.members = [Subscriber(url, user, query) for user, query in views]
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
    def counts(self):
        return Counter({name: sum(getattr(one, name) for one in self.members) for name in COUNTED})

    def _watch(self, one):
        while not self._stop.is_set():
            one.look(WAIT)


def differences(subscribers):
    """What is on somebody's screen and not in their list, or the other way round."""
    found = []
    for one in subscribers:
        fresh, _ = one.read()
        ghosts, missing = one.shown.keys() - fresh.keys(), fresh.keys() - one.shown.keys()
        stale = [name for name in fresh.keys() & one.shown.keys() if fresh[name] != one.shown[name]]
        for what, names in (("still shows", ghosts), ("never heard of", missing), ("shows an old state of", stale)):
            found += [f"subscriber: {one} {what} {name}" for name in sorted(names)]
    return found


def _seen(task):
    return task["revision"], task["assignee"], task["followUpDate"], task["priority"], task["description"]
