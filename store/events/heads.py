"""The newest state of every aggregate: locked in key order, decided upon, replaced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, Select, Text, and_, bindparam, func, literal, select, true, update
from sqlalchemy.dialects.postgresql import ARRAY

from domain.aggregates.advance import Head
from domain.errors import NewerState
from domain.events.upcast import current_version, upcast_state
from domain.identity import Key
from store.events.generation import log_generation
from store.sql.bulk import insert_all
from store.sql.schema import head

_KEY = (head.c.application, head.c.aggregate, head.c.id)
_COLUMNS = (*_KEY, head.c.generation, head.c.revision, head.c.state, head.c.version, head.c.parked)
_CHANGE = (
    update(head)
    .where(
        head.c.application == bindparam("b_application"),
        head.c.aggregate == bindparam("b_aggregate"),
        head.c.id == bindparam("b_id"),
    )
    .values({name: bindparam(name) for name in ("generation", "revision", "state", "version")})
)
_ONE = select(*_COLUMNS).where(*(column == bindparam(column.name) for column in _KEY))
_ONE_LOCKED = _ONE.with_for_update()
_LISTED = func.json_each(bindparam("keys")).table_valued("value")
_AMONG = select(*_COLUMNS).select_from(
    # SQLite reads a left join from the left: a look-up in the primary key's index for each that is listed.
    _LISTED.outerjoin(head, and_(*(column == _LISTED.c.value.op("->>")(at) for at, column in enumerate(_KEY))))
)
CHUNK = 300


class Heads:
    """Heads of one store; the caller owns the transaction. Reading raises `NewerState`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._generation: int | None = None
        self.parked: set[Key] = set()
        self._locked: dict[Key, Head] = {}

    def lock(self, keys: Iterable[Key]) -> dict[Key, Head]:
        """The heads of these keys, held until the transaction ends; revision 0 where there is none yet."""
        wanted = set(keys)
        missing = sorted(wanted - self._locked.keys())
        for start in range(0, len(missing), CHUNK):
            chunk = missing[start : start + CHUNK]
            found = self._select(chunk, lock=True)
            self._locked |= found | {key: Head(key, self.generation, 0, None) for key in chunk if key not in found}
        return {key: self._locked[key] for key in wanted}

    @property
    def generation(self) -> int:
        """The log's, with which new heads begin."""
        if self._generation is None:
            self._generation = log_generation(self._connection)
        return self._generation

    def forget(self) -> None:
        """What was read may have been rolled back; the locks of a rolled-back savepoint are gone with it."""
        self._locked.clear()

    def peek(self, key: Key) -> Head | None:
        """A head as it is now, not locked: only for what never changes."""
        found = self._select([key], lock=False)
        return found.get(key)

    def look(self, keys: Iterable[Key]) -> dict[Key, Head]:
        """Those of these heads that there are, as they are now, not locked: only for showing them."""
        wanted = sorted(set(keys))
        found: dict[Key, Head] = {}
        for start in range(0, len(wanted), CHUNK):
            found |= self._select(wanted[start : start + CHUNK], lock=False)
        return found

    def open_tasks(self, application: str, instance_id: str) -> list[str]:
        """Ids of an instance's open tasks, found by reading every task of the application: where nothing else knows."""
        tasks = (head.c.application == application) & (head.c.aggregate == "task")
        said = (
            orjson.dumps({name: text}).decode()[1:-1]
            for name, text in (("processInstanceId", instance_id), ("state", "open"))
        )
        wanted = select(head.c.id).where(tasks, *(head.c.state.contains(text, autoescape=True) for text in said))
        return list(self._connection.scalars(wanted.order_by(head.c.id)))

    def save(self, before: Mapping[Key, Head], after: Sequence[Head]) -> None:
        """Replace the heads given; those that were not there before are inserted."""
        new = [_row(later) for later in after if before[later.key].revision == 0]
        changed = [_row(later, "b_") for later in after if before[later.key].revision]
        insert_all(self._connection, head, new)
        if changed:
            self._connection.execute(_CHANGE, changed)
        self._locked |= {later.key: later for later in after}

    def _select(self, keys: Sequence[Key], *, lock: bool) -> dict[Key, Head]:
        found = {}
        for *names, generation, revision, state, version, parked in self._rows(keys, lock=lock):
            if revision is None:
                continue
            key = Key(*names)
            found[key] = Head(key, generation, revision, _state(key, version, orjson.loads(state)))
            if parked:
                self.parked.add(key)
        return found

    def _rows(self, keys: Sequence[Key], *, lock: bool) -> Iterable[Sequence[Any]]:
        if len(keys) == 1:
            # What a command needs, four times: put together once, as that takes longer than the look-up.
            one = {column.name: getattr(keys[0], column.name) for column in _KEY}
            return self._connection.execute(_ONE_LOCKED if lock else _ONE, one)
        if self._connection.dialect.name == "sqlite":
            names = [(key.application, key.aggregate, key.id) for key in keys]
            return self._connection.execute(_AMONG, {"keys": orjson.dumps(names).decode()})
        return self._connection.execute(_each(keys, lock=lock))


def _each(keys: Sequence[Key], *, lock: bool) -> Select[Any]:
    """One look-up after the other, in the order of the keys.

    Asked for all at once, PostgreSQL may read every head of the application: it does while it has no statistics.
    """
    arrays = (
        literal([getattr(key, name) for key in keys], ARRAY(Text())) for name in ("application", "aggregate", "id")
    )
    wanted = func.unnest(*arrays).table_valued("application", "aggregate", "id").render_derived()
    same = (column == wanted.c[column.name] for column in _KEY)
    one = select(*_COLUMNS).where(*same).limit(1)
    found = (one.with_for_update() if lock else one).lateral()
    return select(*found.c).select_from(wanted.join(found, true()))


def _state(key: Key, version: int, state: Mapping[str, Any]) -> Mapping[str, Any]:
    if version > current_version(key.aggregate):
        raise NewerState(f"{key} was written in version {version}, this process knows {current_version(key.aggregate)}")
    return upcast_state(key.aggregate, version, state)


def _row(later: Head, prefix: str = "") -> dict[str, object]:
    return {
        f"{prefix}application": later.key.application,
        f"{prefix}aggregate": later.key.aggregate,
        f"{prefix}id": later.key.id,
        "generation": later.generation,
        "revision": later.revision,
        "state": orjson.dumps(later.state).decode(),
        "version": current_version(later.key.aggregate),
    }
