"""Cancel an instance from what is stored of it: the way out must not depend on bringing it to life."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from domain.aggregates.process_instance import MoveInstance
from domain.aggregates.task import DeleteTask
from domain.errors import AlreadyCompleted, NotFound, WasCalled
from domain.identity import Key
from store.engine.incidents import Incidents
from store.engine.instances import Instances
from store.events.unit_of_work import UnitOfWork


def cancel(work: UnitOfWork, application: str, arguments: Mapping[str, Any], time: str, operator: str) -> None:
    """End the instance, its open tasks and its incidents; raises `NotFound`, `AlreadyCompleted`."""
    instance_id, reason = str(arguments.get("processInstanceId") or ""), arguments.get("reason")
    instances = Instances(work.connection, application)
    stored = instances.load(instance_id)
    if stored is None:
        raise NotFound(f"there is no process instance {instance_id!r}")
    if stored.finished:
        raise AlreadyCompleted("the process instance has already ended")
    if stored.instance_id != instance_id:
        raise WasCalled(f"the process instance was called by another; cancel {stored.instance_id!r}")
    kept = _read(stored.state)
    ids = [instance_id, *instances.called_by(instance_id)]
    for key in open_tasks(work, application, ids, stored.state):
        work.done_by(operator, key)
        work.collect(key, DeleteTask(reason, time))
    left = {"variables": kept.get("variables", {}), "local": {}, "open": [], "called": {}, "workflow": None}
    instances.end(instance_id, json.dumps(left, separators=(",", ":")))
    for one in ids:
        key = Key(application, "process_instance", one)
        work.done_by(operator, key)
        work.collect(key, MoveInstance("CANCELLED", time, reason))
        Incidents(work.connection).close_all(one, operator)


def open_tasks(work: UnitOfWork, application: str, ids: Sequence[str], state: str) -> list[Key]:
    """The tasks that the saved state of these instances names when all exist, else those found by reading all heads."""
    return [Key(application, "task", name) for name in _named(work, application, ids, _read(state).get("open"))]


def names_no_task(state: str) -> bool:
    """Whether a saved state can be read, and says that nobody has a task of it."""
    return bool(_read(state).get("open") == [])


def _named(work: UnitOfWork, application: str, ids: Sequence[str], named: Any) -> list[str]:
    if isinstance(named, list) and named and all(isinstance(name, str) for name in named):
        heads = work.heads.lock(Key(application, "task", name) for name in named)
        if all(head.state and head.state.get("processInstanceId") in ids for head in heads.values()):
            return named
    return [task_id for one in ids for task_id in work.heads.open_tasks(application, one)]


def _read(state: str) -> Mapping[str, Any]:
    """What a saved instance says of itself; nothing where it cannot be read."""
    try:
        kept = json.loads(state)
    except (ValueError, RecursionError):
        return {}
    return kept if isinstance(kept, dict) and isinstance(kept.get("open"), list) else {}
