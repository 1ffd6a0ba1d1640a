"""Sessions of the page, known to all web processes, so that each can be ended from everywhere."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from pymongo import IndexModel
from pymongo.database import Database

from domain.values import iso, parse_time
from store.views.mongo import JOURNALED, translated

COLLECTION = "session"
_NOTED_EVERY = timedelta(minutes=5)
_INDEXES = [
    IndexModel([("user", 1)], name="of_user"),
    IndexModel([("ends", 1)], name="ends", expireAfterSeconds=0),
    IndexModel([("seen", -1), ("_id", 1)], name="by_use"),
]

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Session:
    """Whose it is, and a digest of the credentials it began with."""

    user: str
    proof: str


@dataclass(frozen=True, slots=True)
class Signed:
    """A session as operators know it: its `id` names it and opens nothing; `seen` is right to five minutes."""

    id: str
    session: Session
    since: str
    seen: str


Place = tuple[str, str]
"""Behind which of them to go on: when it was seen (ISO-8601 UTC) and its id."""


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

    def signed_in(self, most: int, user: str | None = None, after: Place | None = None) -> list[Signed]:
        """The first of those that are not over, of everybody or of one person; who did something last comes first."""

    def end(self, session_id: str) -> Signed | None:
        """End one; it as it was, None where there is none."""


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

    def signed_in(self, most: int, user: str | None = None, after: Place | None = None) -> list[Signed]:
        """What `Sessions.signed_in` says."""
        wanted: dict[str, Any] = {"ends": {"$gt": self._now()}}
        if user is not None:
            wanted["user"] = user
        if after is not None:
            seen = parse_time(after[0])
            wanted |= {"seen": {"$lte": seen}, "$or": [{"seen": {"$lt": seen}}, {"_id": {"$gt": after[1]}}]}
        with translated():
            found = self._sessions.find(wanted, sort=[("seen", -1), ("_id", 1)], limit=most)
            return [_signed(one) for one in found]

    def end(self, session_id: str) -> Signed | None:
        """What `Sessions.end` says."""
        with translated():
            found = self._sessions.find_one_and_delete({"_id": session_id, "ends": {"$gt": self._now()}})
        return found and _signed(found)

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

    def signed_in(self, most: int, user: str | None = None, after: Place | None = None) -> list[Signed]:
        """What `Sessions.signed_in` says."""
        found = sorted((one for _, one in self._live() if user in (None, one.session.user)), key=lambda one: one.id)
        found.sort(key=lambda one: one.seen, reverse=True)
        if after is not None:
            found = [one for one in found if one.seen < after[0] or (one.seen == after[0] and one.id > after[1])]
        return found[:most]

    def end(self, session_id: str) -> Signed | None:
        """What `Sessions.end` says."""
        token, found = next(((token, one) for token, one in self._live() if one.id == session_id), ("", None))
        self.known.pop(token, None)
        return found

    def _live(self) -> Iterator[tuple[str, Signed]]:
        for token, (session, since, seen) in list(self.known.items()):
            if self.find(token, used=False):
                yield token, Signed(_digest(token), session, iso(since), iso(seen))


def _signed(found: Mapping[str, Any]) -> Signed:
    since, seen = (iso(found[name].replace(tzinfo=UTC)) for name in ("since", "seen"))
    return Signed(found["_id"], Session(found["user"], found["proof"]), since, seen)


def _digest(token: str) -> str:
    """Who reads the database cannot take over a session."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
