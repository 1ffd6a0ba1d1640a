"""The commands people have sent, in the views: pending when sent, answered by their outcome event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from domain.outcome import PENDING
from domain.request import Request
from store.views import JOURNALED, collection_name, translated


class CommandView:
    """Reads and opens command documents."""

    def __init__(self, database: Database[dict[str, Any]], generation: int = 1) -> None:
        self._commands = database.get_collection(collection_name("command", generation), write_concern=JOURNALED)

    def open(self, request: Request) -> Mapping[str, Any] | None:
        """Write the pending document; returns the one that was there already, None when this is the first."""
        document = _pending(request)
        try:
            with translated():
                self._insert(document)
        except _Taken:
            return self.find(document["_id"])
        return None

    def find(self, key: str) -> Mapping[str, Any] | None:
        """A command by its opaque id."""
        with translated():
            return self._commands.find_one({"_id": key})

    def withdraw(self, request: Request) -> None:
        """Forget a command that nobody was sent."""
        with translated():
            self._commands.delete_one({"_id": request.key.opaque, "status": PENDING})

    def _insert(self, document: dict[str, Any]) -> None:
        try:
            self._commands.insert_one(document)
        except DuplicateKeyError:
            raise _Taken from None


class _Taken(Exception):
    """The command is known already."""


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
