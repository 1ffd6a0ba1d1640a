"""Errors only a store can have."""

from __future__ import annotations

from domain.errors import Transient


class ConcurrentUpdate(Transient):
    """Somebody else changed the same thing first; run the unit of work again."""
