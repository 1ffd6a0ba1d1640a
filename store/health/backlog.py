"""How much waits in one store: looked at through indexes and counted only so far, whatever there is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, Table, exists, func, literal, literal_column, select, text

from domain.values import parse_time
from store.sql.database import clock
from store.sql.schema import incident, instance, lane, outbox, parked, received

COUNTED_TO = 100_000
LONGEST_MILLISECONDS = 2000


@dataclass(frozen=True, slots=True)
class Backlog:
    """Counts end at `COUNTED_TO`; ages are in seconds, 0 when nothing waits."""

    outbox: int
    outbox_oldest: float
    parked: int
    incidents: int
    received: int
    lanes_unheld: int
    """Lanes whose lease has passed: nobody publishes what is in them."""
    timers_overdue: float
    """Of instances with no open incident: the others wait for an operator."""


def backlog(connection: Connection) -> Backlog:
    """What waits now; raises `StoreUnavailable`."""
    if connection.dialect.name != "sqlite":
        connection.execute(text(f"SET LOCAL statement_timeout = {LONGEST_MILLISECONDS}"))
    now, due = clock(connection), ~outbox.c.parked
    oldest = connection.scalar(select(outbox.c.created).where(due).order_by(outbox.c.position).limit(1))
    stuck = exists().where(
        incident.c.instance_id == instance.c.instance_id, incident.c.state == literal_column("'open'")
    )
    waits = instance.c.due.is_not(None) & ~instance.c.finished & ~stuck
    first_due = select(instance.c.due).where(waits).order_by(instance.c.due).limit(1)
    unheld = select(func.count()).select_from(lane).where(lane.c.lease_end < now)
    return Backlog(
        outbox=_counted(connection, outbox, due),
        outbox_oldest=0.0 if oldest is None else max(now - oldest, 0.0),
        parked=_counted(connection, parked),
        incidents=_counted(connection, incident, incident.c.state == literal_column("'open'")),
        # Spelt out, not bound: with a parameter neither database can tell that the partial index serves.
        received=_counted(connection, received, received.c.state == literal_column("'new'")),
        lanes_unheld=int(connection.scalar(unheld) or 0),
        timers_overdue=_overdue(connection.scalar(first_due), now),
    )


def _counted(connection: Connection, table: Table, *where: ColumnElement[bool]) -> int:
    some = select(literal(1)).select_from(table).where(*where).limit(COUNTED_TO).subquery()
    return int(connection.scalar(select(func.count()).select_from(some)) or 0)


def _overdue(due: str | None, now: float) -> float:
    if due is None:
        return 0.0
    return max((datetime.fromtimestamp(now, UTC) - parse_time(due)).total_seconds(), 0.0)
