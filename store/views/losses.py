"""Collections of the views that somebody has dropped: noted until the logs have told again what was in them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from pymongo.database import Database

from store.views.mongo import translated

COLLECTION = "view_loss"


class Losses:
    """All methods raise `StoreUnavailable`."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._losses = database[COLLECTION]

    def note(self, names: Iterable[str]) -> None:
        """These have been lost."""
        with translated():
            for name in names:
                self._losses.update_one({"_id": name}, {"$set": {"noted": datetime.now(UTC)}}, upsert=True)

    def names(self) -> list[str]:
        """What has been lost and not been told again."""
        with translated():
            return sorted(one["_id"] for one in self._losses.find())

    def forget(self, since: datetime) -> None:
        """All that was lost before then is there again."""
        with translated():
            self._losses.delete_many({"noted": {"$lt": since}})
