"""Sessions of the page, known to all web processes, so that each can be ended from everywhere."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from pymongo import IndexModel
from pymongo.database import Database

from store.views.mongo import JOURNALED, translated

COLLECTION = "session"
_NOTED_EVERY = timedelta(minutes=5)
_INDEXES = [IndexModel([("user", 1)], name="of_user"), IndexModel([("ends", 1)], name="ends", expireAfterSeconds=0)]

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Session:
    """Whose it is, and a digest of the credentials it began with."""

    user: str
    proof: str


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a session lasts without anything done, and at most."""

    idle: timedelta = timedelta(hours=12)
    whole: timedelta = timedelta(days=7)


class Sessions(Protocol):
    """Begun by a password, ended by its person, by time, or by whoever finds that its credentials are no more."""

    def begin(self, session: Session) -> str:
        """A new one's token, which nobody can guess and only its browser keeps."""

    def find(self, token: str, *, used: bool) -> Session | None:
        """The session, unless it is over; `used`: its person has done something, so it stays for longer."""

    def end_all_of(self, user: str) -> None:
        """End all of a person's."""


class MongoSessions:
    """In the database of the views, though in no generation; all methods raise `StoreUnavailable`."""

    def __init__(self, database: Database[Any], lifetime: Lifetime, now: Clock = lambda: datetime.now(UTC)) -> None:
        self._sessions = database.get_collection(COLLECTION, write_concern=JOURNALED)
        self._lifetime, self._now = lifetime, now

    def prepare(self) -> None:
        """Make the indexes; the one by end lets the database forget what is over."""
        with translated():
            self._sessions.create_indexes(_INDEXES)

    def begin(self, session: Session) -> str:
        """What `Sessions.begin` says."""
        token, now = secrets.token_urlsafe(32), self._now()
        known = {"user": session.user, "proof": session.proof, "since": now, **self._until(now, now)}
        with translated():
            self._sessions.insert_one({"_id": _digest(token), **known})
        return token

    def find(self, token: str, *, used: bool) -> Session | None:
        """What `Sessions.find` says."""
        now = self._now()
        with translated():
            found = self._sessions.find_one({"_id": _digest(token), "ends": {"$gt": now}})
            if found is None:
                return None
            if used and now - found["seen"].replace(tzinfo=UTC) > _NOTED_EVERY:
                later = self._until(found["since"].replace(tzinfo=UTC), now)
                self._sessions.update_one({"_id": found["_id"]}, {"$set": later})
        return Session(found["user"], found["proof"])

    def end_all_of(self, user: str) -> None:
        """What `Sessions.end_all_of` says."""
        with translated():
            self._sessions.delete_many({"user": user})

    def _until(self, since: datetime, now: datetime) -> Mapping[str, datetime]:
        return {"seen": now, "ends": min(now + self._lifetime.idle, since + self._lifetime.whole)}


@dataclass(slots=True)
class MemorySessions:
    """The twin without a server, for tests."""

    lifetime: Lifetime = Lifetime()
    now: Clock = lambda: datetime.now(UTC)
    known: dict[str, tuple[Session, datetime, datetime]] = field(default_factory=dict)

    def begin(self, session: Session) -> str:
        """What `Sessions.begin` says."""
        token = secrets.token_urlsafe(32)
        self.known[token] = session, self.now(), self.now()
        return token

    def find(self, token: str, *, used: bool) -> Session | None:
        """What `Sessions.find` says."""
        session, since, seen = self.known.get(token, (None, self.now(), self.now()))
        if session is None or self.now() >= min(seen + self.lifetime.idle, since + self.lifetime.whole):
            return None
        if used and self.now() - seen > _NOTED_EVERY:
            self.known[token] = session, since, self.now()
        return session

    def end_all_of(self, user: str) -> None:
        """What `Sessions.end_all_of` says."""
        self.known = {token: kept for token, kept in self.known.items() if kept[0].user != user}


def _digest(token: str) -> str:
    """Who reads the database cannot take over a session."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
