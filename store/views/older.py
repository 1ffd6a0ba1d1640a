"""Documents that an earlier version has written: what people could see, they see, until a rebuild makes them anew."""

from __future__ import annotations

from typing import Any

from pymongo import UpdateOne
from pymongo.collection import Collection
from pymongo.database import Database

from domain.access import OPERATORS
from domain.query.findable import findable
from store.views.generations import LiveViews
from store.views.mongo import translated

PAGE = 500

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


def make_findable(tasks: Collection[dict[str, Any]]) -> int:
    """Give open tasks of an earlier version what they are counted by; returns how many. Raises what the driver does.

    Before there is the index by which they are counted: it is asked as soon as it is there.
    """
    lacking = {"state": "open", "findable": {"$exists": False}, "words": {"$exists": True}}
    told, made, last = dict.fromkeys(("principals", "words", "leaves", "generation", "revision"), 1), 0, ""
    # In the order of ids, so that none is looked at twice.
    while page := list(tasks.find({**lacking, "_id": {"$gt": last}}, told, sort=[("_id", 1)], limit=PAGE)):
        tasks.bulk_write([_with_findable(one) for one in page], ordered=False)
        made, last = made + len(page), page[-1]["_id"]
    return made


def _with_findable(task: dict[str, Any]) -> UpdateOne:
    """Unless it has become another meanwhile: whoever wrote that has told it."""
    same = {name: task[name] for name in ("_id", "generation", "revision")}
    keys = findable(task["principals"], task["words"], task["leaves"])
    return UpdateOne(same, {"$set": {"findable": keys}})
