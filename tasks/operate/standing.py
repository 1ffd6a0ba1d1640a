"""Where a process instance stands, read from what its engine has saved; the engine itself is not asked."""

from __future__ import annotations

import json
from typing import Any

from domain.identity import Key
from engines.spiff.saved import activities
from store.engine.incidents import Incidents
from store.engine.instances import Instances
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
    shown = [{**one, "incident": incidents.get(one["element"])} for one in found]
    for one in shown:
        if one["taskId"]:
            one["taskId"] = Key(application, "task", one["taskId"]).opaque
    return shown
