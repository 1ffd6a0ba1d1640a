"""One name for many failures of the same kind: the reason without what differs from one to the next."""

from __future__ import annotations

import re
from hashlib import sha256

# Ids and numbers: what holds a digit, whatever it is joined to by the punctuation that ids have.
_VARYING = re.compile(r"[\w.:/@-]*\d[\w.:/@-]*")


def fingerprint(reason: str) -> str:
    """The same for reasons that differ in ids, numbers and spacing only."""
    return sha256(" ".join(_VARYING.sub("#", reason).casefold().split()).encode()).hexdigest()[:12]
