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
    """An aggregation expression: the task under this name; instead of what is large null, and `large` says so.

    The text to search in is made of the payload, and is no smaller.
    """
    large = {"$gt": [{"$bsonSize": {"$ifNull": [f"{image}.payload", {}]}}, LARGE_BYTES]}
    less = {"$mergeObjects": [image, {"payload": None, "text": None, "large": True}]}
    return {"$cond": [large, less, image]}
