"""Which version of each document the change stream has lately shown, so that waiting for one need not ask for it."""

from __future__ import annotations

import threading
from collections import OrderedDict

Target = tuple[str, str]
Version = tuple[int, int]

_REMEMBERED = 10_000


class Reached:
    """Collection and id to (generation, revision), of the documents that changed last."""

    def __init__(self, remembered: int = _REMEMBERED) -> None:
        self._versions: OrderedDict[Target, Version] = OrderedDict()
        self._remembered = remembered
        self._lock = threading.Lock()

    def restart(self) -> None:
        """Know nothing."""
        with self._lock:
            self._versions.clear()

    def note(self, target: Target, version: Version | None) -> None:
        """Take note of what it is now; None: it is gone."""
        with self._lock:
            self._versions.pop(target, None)
            if version is not None:
                self._versions[target] = version
            if len(self._versions) > self._remembered:
                self._versions.popitem(last=False)

    def of(self, target: Target) -> Version | None:
        """The version shown last; None when the document has not changed lately."""
        with self._lock:
            return self._versions.get(target)
