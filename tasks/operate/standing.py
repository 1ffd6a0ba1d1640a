"""Where a process instance stands, read from what its engine has saved; the engine itself is not asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from domain.aggregates.advance import Head
from domain.identity import Key
from engines.spiff.saved import activities
from store.engine.incidents import Incidents
from store.engine.instances import Instances
from store.events.heads import Heads
from store.sql.databases import ApplicationDatabases

Json = dict[str, Any]


def standing(databases: ApplicationDatabases, application: str, instance_id: str) -> list[Json]:
    """Its activities; none where it has ended or no engine of ours runs it. Raises `StoreUnavailable`."""
    database = databases.open(databases.store_of(application))
    with database.reading() as connection:
        instances = Instances(connection, application)
        saved = instances.peek(instance_id)
        if saved is None:
            return []

        def compiled(definition_id: str) -> Json:
            stored = instances.definition(definition_id)
            return json.loads(stored.compiled) if stored else {"spec": {"task_specs": {}}, "used": {}}

        found = activities(saved.state, saved.definition_id, instance_id, compiled)
        incidents = {one.element: one.incident_id for one in Incidents(connection).find(application, instance_id)}
        keys = {one["taskId"]: Key(application, "task", one["taskId"]) for one in found if one["taskId"]}
        heads = Heads(connection).look(keys.values())
    return [_shown(one, keys.get(one["taskId"]), heads, incidents.get(one["element"])) for one in found]


def _shown(activity: Json, key: Key | None, heads: Mapping[Key, Head], incident: str | None) -> Json:
    head = heads.get(key) if key else None
    task = (head and head.state) or {}
    who = {"assignee": task.get("assignee"), "candidateGroups": list(task.get("candidateGroups") or ())}
    return {**activity, "taskId": key and key.opaque, **who, "incident": incident}
