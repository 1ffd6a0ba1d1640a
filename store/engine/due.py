"""What the clock finds: instances and start events that are due, and how often they were tried."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection, exists, select, update

from domain.deployment import StartEvent
from domain.values import iso
from store.engine.incidents import TIMER
from store.engine.instances import start_of
from store.sql.schema import OPEN, incident, instance, start_event


def due_instances(connection: Connection, now: str, limit: int = 100) -> list[str]:
    """Instances with a timer due at `now` (ISO-8601 UTC) and no open incident of one, the longest overdue first."""
    mine = incident.c.instance_id == instance.c.instance_id
    stuck = exists().where(mine, incident.c.kind == TIMER, incident.c.state == OPEN)
    due = instance.c.due.is_not(None) & (instance.c.due <= now) & ~instance.c.finished & ~instance.c.suspended
    wanted = select(instance.c.instance_id).where(due, ~stuck).order_by(instance.c.due).limit(limit)
    return list(connection.scalars(wanted))


def count_try(
    connection: Connection, instance_id: str, now: datetime, pause_after: Callable[[int], timedelta]
) -> tuple[int, str] | None:
    """Count a try of an instance's timers before it is made, and put the next one off until after a pause.

    Returns how many were made before and when the next one is; None when somebody else has taken this turn. Saving the
    instance, which its engine does when the try went well, forgets the count and says when it is really due.
    """
    awake = ~instance.c.finished & ~instance.c.suspended
    still_due = (instance.c.instance_id == instance_id) & (instance.c.due <= iso(now)) & awake
    before = connection.scalar(select(instance.c.failures).where(still_due).with_for_update())
    if before is None:
        return None
    until = iso(now + pause_after(before))
    connection.execute(update(instance).where(still_due).values(due=until, failures=before + 1))
    return before, until


def uncount_try(connection: Connection, instance_id: str, until: str, due: str) -> None:
    """A try that something else cut short is none, and the next is `due`; nothing when the instance has moved on."""
    same = (instance.c.instance_id == instance_id) & (instance.c.due == until) & (instance.c.failures > 0)
    connection.execute(update(instance).where(same).values(due=due, failures=instance.c.failures - 1))


def due_starts(connection: Connection, application: str, now: str, limit: int = 100) -> list[int]:
    """Timers of start events that are due, the longest overdue first."""
    mine = (start_event.c.application == application) & (start_event.c.due <= now)
    wanted = select(start_event.c.number).where(mine).order_by(start_event.c.due).limit(limit)
    return list(connection.scalars(wanted))


def take_start(connection: Connection, number: int, now: str) -> StartEvent | None:
    """Lock a timer of a start event that is still due; None when somebody else has fired it."""
    mine = (start_event.c.number == number) & (start_event.c.due <= now)
    row = connection.execute(select(start_event).where(mine).with_for_update()).first()
    return None if row is None else start_of(row)


def put_off_start(connection: Connection, number: int, due: str | None, value: str | None) -> None:
    """When a timer of a start event comes next, None for never."""
    changed = update(start_event).where(start_event.c.number == number).values(due=due, value=value)
    connection.execute(changed)
