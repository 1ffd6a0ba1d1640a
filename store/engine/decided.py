"""What operators decided about incidents, newest first."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
from sqlalchemy import Connection, Row, select

from domain.acts import Act, Place, Wanted
from domain.identity import Key
from domain.values import iso, parse_time
from store.sql.schema import incident

PREFIX = "incident"


def decided(connection: Connection, wanted: Wanted, after: Place | None, most: int) -> list[Act]:
    """Those behind a place, at most so many."""
    closed, name = incident.c.closed, incident.c.incident_id
    query = select(incident).where(incident.c.operator.is_not(None)).order_by(closed.desc(), name.desc()).limit(most)
    if wanted.user is not None:
        query = query.where(incident.c.operator == wanted.user)
    if wanted.action is not None:
        query = query.where(incident.c.state == wanted.action.removeprefix(f"{PREFIX}."))
    if wanted.application is not None:
        query = query.where(incident.c.application == wanted.application)
    if wanted.begin is not None:
        query = query.where(closed >= parse_time(wanted.begin).timestamp())
    if wanted.end is not None:
        query = query.where(closed < parse_time(wanted.end).timestamp())
    if after is not None:
        query = query.where((closed < after[0]) | ((closed == after[0]) & (name < after[1])))
    return [_act(row) for row in connection.execute(query)]


def _act(row: Row[tuple[object, ...]]) -> Act:
    return Act(
        id=row.incident_id,
        time=iso(datetime.fromtimestamp(row.closed, UTC)),
        user=row.operator,
        action=f"{PREFIX}.{row.state}",
        application=row.application,
        place=(row.closed, row.incident_id),
        about=(
            {"kind": "incident", "id": row.incident_id, "name": row.element},
            {
                "kind": "process_instance",
                "id": Key(row.application, "process_instance", row.instance_id).opaque,
                "name": None,
            },
        ),
        details={"kind": row.kind, "problem": orjson.loads(row.problem)},
    )
