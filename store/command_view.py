"""The commands people have sent, in the views: pending when sent, answered by their outcome event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from domain.outcome import PENDING
from domain.request import Request
from store.mongo import JOURNALED, translated
from store.view_pointer import ViewPointer, collection_name

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
    }
