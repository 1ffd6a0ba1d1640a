"""Documents that an earlier version has written: what people could see, they see, until a rebuild makes them anew."""

from __future__ import annotations

from typing import Any

from pymongo.database import Database

from domain.access import OPERATORS
from store.views.generations import LiveViews
from store.views.mongo import translated

_OLDER = {"words": {"$exists": False}, "principals": {"$exists": True}}


def adopt(database: Database[dict[str, Any]]) -> bool:
    """Let operators see tasks and entries of before they were a principal; whether there are any that lack words.

    Raises `StoreUnavailable`.
    """
    views = LiveViews(database)
    found = False
    for name in ("task", "data_entry"):
        with translated():
            if views[name].find_one(_OLDER, {"_id": 1}) is None:
                continue
            found = True
            lacking = {**_OLDER, "principals": {"$exists": True, "$nin": [OPERATORS, []]}}
            views[name].update_many(
                lacking, [{"$set": {"principals": {"$concatArrays": [[OPERATORS], "$principals"]}}}]
            )
    return found
