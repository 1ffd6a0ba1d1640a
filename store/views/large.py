"""Which payloads are too large for lists, changes and what the web process remembers of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import bson

LARGE_BYTES = 16 * 1024
"""Of a payload as MongoDB keeps it: above that it comes with the task itself only."""


def is_large(payload: Mapping[str, Any] | None) -> bool:
    """The same that the change stream asks of the database."""
    return payload is not None and len(bson.encode(payload)) > LARGE_BYTES


def without_large(image: str) -> dict[str, Any]:
    """An aggregation expression: the task under this name, without what is too much; `partial` says so.

    Instead of a large payload and of what is searched of it null, and `large` says so. What it carries of its entries
    is left out as well where that is large.
    """
    # Lists are sorted and counted in the database, and what is folded is folded again by who compares.
    slim: Any = image
    for name in ("order", "folded", "findable"):
        slim = {"$unsetField": {"field": name, "input": slim}}
    is_large = {"$gt": [{"$bsonSize": {"$ifNull": [f"{image}.payload", {}]}}, LARGE_BYTES]}
    is_much = {"$gt": [{"$bsonSize": {"entries": {"$ifNull": [f"{image}.entries", []]}}}, LARGE_BYTES]}
    searched = {"words": None, "leaves": None, "entries": None, "partial": True}
    without_payload = {"$mergeObjects": [slim, {"payload": None, "large": True, **searched}]}
    without_searched = {"$mergeObjects": [slim, searched]}
    return {
        "$switch": {
            "branches": [{"case": is_large, "then": without_payload}, {"case": is_much, "then": without_searched}],
            "default": slim,
        }
    }
