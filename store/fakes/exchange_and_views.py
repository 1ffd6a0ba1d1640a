"""The exchange and the views without servers, for tests: the same promises, kept by dictionaries."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.events.project import PERSONAL, Projected
from domain.personal import overwritten
from domain.stop import Stop
from store.messaging.window import Verdicts
from store.outbox.outbox import OutboxRow


@dataclass(slots=True)
class MemoryExchange:
    """Takes every window; `refuse` may name a reason for a row, as a broker does by returning it."""

    refuse: Callable[[OutboxRow], str | None] = lambda _row: None
    published: list[OutboxRow] = field(default_factory=list)

    def publish(self, rows: Sequence[OutboxRow]) -> Verdicts:
        """Confirm what is not refused, in order."""
        verdicts = Verdicts()
        for index, row in enumerate(rows):
            if reason := self.refuse(row):
                verdicts.failed[index] = reason
            else:
                verdicts.confirmed.add(index)
                self.published.append(row)
        return verdicts


@dataclass(slots=True)
class MemoryViews:
    """Documents by collection and id; newest wins, histories are kept once."""

    collections: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    def apply(self, projected: Sequence[Projected]) -> None:
        """What `Views.apply` does."""
        for item in projected:
            collection = self.collections.setdefault(item.collection, {})
            stored = collection.get(item.document["_id"])
            chosen = stored
            if stored is None or (not item.once and _age(stored) < _age(item.document)):
                chosen = item.document
            grown = {name: sorted({*(stored or {}).get(name, ()), *more}) for name, more in item.gathered.items()}
            collection[item.document["_id"]] = {**(chosen or {}), **grown}
        self._overwrite()

    def gone(self, key_ids: Collection[str]) -> frozenset[str]:
        """What `Views.gone` does."""
        erased = (one["keyId"] for one in self.collections.get("data_subject", {}).values())
        return frozenset(erased) & frozenset(key_ids)

    def _overwrite(self) -> None:
        for collection in self.collections.values():
            for entry in collection.values():
                held = entry.pop(PERSONAL, ())
                gone = self.gone({one["key"] for one in held})
                if gone:
                    entry["changes"] = overwritten(entry["changes"], [o["path"] for o in held if o["key"] in gone])
                if left := [one for one in held if one["key"] not in gone]:
                    entry[PERSONAL] = left


class NoWakeups:
    """Never wakes anybody; waiting ends at once."""

    def wait(self, seconds: float, stop: Stop) -> None:
        """Do nothing."""


def _age(document: dict[str, Any]) -> tuple[int, int]:
    return document["generation"], document["revision"]
