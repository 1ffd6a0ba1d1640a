"""Events committed but not yet confirmed: claimed by state, deleted by whoever still holds the lane."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from time import time
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal_column,
    select,
    true,
    tuple_,
    update,
)

from domain.identity import Key
from store.outbox.fingerprint import fingerprint
from store.personal.subjects import send_with_keys
from store.sql.bulk import one_of
from store.sql.schema import event, head, lane, outbox, parked, unparked

MAX_ROWS = 1000
MAX_BYTES = 4_000_000
LONGEST_WAIT = 60.0
"""Seconds after a failed attempt; a row that would wait longer was written before the clock was set back."""


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One event on its way out; `key` is the aggregate's opaque id."""

    position: int
    lane: int
    key: str
    attempts: int
    event_id: str
    routing_key: str
    body: str


class Outbox:
    """The rows one publisher may touch, fenced by its leases (lane to epoch); the caller owns the transaction."""

    def __init__(self, connection: Connection, leases: Mapping[int, int]) -> None:
        self._connection = connection
        self._leases = leases

    def due(self, max_rows: int = MAX_ROWS, max_bytes: int = MAX_BYTES) -> list[OutboxRow]:
        """The next window in order, bounded in rows and bytes; nothing behind a row that must wait."""
        if not self._leases:
            return []
        now = time()
        bounds = {"now": now, "longest": now + LONGEST_WAIT, "rows": max_rows, "bytes": max_bytes}
        found = self._connection.execute(
            _DUE[self._connection.dialect.name == "sqlite"], {**bounds, "lanes": list(self._leases)}
        )
        return send_with_keys(self._connection, [OutboxRow(*row) for row in found])

    def delete(self, rows: Sequence[OutboxRow]) -> int:
        """Forget confirmed rows whose lanes we still hold; returns how many."""
        if not rows:
            return 0
        positions = one_of(self._connection.dialect, outbox.c.position, [row.position for row in rows])
        return self._connection.execute(delete(outbox).where(positions, self._still_ours(rows))).rowcount

    def charge(self, row: OutboxRow, delay: float) -> int:
        """Count a failed attempt and hold the aggregate back for `delay` seconds; returns the attempts so far."""
        mine = and_(outbox.c.position == row.position, self._still_ours([row]))
        change = update(outbox).where(mine).values(attempts=outbox.c.attempts + 1, not_before=time() + delay)
        self._connection.execute(change)
        return row.attempts + 1

    def park(self, row: OutboxRow, reason: str) -> None:
        """Set the whole aggregate aside: its rows wait, everything else flows."""
        found = self._connection.execute(
            select(event.c.application, event.c.aggregate, event.c.aggregate_id).where(
                event.c.position == row.position,
                exists().where(outbox.c.position == row.position, self._still_ours([row])),
            )
        ).first()
        if found is None:
            return
        key = Key(*found)
        self._connection.execute(update(head).where(*_is(head, key)).values(parked=True))
        self._connection.execute(update(outbox).where(outbox.c.key == row.key).values(parked=True, not_before=None))
        since = self._first_seen(row)
        self._connection.execute(delete(parked).where(*_is(parked, key)))
        self._connection.execute(insert(parked).values(**_parked_row(key, row, reason, since)))

    def _first_seen(self, row: OutboxRow) -> float:
        """A row that was retried and is parked again has been trouble since it was parked first."""
        before = select(func.min(parked.c.first_seen)).where(parked.c.key == row.key)
        tried = (unparked.c.key == row.key) & (unparked.c.position == row.position)
        retried = select(func.min(unparked.c.first_seen)).where(tried)
        seen = (self._connection.scalar(before), self._connection.scalar(retried), time())
        return min(moment for moment in seen if moment is not None)

    def _still_ours(self, rows: Sequence[OutboxRow]) -> ColumnElement[bool]:
        """Whether we hold the lane; asked only of the lanes that these rows are in."""
        held = sorted((row.lane, self._leases[row.lane]) for row in rows if row.lane in self._leases)
        # Said the other way round, PostgreSQL looks every row up once per lane: it takes the 64 lanes for one.
        ours = tuple_(lane.c.lane, lane.c.epoch).in_(list(dict.fromkeys(held)))
        return outbox.c.lane.not_in(select(lane.c.lane).where(~ours))


def _due(*, sqlite: bool) -> Select[Any]:
    """Put together once: doing so takes ten times as long as the database needs for a short window."""
    now: BindParameter[float] = bindparam("now")
    longest: BindParameter[float] = bindparam("longest")
    waiting = select(outbox.c.key).where(outbox.c.not_before > now, outbox.c.not_before < longest)
    lanes = outbox.c.lane.in_(bindparam("lanes", expanding=True))
    first = (
        select(outbox)
        .where(~outbox.c.parked, lanes, outbox.c.key.not_in(waiting))
        .order_by(outbox.c.position)
        .limit(bindparam("rows"))
        .subquery()
    )
    # The running total is over the first rows only: over the whole backlog it would cost more the longer it is.
    ready = select(first, func.sum(first.c.size).over(order_by=first.c.position).label("total")).subquery()
    columns = (ready.c.position, ready.c.lane, ready.c.key, ready.c.attempts)
    said: Any = event.c
    joined = ready.join(event, event.c.position == ready.c.position)
    if not sqlite:
        # A plain join can cost more the longer the log is, by what PostgreSQL's planner takes a window for.
        one = select(event.c.event_id, event.c.routing_key, event.c.body).where(event.c.position == ready.c.position)
        looked_up = one.limit(literal_column("1")).lateral()
        said, joined = looked_up.c, ready.join(looked_up, true())
    return (
        select(*columns, said.event_id, said.routing_key, said.body)
        .select_from(joined)
        .where(ready.c.total - ready.c.size < bindparam("bytes"))
        .order_by(ready.c.position)
    )


_DUE = {sqlite: _due(sqlite=sqlite) for sqlite in (True, False)}


def depth(connection: Connection) -> tuple[int, float | None]:
    """How many rows wait to be published, and since when (seconds since 1970) the oldest does."""
    row = connection.execute(select(func.count(), func.min(outbox.c.created)).where(~outbox.c.parked)).one()
    return int(row[0]), row[1]


def _is(table: Table, key: Key) -> Collection[ColumnElement[bool]]:
    return (table.c.application == key.application, table.c.aggregate == key.aggregate, table.c.id == key.id)


def _parked_row(key: Key, row: OutboxRow, reason: str, first_seen: float) -> dict[str, object]:
    return {
        "application": key.application,
        "aggregate": key.aggregate,
        "id": key.id,
        "position": row.position,
        "reason": reason,
        "attempts": row.attempts + 1,
        "first_seen": first_seen,
        "last_seen": time(),
        "key": row.key,
        "fingerprint": fingerprint(reason),
    }
