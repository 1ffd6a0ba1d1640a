"""The stores that units of work are tried on."""

from tests.store.databases import database, kind, store, woken

__all__ = ["database", "kind", "store", "woken"]
