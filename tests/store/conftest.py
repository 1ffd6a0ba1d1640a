"""The fixtures of the contract suites."""

from tests.store.databases import database, kind, store, woken

__all__ = ["database", "kind", "store", "woken"]
