"""What an engine said in many pieces becomes as few commands as tell the same story, aggregate by aggregate."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from typing import Any, TypeAlias

from domain.aggregates.fold import ENDINGS
from domain.aggregates.register import KINDS
from domain.aggregates.task import CreateTask
from domain.identity import Key

Said: TypeAlias = tuple[Key, Any]


def accumulate(said: Iterable[Said], existing: Container[Key] = ()) -> list[tuple[Key, list[Any]]]:
    """Commands per aggregate; tasks that end come before tasks that begin, otherwise in the order first spoken of."""
    pieces: dict[Key, list[Any]] = {}
    for key, command in said:
        pieces.setdefault(key, []).append(command)
    folded = [(key, _folded(key, commands, exists=key in existing)) for key, commands in pieces.items()]
    return sorted(folded, key=lambda item: not _only_ends(item[1]))


def _folded(key: Key, commands: list[Any], *, exists: bool) -> list[Any]:
    fold = KINDS[key.aggregate].fold
    return commands if fold is None else fold(commands, exists=exists)


def _only_ends(commands: Sequence[Any]) -> bool:
    return bool(commands) and isinstance(commands[-1], ENDINGS) and not isinstance(commands[0], CreateTask)
