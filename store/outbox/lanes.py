"""Who may publish what: 64 lanes, leased with an epoch that fences whoever held them before."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from domain.errors import StoreUnavailable
from domain.identity import LANES
from store.sql.database import Database, clock
from store.sql.errors import ConcurrentUpdate
from store.sql.schema import lane, publisher

log = logging.getLogger(__name__)

LEASE_SECONDS = 10.0
LOCK_SECONDS = LEASE_SECONDS / 3
"""A publisher waits no longer for a lock: one that it does not get leaves time to renew the lease before it passes."""
_FUTURE = 3 * LEASE_SECONDS
"""Nobody's lease ends later than this from now: what says so was written before the clock was set back."""


@dataclass(slots=True)
class Leases:
    """The lanes one publisher holds, by epoch. `owner` is `name#life`: a new life takes over from an old one."""

    database: Database
    owner: str
    lease_seconds: float = LEASE_SECONDS
    held: Mapping[int, int] = field(default_factory=dict)
    _renew_at: float = 0.0

    def refresh(self) -> Mapping[int, int]:
        """Say we live, renew, give up or take lanes until we have our share; call with nothing in flight."""
        with self.database.transaction() as connection:
            now = clock(connection)
            share = -(-LANES // self._announce(connection, now))
            self._renew(connection, now)
            held = self._held(connection)
            if len(held) > share:
                self._release(connection, sorted(held)[share:])
            elif len(held) < share:
                self._take(connection, share - len(held), now)
            self.held = self._held(connection)
        self._renew_at = self._later()
        return self.held

    @property
    def heartbeat_seconds(self) -> float:
        """How long after one `refresh` the next is due."""
        return self.lease_seconds / 5

    def keep(self) -> bool:
        """Renew what is still ours while a window is longer in flight than a heartbeat; returns whether it was time to.

        Nothing is taken or given up. What cannot be renewed now is tried again; the epoch fences us all the same.
        """
        if monotonic() < self._renew_at:
            return False
        self._renew_at = self._later()
        try:
            with self.database.transaction() as connection:
                now = clock(connection)
                self._renew(connection, now)
                connection.execute(update(publisher).where(publisher.c.owner == self.owner).values(seen=now))
        except (StoreUnavailable, ConcurrentUpdate) as error:
            log.warning("leases_not_renewed", extra={"reason": str(error)})
        return True

    def release(self) -> None:
        """Hand everything back, so that others need not wait for the leases to pass."""
        with self.database.transaction() as connection:
            self._release(connection, sorted(self.held))
            connection.execute(delete(publisher).where(publisher.c.owner == self.owner))
        self.held = {}

    def _later(self) -> float:
        # Not with the next heartbeat but after it: who comes round in time for that renews nothing twice.
        return monotonic() + 1.5 * self.heartbeat_seconds

    def _renew(self, connection: Connection, now: float) -> None:
        # Only `refresh` writes our name: a lane that somebody else has had in between does not bear it.
        mine = lane.c.owner == self.owner
        connection.execute(update(lane).where(mine).values(lease_end=now + self.lease_seconds))

    def _announce(self, connection: Connection, now: float) -> int:
        ours = publisher.c.owner.startswith(self._name + "#", autoescape=True)
        gone = or_(publisher.c.seen < now - self.lease_seconds, publisher.c.seen > now + _FUTURE, ours)
        connection.execute(delete(publisher).where(gone))
        connection.execute(insert(publisher).values(owner=self.owner, seen=now))
        return int(connection.scalar(select(func.count()).select_from(publisher)) or 1)

    def _held(self, connection: Connection) -> dict[int, int]:
        rows = connection.execute(select(lane.c.lane, lane.c.epoch).where(lane.c.owner == self.owner))
        return {row.lane: row.epoch for row in rows}

    def _release(self, connection: Connection, lanes: list[int]) -> None:
        mine = (lane.c.owner == self.owner) & lane.c.lane.in_(lanes)
        connection.execute(update(lane).where(mine).values(owner=None, lease_end=0))

    def _take(self, connection: Connection, wanted: int, now: float) -> None:
        before_us = lane.c.owner.startswith(self._name + "#", autoescape=True) & (lane.c.owner != self.owner)
        passed = or_(lane.c.lease_end < now, lane.c.lease_end > now + _FUTURE, before_us)
        free = select(lane.c.lane).where(passed).order_by(lane.c.lane).limit(wanted)
        numbers = list(connection.scalars(free.with_for_update(skip_locked=True)))
        taken = {"owner": self.owner, "epoch": lane.c.epoch + 1, "lease_end": now + self.lease_seconds}
        connection.execute(update(lane).where(lane.c.lane.in_(numbers)).values(**taken))

    @property
    def _name(self) -> str:
        return self.owner.partition("#")[0]


def prepare_lanes(database: Database) -> None:
    """Make the 64 rows that leases are kept in."""
    with database.transaction() as connection:
        there = set(connection.scalars(select(lane.c.lane)))
        missing = [{"lane": number} for number in range(LANES) if number not in there]
        if missing:
            connection.execute(insert(lane), missing)
