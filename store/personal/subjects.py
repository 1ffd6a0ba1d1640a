"""The people an application keeps data about, each with a key: in the transaction of what is sealed with it.

A key that is used is locked until the transaction ends: whoever destroys it waits for what was sealed with it, and what
is sealed afterwards has another key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from time import time
from typing import Any, Final, TypeVar
from uuid import uuid4

from sqlalchemy import Connection, Select, select, update
from sqlalchemy.dialects.postgresql import insert

from domain.identity import Key
from domain.personal import ERASED as ERASED_VALUE
from domain.personal import CannotOpen, key_of, keys_in, with_keys
from store.personal.cipher import Keyring
from store.sql.bulk import one_of
from store.sql.schema import data_subject

SentT = TypeVar("SentT", bound=Any)
"""A dataclass with the event's `body` as text, or None."""
LIVE: Final = "live"
ERASING: Final = "erasing"
"""The key is gone, and what has not been sealed has still to be overwritten."""
ERASED: Final = "erased"


@dataclass(frozen=True, slots=True)
class Erasing:
    """Somebody whose key is gone; `subject` is what the application calls them."""

    key_id: str
    application: str
    subject: str

    @property
    def key(self) -> Key:
        """Who they are as an aggregate: by the key, so that what is told of it names nobody."""
        return Key(self.application, "data_subject", self.key_id)


class Subjects:
    """Those of one application, in one unit of work, of which it is a participant; the caller owns the transaction."""

    def __init__(self, connection: Connection, application: str, keyring: Keyring) -> None:
        self._connection = connection
        self._application = application
        self._keyring = keyring
        self._known: dict[str, tuple[str, str] | None] = {}
        self._wrapped: dict[str, str | None] = {}
        self.said: dict[Key, Mapping[str, Any]] = {}
        """What has been said in this unit of work of entries with personal data: their payloads, not sealed."""

    def seal(self, subject: str, value: Any) -> str:
        """The value, sealed for this person; raises `CannotOpen` where the system has no keyring.

        While a person is being erased, so is what is said of them: it may come from where it was not overwritten yet.
        """
        key = self._key_for(subject)
        return ERASED_VALUE if key is None else self._keyring.seal(*key, value)

    def open(self, value: str) -> Any:
        """What was sealed; raises `CannotOpen`."""
        key_id = key_of(value) or ""
        if key_id not in self._wrapped:
            found = keys_of(self._connection, [key_id])
            self._wrapped[key_id] = found.get(key_id)
        wrapped = self._wrapped[key_id]
        if wrapped is None:
            raise CannotOpen("the key is gone")
        return self._keyring.open(wrapped, value)

    def destroy(self, subject: str) -> Erasing:
        """The key of this person, for good once committed.

        There may be none, where nothing had to be sealed, and yet something in the variables of instances.
        """
        asked = self._named(subject).with_for_update()
        if self._connection.execute(asked).first() is None:
            self._make(subject, None)
        key_id = self._connection.execute(asked).one()[0]
        gone = {"wrapped": None, "state": ERASING, "erased": time()}
        self._connection.execute(update(data_subject).where(data_subject.c.key_id == key_id).values(**gone))
        self._known.clear()
        self._wrapped.clear()
        return Erasing(key_id, self._application, subject)

    def touched(self) -> frozenset[str]:
        """What must be forgotten when a savepoint is rolled back: keys that were made in it."""
        return frozenset()

    def flush(self) -> None:
        """Keys are written when they are made."""

    def forget(self, _names: frozenset[str]) -> None:
        """What was read, or made, may have been rolled back."""
        self._known.clear()
        self._wrapped.clear()
        self.said.clear()

    def _key_for(self, subject: str) -> tuple[str, str] | None:
        if subject not in self._known:
            asked = self._named(subject).with_for_update(read=True)
            row = self._connection.execute(asked).first()
            if row is None:
                self._make(subject, self._keyring.new_key())
                row = self._connection.execute(asked).one()
            self._known[subject] = (row[0], row[1]) if row[1] else None
        return self._known[subject]

    def _make(self, subject: str, wrapped: str | None) -> None:
        """Unless somebody else makes one at the same time: theirs is waited for, and stays."""
        values = {"key_id": uuid4().hex, "application": self._application, "subject": subject, "wrapped": wrapped}
        new = insert(data_subject).values(**values, state=LIVE, created=time())
        self._connection.execute(new.on_conflict_do_nothing())

    def _named(self, subject: str) -> Select[Any]:
        mine = data_subject.c.application == self._application
        return select(data_subject.c.key_id, data_subject.c.wrapped).where(mine, data_subject.c.subject == subject)


def erasing(connection: Connection, limit: int = 100) -> list[Erasing]:
    """Those of one store whose key is gone and of whom something may be left."""
    columns = (data_subject.c.key_id, data_subject.c.application, data_subject.c.subject)
    wanted = select(*columns).where(data_subject.c.state == ERASING).order_by(data_subject.c.erased).limit(limit)
    return [Erasing(*row) for row in connection.execute(wanted)]


def forget_name(connection: Connection, key_id: str) -> None:
    """Nothing is left of them: not even what they were called."""
    done = {"state": ERASED, "subject": None}
    connection.execute(update(data_subject).where(data_subject.c.key_id == key_id).values(**done))


def keys_of(connection: Connection, key_ids: Iterable[str]) -> dict[str, str]:
    """The wrapped keys of these, as far as they have not been destroyed."""
    wanted = sorted(set(key_ids))
    if not wanted:
        return {}
    there = one_of(connection.dialect, data_subject.c.key_id, wanted) & data_subject.c.wrapped.is_not(None)
    rows = connection.execute(select(data_subject.c.key_id, data_subject.c.wrapped).where(there))
    return {row.key_id: row.wrapped for row in rows}


def body_with_keys(connection: Connection, body: str | None) -> str | None:
    """The same of one."""
    return body and with_keys(body, keys_of(connection, keys_in(body)))


def send_with_keys(connection: Connection, events: Sequence[SentT]) -> list[SentT]:
    """Events as they leave their log, each with the keys to what is sealed in its body."""
    used = set[str]().union(*(keys_in(one.body or "") for one in events))
    if not used:
        return list(events)
    keys = keys_of(connection, used)
    return [replace(one, body=with_keys(one.body or "", keys)) if one.body else one for one in events]
