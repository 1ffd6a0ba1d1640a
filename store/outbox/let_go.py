"""What operators did about parked aggregates, newest first."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, Row, select

from domain.acts import Act, Place, Wanted
from domain.values import iso, parse_time
from store.sql.schema import event, unparked

PREFIX = "parked"


def let_go(connection: Connection, wanted: Wanted, after: Place | None, most: int) -> list[Act]:
    """Those behind a place, at most so many; of which application, the event says that could not be published."""
    time, number = unparked.c.time, unparked.c.number
    whose = unparked.outerjoin(event, event.c.event_id == unparked.c.event_id)
    query = select(unparked, event.c.application, event.c.aggregate).select_from(whose)
    query = query.order_by(time.desc(), number.desc()).limit(most)
    if wanted.user is not None:
        query = query.where(unparked.c.operator == wanted.user)
    if wanted.action is not None:
        query = query.where(unparked.c.action == wanted.action.removeprefix(f"{PREFIX}."))
    if wanted.application is not None:
        query = query.where(event.c.application == wanted.application)
    if wanted.begin is not None:
        query = query.where(time >= parse_time(wanted.begin).timestamp())
    if wanted.end is not None:
        query = query.where(time < parse_time(wanted.end).timestamp())
    if after is not None:
        query = query.where((time < after[0]) | ((time == after[0]) & (number < after[1])))
    return [_act(row) for row in connection.execute(query)]


def _act(row: Row[tuple[object, ...]]) -> Act:
    return Act(
        id=f"{PREFIX}:{row.key}:{row.number}",
        time=iso(datetime.fromtimestamp(row.time, UTC)),
        user=row.operator,
        action=f"{PREFIX}.{row.action}",
        application=row.application,
        place=(row.time, row.number),
        about=({"kind": row.aggregate or "unknown", "id": row.key, "name": None},),
        details={"reason": row.reason, "eventId": row.event_id},
    )
