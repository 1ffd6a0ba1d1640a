"""A list kept up to date from changes alone, and what the checker asks about it: nothing missed, nothing leaked."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from domain.values import iso

GROUPS = {
    "requester1": {"requesters"},
    "requester2": {"requesters"},
    "approver1": {"approvers"},
    "approver2": {"approvers"},
    "accountant1": {"accounting"},
}
SHOWN = ("revision", "assignee", "followUpDate", "priority", "description")
"""What of a task a screen shows, in the order in which it is compared."""
CLOSE = timedelta(seconds=3)


@dataclass
class Screen:
    """One list of one person: `shown` now, `told` ever (id and what was seen), and ids that were said to have left."""

    user: str
    query: dict
    shown: dict = field(default_factory=dict)
    told: set = field(default_factory=set)
    gone: set = field(default_factory=set)

    def __str__(self):
        return f"{self.user} {self.query}"

    def begin(self, tasks):
        """The list as it was read, {id: task}."""
        self.shown = {}
        self._show(tasks)

    def take(self, tasks, left):
        """What entered or changed, {id: task}, and the ids that left."""
        self._show(tasks)
        for name in left:
            self.shown.pop(name, None)
        self.gone |= set(left)

    def _show(self, tasks):
        seen = {name: tuple(task[one] for one in SHOWN) for name, task in tasks.items()}
        self.shown |= seen
        self.told |= set(seen.items())


def belongs(state, user, query):
    """Whether a task is in a list at some time of day: the checker's own reading of scopes, rights and filters."""
    if "application" in query and state["application"] != query["application"]:
        return False
    scope = query["scope"]
    if scope == "completed":
        return state["state"] == "completed" and state["completedBy"] == user
    groups = not GROUPS[user].isdisjoint(state["candidateGroups"])
    rights = groups or state["assignee"] == user or user in state["candidateUsers"]
    wanted = {
        "visible": rights,
        "mine": state["assignee"] == user,
        "group": groups,
        "unassigned": rights and state["assignee"] is None,
    }
    return state["state"] == "open" and wanted[scope]


def in_time(state, query, now):
    """Whether the follow-up date lets it be shown; None: too close to the date to tell."""
    until = state["followUpDate"]
    if query.get("deferred") == "show" or query["scope"] == "completed":
        return True
    if until is not None and iso(now - CLOSE) < until < iso(now + CLOSE):
        return None
    return (until is not None and until > iso(now)) == (query.get("deferred") == "only")


def check_screens(screens, stores, findings, now=None):
    """Every screen shows exactly what its person has a right to and asked for, and was never told of anything else."""
    now = now or datetime.now(UTC)
    lives = {name: states for log in stores for name, states in log.tasks.items()}
    for screen in screens:
        _check_rights(screen, lives, findings)
        _check_shown(screen, lives, now, findings)


def _check_rights(screen, lives, findings):
    for name, seen in screen.told:
        state = next((one for one in lives.get(name, ()) if one["revision"] == seen[0]), None)
        true = state is not None and tuple(state[one] for one in SHOWN) == seen
        findings.expect("rights", true, f"{screen} was told of {name} what is in no log: {seen}")
        allowed = state is not None and belongs(state, screen.user, screen.query)
        findings.expect("rights", allowed, f"{screen} was told of {name} at revision {seen[0]} without a right to it")
    for name in screen.gone:
        ever = any(belongs(state, screen.user, screen.query) for state in lives.get(name, ()))
        findings.expect("rights", ever, f"{screen} was told that {name} left, which never was in the list")


def _check_shown(screen, lives, now, findings):
    for name, states in lives.items():
        newest = states[-1]
        there = in_time(newest, screen.query, now)
        if there is not None:
            wanted = there and belongs(newest, screen.user, screen.query)
            words = f"{screen} {'never heard of' if wanted else 'still shows'} {name}"
            findings.expect("subscriber", (name in screen.shown) == wanted, words)
        if name in screen.shown:
            same = screen.shown[name] == tuple(newest[one] for one in SHOWN)
            findings.expect("subscriber", same, f"{screen} shows an old state of {name}")
    unknown = screen.shown.keys() - lives.keys()
    findings.expect("subscriber", not unknown, f"{screen} shows what is in no log: {sorted(unknown)[:3]}")
