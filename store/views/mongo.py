"""What writing to MongoDB means to us: when it is durable, and which of its errors pass."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from bson.errors import InvalidDocument
from pymongo.errors import BulkWriteError, ConnectionFailure, OperationFailure, PyMongoError
from pymongo.write_concern import WriteConcern

from domain.errors import Permanent, StoreUnavailable

JOURNALED = WriteConcern(w="majority", j=True, wtimeout=20_000)
DUPLICATE_KEY = 11000
_NETWORK = frozenset({6, 7, 89, 202, 279, 317, 384, 9001})
_ENDS_OR_CHANGES_ITS_ROLE = frozenset({91, 94, 189, 216, 10107, 11600, 11602, 13435, 13436})
_BUSY_OR_INTERRUPTED = frozenset({24, 46, 50, 107, 112, 117, 215, 237, 262, 272, 290, 355, 365, 11601, 46841})
_NOT_SURE_TO_LAST = frozenset({64, 79, 100, 133, 134, 246})
_DOES_NOT_LET_US_IN = frozenset({13, 18})
_DOES_NOT_KNOW_THE_TIME = frozenset({106, 204, 205, 209, 210, 211})
"""As one that has begun again and has not read its keys yet, of a time that it has signed itself."""
_NO_ROOM = frozenset({208, 261, 264, 14031})
_TRANSIENT_CODES = _NETWORK.union(
    *(_ENDS_OR_CHANGES_ITS_ROLE, _BUSY_OR_INTERRUPTED, _NOT_SURE_TO_LAST, _DOES_NOT_LET_US_IN),
    *(_DOES_NOT_KNOW_THE_TIME, _NO_ROOM),
)
"""Not about the document; MongoDB's numbers are in src/mongo/base/error_codes.yml of its sources."""
_UNKNOWN = 8
_OF_STORAGE = re.compile(r"(?:^|:: )-?\d+: ")
"""What the storage engine says, by its number: as `28: No space left on device` where a file cannot be made."""
_TRANSIENT_LABELS = ("RetryableWriteError", "TransientTransactionError")

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
        if _passes(error.code, error.details) or any(map(error.has_error_label, _TRANSIENT_LABELS)):
            raise StoreUnavailable(str(error)) from error
        raise UnwritableDocument(str(error)) from error
    except _UNENCODABLE as error:
        raise UnwritableDocument(f"{type(error).__name__}: {error}") from error
    except PyMongoError as error:
        raise StoreUnavailable(str(error)) from error


def _judge(details: Mapping[str, Any]) -> None:
    """A duplicate key means somebody else wrote the same thing first: histories are done, replacements run again."""
    failures = [error for error in details.get("writeErrors", ()) if not _harmless(error)]
    if any(error["code"] == DUPLICATE_KEY for error in failures):
        raise StoreUnavailable("two projectors inserted the same document at once")
    if passing := [error for error in failures if _passes(error["code"], error)]:
        raise StoreUnavailable(str(passing[0].get("errmsg", passing[0])))
    if failures:
        raise UnwritableDocument(str(failures[0].get("errmsg", failures[0])))
    if details.get("writeConcernErrors"):
        raise StoreUnavailable(str(details["writeConcernErrors"][0].get("errmsg")))


def _passes(code: int | None, details: Mapping[str, Any] | None) -> bool:
    """Whether it is not about the document."""
    if code == _UNKNOWN:
        return bool(_OF_STORAGE.search(str((details or {}).get("errmsg", ""))))
    return code in _TRANSIENT_CODES


def _harmless(error: Mapping[str, Any]) -> bool:
    return bool(error["code"] == DUPLICATE_KEY and "u" not in error.get("op", {}))
