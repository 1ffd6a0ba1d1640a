"""One application's SQL store as the checker reads it, folded by rules of the checker's own."""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import groupby

from sqlalchemy import text

from domain.identity import Key
from domain.personal import CannotOpen, key_of, opened
from tests.faults.recorder import digest

_EVENTS = text(
    "SELECT application, aggregate, aggregate_id, generation, revision, event_id, body FROM event"
    " ORDER BY application, aggregate, aggregate_id, generation, revision"
)
_LEFTOVERS = [
    f"SELECT count(*) FROM {table} WHERE root_id IN (SELECT instance_id FROM instance WHERE finished)"
    for table in ("wait", "job")
]

_LISTED = (
    *("application", "state", "assignee", "candidateUsers", "candidateGroups", "completedBy"),
    *("followUpDate", "priority", "description"),
)


@dataclass
class Log:
    """Everything the checker needs to know about a store, after one pass over it."""

    application: str
    heads: dict = field(default_factory=dict)
    folded: dict = field(default_factory=dict)
    """By key: (generation, revision, state) after the last event, folded from the changes."""
    events: dict = field(default_factory=dict)
    """By event id: (key, generation, revision, type, changes)."""
    bodies: dict = field(default_factory=dict)
    """By event id: a digest of the body as it must be sent."""
    tasks: dict = field(default_factory=lambda: defaultdict(list))
    """By a task's opaque id: what lists depend on, after each event."""
    outcomes: dict = field(default_factory=lambda: defaultdict(list))
    caused: dict = field(default_factory=lambda: defaultdict(set))
    """By command id: what the log says happened because of it."""
    completions: list = field(default_factory=list)
    instances: list = field(default_factory=list)
    incidents: list = field(default_factory=list)
    """(instance, kind, element) of those nobody has decided about."""
    leftovers: int = 0
    """Waits and jobs of instances that have ended."""
    waiting: int = 0
    parked: int = 0
    received: list = field(default_factory=list)
    keys: dict = field(default_factory=dict)
    """Wrapped keys of people, by id; those that are destroyed are not there."""
    in_the_clear: int = 0
    """Events that name a creditor, whom only who has the key may know."""
    keyring: object = None

    def shown(self, value):
        """A value of the log as views show it."""
        return opened(value, self._open)

    def _open(self, value):
        wrapped = self.keys.get(key_of(value))
        if wrapped is None or self.keyring is None:
            raise CannotOpen("no key")
        return self.keyring.open(wrapped, value)


def read(database, application, findings, keyring=None):
    """The store's content; whatever is wrong with the log in itself is found on the way."""
    log = Log(application, keyring=keyring)
    with database.reading() as connection:
        for name, aggregate, one, generation, revision, state in connection.execute(
            text("SELECT application, aggregate, id, generation, revision, state FROM aggregate")
        ):
            log.heads[Key(name, aggregate, one)] = (generation, revision, json.loads(state))
        rows = connection.execute(_EVENTS)
        for names, history in groupby(rows, key=lambda row: tuple(row[:3])):
            _fold(log, Key(*names), list(history), findings)
        log.waiting = connection.scalar(text("SELECT count(*) FROM outbox"))
        log.parked = connection.scalar(text("SELECT count(*) FROM aggregate WHERE parked"))
        log.instances = list(connection.execute(text("SELECT instance_id, state, finished FROM instance")))
        log.incidents = list(
            connection.execute(text("SELECT instance_id, kind, element FROM incident WHERE closed IS NULL"))
        )
        log.leftovers = sum(connection.scalar(text(query)) for query in _LEFTOVERS)
        log.keys = dict(
            tuple(row) for row in connection.execute(text("SELECT key_id, wrapped FROM data_subject")) if row[1]
        )
        log.in_the_clear = connection.scalar(text("SELECT count(*) FROM event WHERE body LIKE '%creditor requester%'"))
        log.received = list(connection.execute(text("SELECT record_id, state FROM received ORDER BY position")))
    return log


def _fold(log, key, rows, findings):
    revisions = [row[4] for row in rows]
    findings.expect("log", revisions == list(range(1, len(rows) + 1)), f"{key} has revisions {revisions}")
    state = None
    for _, _, _, generation, revision, event_id, body in rows:
        event = json.loads(body)
        state = fold(state, event)
        same = plain(state) == plain(event["data"]["state"])
        findings.expect("log", same, f"{key} revision {revision}: the state is not what the changes add up to")
        kind = event["type"].removeprefix("taskpool.").rpartition(".")[0]
        log.events[event_id] = (key, generation, revision, kind, event["data"]["changes"])
        log.bodies[event_id] = digest(body.encode())
        _note(log, key, (generation, revision), kind, event)
        if key.aggregate == "task":
            log.tasks[key.opaque].append({name: state.get(name) for name in _LISTED} | {"revision": revision})
    log.folded[key] = (rows[-1][3], rows[-1][4], state)


def _note(log, key, version, kind, event):
    cause = event.get("causationid")
    if kind == "command.outcome":
        log.outcomes[key.id].append(event["data"]["state"])
    elif cause and key.aggregate != "command":
        log.caused[cause].add((key.aggregate, key.id, *version))
    if kind == "task.completed":
        log.completions.append((cause, event["data"]["changes"]["completedBy"], key))


def fold(state, event):
    """The state after an event, from what changed; only what the changes do not say is taken from the event's state."""
    changes, after = event["data"]["changes"], event["data"]["state"]
    match event["type"].split(".")[1:3]:
        case ["task", "assigned" | "attributes_changed" | "migrated"]:
            return state | changes
        case ["task", "candidates_changed"]:
            return state | {
                "candidateUsers": _edited(state["candidateUsers"], changes["addUsers"], changes["removeUsers"]),
                "candidateGroups": _edited(state["candidateGroups"], changes["addGroups"], changes["removeGroups"]),
            }
        case ["task", "completed"]:
            return state | changes | {"state": "completed", "endTime": after["endTime"]}
        case ["task", "deleted"]:
            return state | {"state": "deleted", "deleteReason": changes["reason"], "endTime": after["endTime"]}
        case ["process_instance", moved] if moved != "started":
            later = {name: after[name] for name in ("endTime", "deleteReason")}
            return state | {"state": changes["state"]} | later
    return after


def _edited(names, added, removed):
    return [name for name in {*names, *added} if name not in removed]


def plain(state):
    """Comparable: the order of candidates means nothing."""
    lists = {name: sorted(state[name]) for name in ("candidateUsers", "candidateGroups") if state.get(name)}
    return state | lists
