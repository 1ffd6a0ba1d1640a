"""The fixtures of the contract suites."""

from tests.store.databases import database

__all__ = ["database"]
