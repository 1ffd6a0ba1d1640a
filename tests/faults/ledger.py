"""What was asked of the system and what it answered: the outside half of what the checker compares."""

import itertools
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from domain.identity import derived_id

CREATED = 201


@dataclass
class Asked:
    """One command of one person; `status` is None as long as there is no answer."""

    user: str
    action: str
    path: str
    key: str
    status: int | None = None
    answer: dict = field(default_factory=dict)
    asked_at: float = field(default_factory=time.time)
    seconds: float | None = None
    attempts: int = 0

    @property
    def command_id(self):
        return derived_id("command", self.user, f"/api/v1{self.path}", self.key)

    @property
    def accepted(self):
        return self.status in (200, 201)


@dataclass
class Bulk(Asked):
    """One action on many tasks; `parts` has the id of each task's command."""

    parts: dict = field(default_factory=dict)


@dataclass
class Said(Asked):
    """One comment."""

    text: str = ""


@dataclass
class Errand:
    """An errand that somebody has asked for; `asked` has the answer."""

    kind: str
    key: str
    number: int
    asked: Asked

    @property
    def answered_at(self):
        """When it was known to have begun."""
        return self.asked.asked_at + self.asked.seconds if self.asked.status == CREATED else None


@dataclass
class Bell:
    """A signal; `heard` are the instances it was said to have reached, None where nobody knows."""

    marker: str
    began: float
    heard: frozenset | None


@dataclass
class Errands:
    """What was asked of the errands and around them."""

    deployed: set = field(default_factory=set)
    all: dict = field(default_factory=dict)
    letters: dict = field(default_factory=lambda: defaultdict(list))
    """By key: (marker, whether it was taken, None where nobody knows)."""
    bells: list = field(default_factory=list)
    ends: dict = field(default_factory=lambda: defaultdict(dict))
    """By key: the answer to each marker that an outside worker has ended its task with."""
    decided: Counter = field(default_factory=Counter)
    effects: dict = field(default_factory=lambda: defaultdict(list))
    """By key: the markers of what jobs did outside."""

    def read_effects(self, file):
        """What is noted in the file of the jobs."""
        for line in file.read_text().splitlines() if file.exists() else ():
            key, _, marker = line.partition("\t")
            self.effects[key].append(marker)


class Ledger:
    """Written by everybody who works, read when they have stopped."""

    def __init__(self):
        self.asked, self.attempts = [], Counter()
        self.records = []
        """What the outside engine posted and got a 202 for, in order."""
        self.kept, self.undone, self.unsure, self.units = [], [], [], Counter()
        """Markers of units of work that committed, of what was rolled back, and lists of those nobody knows of."""
        self.bulk, self.comments = [], []
        self.creditors, self.erased = [], []
        """Whom nothing is started about any more, and who of them has been erased."""
        self.errands = Errands()
        self.problems = []
        self.backlog = {}
        self._lock = threading.Lock()

    def ask(self, user, action, path, key):
        asked = Asked(user, action, path, key)
        with self._lock:
            self.asked.append(asked)
        return asked

    def ask_bulk(self, user, action, path, key, tasks):
        asked = Bulk(user, action, path, key)
        asked.parts = {task: derived_id("command", user, f"/api/v1{path}", key, task) for task in tasks}
        with self._lock:
            self.bulk.append(asked)
        return asked

    def say(self, user, path, key, text):
        asked = Said(user, "comment", path, key, text=text)
        with self._lock:
            self.comments.append(asked)
        return asked

    def attempt(self, action, what):
        with self._lock:
            self.attempts[action, what] += 1

    def complain(self, text):
        with self._lock:
            self.problems.append(text)

    @property
    def stalls(self):
        """How long the longest times were in which nobody was answered, with when they began."""
        answered = sorted(asked.asked_at + asked.seconds for asked in self.asked if asked.seconds is not None)
        gaps = [(later - earlier, earlier) for earlier, later in itertools.pairwise(answered)]
        return sorted(gaps, reverse=True)[:5]

    @property
    def outcomes(self):
        """How many of each action got which answer."""
        return Counter((asked.action, asked.status) for asked in self.asked)

    @property
    def slowest(self):
        """What had to be waited for longest: how long, since when, and what it was."""
        answered = [asked for asked in self.asked if asked.seconds is not None]
        late = sorted(answered, key=lambda asked: asked.seconds, reverse=True)[:5]
        return [(one.seconds, one.asked_at, f"{one.status} {one.action} {one.path}") for one in late]
