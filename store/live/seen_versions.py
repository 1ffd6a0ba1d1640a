"""What the change stream has lately shown, so that waiting for it need not ask the database."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

Target = tuple[str, str]
Version = tuple[int, int]

_REMEMBERED = 10_000
_COMMANDS = 1_000


class SeenVersions:
    """Collection and id to (generation, revision), of the documents that changed last."""

    def __init__(self, remembered: int = _REMEMBERED) -> None:
        self._versions: OrderedDict[Target, Version] = OrderedDict()
        self._remembered = remembered

    def restart(self) -> None:
        """Know nothing."""
        self._versions.clear()

    def note(self, target: Target, version: Version | None) -> None:
        """Take note of what it is now; None: it is gone."""
        self._versions.pop(target, None)
        if version is not None:
            self._versions[target] = version
        if len(self._versions) > self._remembered:
            self._versions.popitem(last=False)

    def of(self, target: Target) -> Version | None:
        """The version shown last; None when the document has not changed lately."""
        return self._versions.get(target)


class Commands:
    """The newest commands as they were shown last."""

    def __init__(self, remembered: int = _COMMANDS) -> None:
        self._shown: OrderedDict[str, Mapping[str, Any]] = OrderedDict()
        self._remembered = remembered

    def restart(self) -> None:
        """Know nothing."""
        self._shown.clear()

    def note(self, command_id: str, command: Mapping[str, Any] | None) -> None:
        """Take note of what it is now; None: it is gone."""
        self._shown.pop(command_id, None)
        if command:
            self._shown[command_id] = command
        if len(self._shown) > self._remembered:
            self._shown.popitem(last=False)

    def of(self, command_id: str) -> Mapping[str, Any] | None:
        """As it was shown last; None when it has not changed lately."""
        return self._shown.get(command_id)
