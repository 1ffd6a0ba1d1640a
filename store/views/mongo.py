"""What writing to MongoDB means to us: when it is durable, and which of its errors pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from bson.errors import InvalidDocument
from pymongo.errors import BulkWriteError, ConnectionFailure, OperationFailure, PyMongoError
from pymongo.write_concern import WriteConcern

from domain.errors import Permanent, StoreUnavailable

JOURNALED = WriteConcern(w="majority", j=True, wtimeout=20_000)
DUPLICATE_KEY = 11000
_TRANSIENT_CODES = frozenset({6, 7, 13, 18, 64, 89, 91, 189, 262, 10107, 11600, 11601, 11602, 13435, 13436, 14031})
"""Not about the document: a server that ends or changes its role, does not let us in (13, 18), has no room (14031)."""

_UNENCODABLE = (InvalidDocument, OverflowError, UnicodeEncodeError, RecursionError)
"""What the driver says, before it sends anything, of names, integers, text and nesting that BSON does not have."""


class UnwritableDocument(Permanent):
    """MongoDB will never take this document."""


@contextmanager
def translated() -> Iterator[None]:
    """Turn driver errors into ours."""
    try:
        yield
    except BulkWriteError as error:
        _judge(error.details)
    except ConnectionFailure as error:
        raise StoreUnavailable(str(error)) from error
    except OperationFailure as error:
        if error.code in _TRANSIENT_CODES:
            raise StoreUnavailable(str(error)) from error
        raise UnwritableDocument(str(error)) from error
    except _UNENCODABLE as error:
        raise UnwritableDocument(f"{type(error).__name__}: {error}") from error
    except PyMongoError as error:
        raise StoreUnavailable(str(error)) from error


def _judge(details: Mapping[str, Any]) -> None:
    """A duplicate key means somebody else wrote the same thing first: histories are done, replacements run again."""
    failures = [error for error in details.get("writeErrors", ()) if not _harmless(error)]
    if any(error["code"] == DUPLICATE_KEY or error["code"] in _TRANSIENT_CODES for error in failures):
        raise StoreUnavailable("two projectors inserted the same document at once")
    if failures:
        raise UnwritableDocument(str(failures[0].get("errmsg", failures[0])))
    if details.get("writeConcernErrors"):
        raise StoreUnavailable(str(details["writeConcernErrors"][0].get("errmsg")))


def _harmless(error: Mapping[str, Any]) -> bool:
    return bool(error["code"] == DUPLICATE_KEY and "u" not in error.get("op", {}))
