"""Documents as the projection makes them, and a database of one's own to put them in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from domain.aggregates.data_entry import DataEntry, entry_key
from domain.aggregates.process_definition import ProcessDefinition
from domain.aggregates.process_instance import ProcessInstance
from domain.aggregates.task import UserTask
from domain.events.envelope import Envelope
from domain.events.project import Projected, project
from domain.identity import Key
from domain.wire import dump
from store.lists.task_list import Documents
from store.views.indexes import indexes
from store.views.writer import Views, connect

NOW = "2026-11-22T10:00:00.000Z"


@contextmanager
def own_views(mongo_url: str) -> Iterator[Documents]:
    """A prepared database under a name of its own, gone afterwards."""
    database = connect(mongo_url, f"test_{uuid4().hex[:12]}")
    Views(database).prepare(indexes())
    try:
        yield database
    finally:
        database.client.drop_database(database.name)
        database.client.close()


def task(task_id: str = "t1", revision: int = 1, type_: str = "created", **state: Any) -> list[Projected]:
    fields: dict[str, Any] = {
        "name": f"Task {task_id}",
        "process_name": "Approval",
        "process_instance_id": "i1",
        "priority": 50,
        "create_time": NOW,
    }
    user_task = UserTask(**{**fields, **state, "engine_task_id": task_id, "application": "approval"})
    return projected(Key("approval", "task", task_id), dump(user_task), f"task.{type_}", revision)


def task_document(task_id: str = "t1", **state: Any) -> dict[str, Any]:
    return task(task_id, **state)[0].document


def task_key(task_id: str) -> str:
    return Key("approval", "task", task_id).opaque


def definition(key: str, version: int = 1, application: str = "approval", **state: Any) -> list[Projected]:
    body = ProcessDefinition(f"{key}:{version}", application, key, version, name=key.title(), **state)
    name = Key(application, "process_definition", f"{key}:{version}")
    return projected(name, dump(body), "process_definition.registered")


def instance(instance_id: str, **state: Any) -> list[Projected]:
    body = ProcessInstance(instance_id, "approval", start_time=NOW, **state)
    return projected(Key("approval", "process_instance", instance_id), dump(body), "process_instance.started")


def projected(key: Key, state: dict[str, Any], type_: str, revision: int = 1) -> list[Projected]:
    return project(Envelope(key, 1, revision, type_, NOW, {}, state))


def data_entry(entry_id: str, application: str = "approval", revision: int = 1, **state: Any) -> list[Projected]:
    body = DataEntry("order", entry_id, application, **state)
    key = Key(application, "data_entry", entry_key("order", entry_id))
    return projected(key, dump(body), "data_entry.saved", revision)
