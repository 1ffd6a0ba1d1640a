"""The stores that units of work are tried on, and the whole path in one process."""

import pytest

from tests.faults.path import WholePath
from tests.store.databases import database, kind, store, woken

__all__ = ["database", "kind", "store", "woken"]


@pytest.fixture
def path(servers, tmp_path):
    made = WholePath(servers, tmp_path)
    yield made
    made.close()
