"""Tasks and data entries made up for measuring and for trying things out: the same for the same number, at any size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

from domain.aggregates.data_entry import DataEntry, entry_key
from domain.aggregates.data_entry_document import embedded
from domain.aggregates.task import UserTask
from domain.events.envelope import Envelope
from domain.events.project import project
from domain.identity import Key
from domain.values import iso
from domain.wire import dump

APPLICATION: Final = "demo-load"
GROUPS: Final = 33
"""Each sees 3 % of all tasks."""
MEMBERS: Final = 200
ENTRIES_PER_TASK: Final = 3
_TOLD_OF_TASKS: Final = (
    *("name", "description", "taskDefinitionKey", "processDefinitionKey", "processDefinitionId", "processName"),
    *("processInstanceId", "businessKey", "assignee", "candidateGroups", "priority", "createTime", "dueDate"),
    *("followUpDate", "payload", "correlations"),
)
_TOLD_OF_ENTRIES: Final = ("entryType", "entryId", "type", "name", "payload", "state")
_START: Final = datetime(2026, 1, 1, tzinfo=UTC)
_VERBS: Final = ("Approve", "Check", "Correct", "Sign", "Call back about", "Archive", "Review", "Pay", "Plan", "Order")
_THINGS: Final = (
    "invoice",
    "contract",
    "request",
    "delivery",
    "claim",
    "travel",
    "report",
    "offer",
    "licence",
    "repair",
)
_PROCESSES: Final = ("Invoicing", "Contracts", "Requests", "Logistics", "Claims", "Travel", "Audit")
_CITIES: Final = (
    "Berlin",
    "Köln",
    "Lisboa",
    "Oslo",
    "Wien",
    "Kraków",
    "Roma",
    "Nantes",
    "Gent",
    "Turku",
    "Brno",
    "Porto",
)
_NAMES: Final = (
    "Ada",
    "Ben",
    "Cem",
    "Dana",
    "Eli",
    "Fay",
    "Gil",
    "Hana",
    "Ivo",
    "Jo",
    "Kim",
    "Lea",
    "Mio",
    "Nia",
    "Ole",
)
_STATES: Final = ("Submitted", "In review", "Waiting", "Done")


def group(number: int) -> str:
    """The name of a group."""
    return f"team-{number % GROUPS:02}"


def member(group_number: int, number: int) -> str:
    """The name of somebody of a group."""
    return f"user-{group_number % GROUPS:02}-{number % MEMBERS:03}"


def task_of(number: int) -> UserTask:
    """The task of this number: a quarter are assigned, a tenth deferred, each is about one of `ENTRIES_PER_TASK`."""
    random = Random(number)  # noqa: S311 - made up, no secret
    team, created = random.randrange(GROUPS), _START + timedelta(seconds=20 * number + random.randrange(20))
    thing, process = random.choice(_THINGS), random.randrange(len(_PROCESSES))
    deferred = random.random() < 0.1  # noqa: PLR2004 - a tenth
    return UserTask(
        engine_task_id=f"t{number}",
        application=APPLICATION,
        name=f"{random.choice(_VERBS)} {thing}",
        description=f"The {thing} of {random.choice(_NAMES)} in {random.choice(_CITIES)} needs a look",
        task_definition_key=f"{thing}-{process}",
        process_definition_key=f"p{process}",
        process_definition_id=f"p{process}:1",
        process_name=_PROCESSES[process],
        process_instance_id=f"i{number // 2}",
        business_key=f"K-{number:07}",
        assignee=member(team, random.randrange(MEMBERS)) if random.random() < 0.25 else None,  # noqa: PLR2004
        candidate_groups=(group(team),),
        priority=random.choice((10, 50, 50, 50, 70, 90)),
        create_time=iso(created),
        due_date=iso(created + timedelta(days=random.randrange(1, 60))) if random.random() < 0.8 else None,  # noqa: PLR2004
        follow_up_date=iso(_START + timedelta(days=20_000)) if deferred else None,
        payload={
            "amount": random.randrange(1, 10_000),
            "urgent": random.random() < 0.1,  # noqa: PLR2004
            "customer": {"name": f"{random.choice(_NAMES)} {number % 9973}", "city": random.choice(_CITIES)},
            "tags": random.sample(("vip", "new", "late", "abroad", "repeat"), 2),
        },
        correlations=({"application": APPLICATION, "entryType": "order", "entryId": f"o{number * ENTRIES_PER_TASK}"},),
    )


def entry_of(number: int) -> DataEntry:
    """The entry of this number; the task about it is offered to a team that may see it."""
    random = Random(-number - 1)  # noqa: S311 - made up, no secret
    team = Random(number // ENTRIES_PER_TASK).randrange(GROUPS)  # noqa: S311 - made up, no secret
    return DataEntry(
        entry_type="order",
        entry_id=f"o{number}",
        application=APPLICATION,
        type="Order",
        name=f"Order {number}",
        payload={"total": random.randrange(1, 100_000), "city": random.choice(_CITIES), "number": f"N{number:08}"},
        state={"processingType": "IN_PROGRESS", "state": random.choice(_STATES)},
        authorized_groups=(group(team),),
    )


def events(kind: str, numbers: range) -> Iterator[Envelope]:
    """The first event of each, as if an engine had told of it."""
    for number in numbers:
        if kind == "task":
            task = task_of(number)
            yield _first(Key(APPLICATION, "task", task.engine_task_id), "task.created", dump(task), task.create_time)
        else:
            entry = entry_of(number)
            key = Key(APPLICATION, "data_entry", entry_key(entry.entry_type, entry.entry_id))
            yield _first(key, "data_entry.saved", dump(entry), iso(_START + timedelta(seconds=number)))


def _first(key: Key, type_: str, state: Mapping[str, Any], time: str | None) -> Envelope:
    changes = {"log": None} if key.aggregate == "data_entry" else {}
    return Envelope(key, 1, 1, type_, time or iso(_START), changes, state)


def with_entry(numbers: range) -> Iterator[tuple[Envelope, list[dict[str, Any]]]]:
    """The tasks of these numbers, each with what it carries of the entry it is about."""
    for number in numbers:
        [task] = events("task", range(number, number + 1))
        [entry] = events("data_entry", range(number * ENTRIES_PER_TASK, number * ENTRIES_PER_TASK + 1))
        yield task, [embedded(project(entry)[0].document)]


def records(kind: str, numbers: range) -> Iterator[dict[str, Any]]:
    """The same as an outside engine tells of it, in the format `taskpool`."""
    for envelope in events(kind, numbers):
        state = envelope.state
        record = {"id": f"demo-{kind}-{envelope.key.id}", "type": envelope.type, "time": envelope.time}
        if kind == "task":
            told = {name: state[name] for name in _TOLD_OF_TASKS if state[name] is not None}
            yield {**record, "subject": envelope.key.id, "data": told}
        else:
            told = {name: state[name] for name in _TOLD_OF_ENTRIES}
            authorizations = [{"add": {"users": [], "groups": list(state["authorizedGroups"])}}]
            yield {**record, "data": {**told, "authorizations": authorizations}}
