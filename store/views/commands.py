"""The commands people have sent, in the views: pending when sent, answered by their outcome event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from domain.aggregates.command import PENDING
from domain.requests.request import Request
from domain.values import iso, parse_time
from store.views.generations import ViewPointer, collection_name
from store.views.mongo import JOURNALED, translated

REMEMBERED = timedelta(minutes=1)
"""After its end an unanswered command counts as waiting for so long: one that was never sent never has an answer."""
COUNTED = 1000

Commands = Collection[dict[str, Any]]


class CommandView:
    """Reads and opens command documents; what is pending is in no log, so it goes to every generation of the views."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._database = database
        self._pointer = ViewPointer(database)

    def open(self, request: Request) -> Mapping[str, Any] | None:
        """Write the pending document; returns the one that was there already, None when this is the first.

        The oldest generation decides who is first: a process that has not noticed a new one asks it too.
        """
        document = _pending(request)
        known: list[Mapping[str, Any] | None] = []

        def insert(commands: Commands) -> None:
            try:
                commands.insert_one(document)
                known.append(None)
            except DuplicateKeyError:
                known.append(commands.find_one({"_id": document["_id"]}))

        self._everywhere(insert)
        return known[0]

    def find(self, key: str) -> Mapping[str, Any] | None:
        """A command by its opaque id."""
        with translated():
            return self._commands(self._pointer.lately().live).find_one({"_id": key})

    def late(self, now: datetime) -> dict[str, float]:
        """The applications whose engine has left a command waiting for more than half its time; for how many seconds.

        What should have been answered long ago says nothing any more about how it is now.
        """
        wanted = {"lateAt": {"$gt": "", "$lt": iso(now)}, "status": PENDING, "generation": 0}
        wanted["expiresAt"] = {"$gt": iso(now - REMEMBERED)}
        late: dict[str, float] = {}
        with translated():
            for one in self._commands(self._pointer.now().live).find(wanted).limit(COUNTED):
                waited = (now - parse_time(one["issuedAt"])).total_seconds()
                late[one["application"]] = max(waited, late.get(one["application"], 0.0))
        return late

    def withdraw(self, request: Request) -> None:
        """Forget a command that nobody was sent."""
        mine = {"_id": request.key.opaque, "status": PENDING}
        self._everywhere(lambda commands: commands.delete_one(mine))

    def _everywhere(self, write: Callable[[Commands], object]) -> None:
        """In every generation, those included that a rebuild has begun meanwhile."""
        missing, written = self._pointer.lately().written, set[int]()
        while missing:
            for generation in missing:
                with translated():
                    write(self._commands(generation))
            written.update(missing)
            missing = [one for one in self._pointer.now().written if one not in written]

    def _commands(self, generation: int) -> Commands:
        return self._database.get_collection(collection_name("command", generation), write_concern=JOURNALED)


def _pending(request: Request) -> dict[str, Any]:
    issued, expires = parse_time(request.issued_at), parse_time(request.expires_at)
    return {
        "_id": request.key.opaque,
        "aggregate": "command",
        "generation": 0,
        "revision": 0,
        "commandId": request.command_id,
        "application": request.application,
        "status": PENDING,
        "action": request.action,
        "user": request.user.name,
        "taskKey": request.task_key and request.task_key.opaque,
        "problem": None,
        "produced": [],
        "result": None,
        "digest": request.digest,
        "issuedAt": request.issued_at,
        "expiresAt": request.expires_at,
        "lateAt": iso(issued + (expires - issued) / 2),
    }
