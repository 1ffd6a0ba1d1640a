"""What operators do to process instances by hand, with a reason that is kept: hold, mend, move and migrate them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from domain.aggregates.process_instance import Alteration, AlterInstance, MoveInstance
from domain.aggregates.task import ChangeTask
from domain.errors import AlreadyCompleted, CannotMigrate, NotAllowed, NotFound, Refused, WasCalled
from domain.identity import Key
from domain.requests.request import Request
from engines.protocol import Engine
from store.engine.instances import Instances
from store.events.unit_of_work import UnitOfWork
from tasks.cancel import cancel, names_no_task, open_tasks

log = logging.getLogger(__name__)

MOST_AT_ONCE = 100
"""Instances that one command migrates, or looks at."""
Said = Mapping[str, Any]


def alter(work: UnitOfWork, engine: Callable[[], Engine], request: Request, time: str) -> Said | None:
    """Do what an operator says; raises `NotAllowed`, `NotFound`, and whatever the engine refuses.

    `engine` is only asked for where one is needed: cancelling, holding and resuming work without.
    """
    if not request.user.is_operator:
        raise NotAllowed("only operators change instances")
    match request.action:
        case "migrate":
            return _migrate(work, engine(), request, time)
        case "cancel":
            cancel(work, request.application, request.arguments, time, request.user.name)
        case "set_variables":
            _set_variables(work, engine(), request, time)
        case "move":
            _move(work, engine(), request, time)
        case _:
            _rest(work, request, time, suspended=request.action == "suspend")
    return None


def _rest(work: UnitOfWork, request: Request, time: str, *, suspended: bool) -> None:
    """Stop an instance, with all it has called, where it is, or let it go on; said twice it changes nothing."""
    instance_id, instances = _instance_of(request), Instances(work.connection, request.application)
    stored = instances.load(instance_id)
    if stored is None:
        raise NotFound(f"there is no process instance {instance_id!r}")
    if stored.instance_id != instance_id:
        raise WasCalled(f"the process instance was called by another; suspend or resume {stored.instance_id!r}")
    if stored.finished:
        raise AlreadyCompleted("the process instance has already ended")
    instances.suspend(instance_id, suspended=suspended)
    ids = [instance_id, *instances.called_by(instance_id)]
    # Not to mark a task costs little, to look at every one of an application much; whoever cancels looks all the same.
    waiting = [] if names_no_task(stored.state) else open_tasks(work, request.application, ids, stored.state)
    for key in waiting:
        work.done_by(request.user.name, key)
        work.collect(key, ChangeTask({"suspended": suspended}))
    for one in ids:
        key = Key(request.application, "process_instance", one)
        work.done_by(request.user.name, key)
        work.collect(key, MoveInstance("SUSPENDED" if suspended else "RUNNING", time, request.arguments.get("reason")))


def _set_variables(work: UnitOfWork, engine: Engine, request: Request, time: str) -> None:
    said, instance_id = request.arguments, _instance_of(request)
    variables, removed = said.get("variables") or {}, said.get("removed") or ()
    # Told before what comes of it, which may be its end. Values are not: they may be personal.
    _tell(work, request, time, "variables", {"set": sorted(variables), "removed": sorted(removed)})
    engine.set_variables(instance_id, variables, removed)


def _move(work: UnitOfWork, engine: Engine, request: Request, time: str) -> None:
    said, instance_id = request.arguments, _instance_of(request)
    before, after = str(said.get("from")), said.get("to")
    _tell(work, request, time, "move", {"from": before, "to": after})
    engine.move(instance_id, before, after, said.get("reason"))


def _migrate(work: UnitOfWork, engine: Engine, request: Request, time: str) -> Said:
    """One instance, or those of a version, a hundred at a time."""
    if request.arguments.get("processInstanceId"):
        return _migrate_one(work, engine, request, time)
    said, instances = request.arguments, Instances(work.connection, request.application)
    source, target = str(said.get("from")), str(said.get("to"))
    for definition_id in (source, target):
        if instances.definition(definition_id) is None:
            raise NotFound(f"there is no definition {definition_id!r}")
    found = instances.running(source, str(said.get("after") or ""), MOST_AT_ONCE)
    migrated, left = list[str](), list[Said]()
    for instance_id in found:
        problems = _tried(work, engine, request, time, instance_id)
        if problems:
            left.append({"processInstanceId": instance_id, "problems": list(problems)})
        else:
            migrated.append(instance_id)
    return {"migrated": migrated, "left": left, "next": found[-1] if len(found) == MOST_AT_ONCE else None}


def _migrate_one(work: UnitOfWork, engine: Engine, request: Request, time: str) -> Said:
    instance_id = _instance_of(request)
    problems = list(_become(work, engine, request, time, instance_id))
    if problems and not request.arguments.get("dryRun"):
        raise CannotMigrate("; ".join(problems), problems=problems)
    left = [{"processInstanceId": instance_id, "problems": problems}] if problems else []
    return {"migrated": [] if problems else [instance_id], "left": left, "next": None}


def _tried(work: UnitOfWork, engine: Engine, request: Request, time: str, instance_id: str) -> Sequence[str]:
    """One of many: what is the matter with it keeps no other from being migrated."""
    try:
        with work.savepoint():
            return _become(work, engine, request, time, instance_id)
    except Refused as refusal:
        log.warning("instance_not_migrated", extra={"instance_id": instance_id, "reason": str(refusal)})
        return [str(refusal)]


def _become(work: UnitOfWork, engine: Engine, request: Request, time: str, instance_id: str) -> Sequence[str]:
    target, dry_run = str(request.arguments.get("to")), bool(request.arguments.get("dryRun"))
    problems = engine.migrate(instance_id, target, dry_run=dry_run)
    if not problems and not dry_run:
        head = work.heads.peek(Key(request.application, "process_instance", instance_id))
        source = head.state["processDefinitionId"] if head and head.state else None
        _tell(work, request, time, "migrate", {"from": source, "to": target}, instance_id, target)
    return problems


def _tell(  # noqa: PLR0917 - what is told of it
    work: UnitOfWork,
    request: Request,
    time: str,
    action: Alteration,
    details: Said,
    instance_id: str | None = None,
    definition_id: str | None = None,
) -> None:
    key = Key(request.application, "process_instance", instance_id or _instance_of(request))
    reason = request.arguments.get("reason")
    work.done_by(request.user.name, key)
    work.collect(key, AlterInstance(action, request.user.name, time, reason, details, definition_id))


def _instance_of(request: Request) -> str:
    return str(request.arguments.get("processInstanceId") or "")
