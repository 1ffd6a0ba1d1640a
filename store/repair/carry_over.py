"""What is in the views and in no log: commands not answered yet, and whatever is left of applications without a log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pymongo.database import Database

from domain.aggregates.command import PENDING
from domain.aggregates.register import KINDS
from domain.events.project import Projected
from store.views.generations import collection_name
from store.views.mongo import JOURNALED, translated
from store.views.writer import Views

PAGE = 500

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Carrying:
    """From one generation to another; raises `StoreUnavailable`."""

    database: Database[Document]
    views: Views
    live: int
    filling: int

    def copy(self, with_log: Iterable[str]) -> int:
        """Copy what is neither in the logs of these applications nor in the new generation; returns how much it was.

        Whoever adds to it meanwhile knows of the new generation and writes to both.
        """
        without = {"application": {"$nin": sorted(with_log)}}
        count = 0
        for base, kind in KINDS.items():
            wanted = {"$or": [without, _PENDING]} if kind.is_asked_first else without
            for page in self._pages(base, wanted):
                self.views.fill(self.filling, [Projected(base, one, once=not _has_version(one)) for one in page])
                count += len(page) + self._histories(base, page)
                self._take_back(base, page)
        return count

    def _histories(self, base: str, page: Sequence[Document]) -> int:
        history = KINDS[base].history
        if history is None:
            return 0
        count = 0
        for entries in self._pages(history.collection, {history.named: {"$in": [one["_id"] for one in page]}}):
            self.views.fill(self.filling, [Projected(history.collection, entry, once=True) for entry in entries])
            count += len(entries)
        return count

    def _take_back(self, base: str, page: Sequence[Document]) -> None:
        """What is withdrawn meanwhile: the withdrawer goes through the generations in the same order."""
        ids = {one["_id"] for one in page if one.get("status") == PENDING}
        if KINDS[base].is_asked_first and ids:
            still = {found["_id"] for found in self._documents(base, self.live).find({"_id": {"$in": [*ids]}}, _ID)}
            gone = {"_id": {"$in": [*(ids - still)]}, **_PENDING}
            with translated():
                self._documents(base, self.filling).delete_many(gone)

    def _pages(self, base: str, wanted: Document) -> Iterator[list[Document]]:
        with translated(), self._documents(base, self.live).find(wanted, batch_size=PAGE) as found:
            while page := list(islice(found, PAGE)):
                yield page

    def _documents(self, base: str, generation: int) -> Any:
        return self.database.get_collection(collection_name(base, generation), write_concern=JOURNALED)


def _has_version(document: Document) -> bool:
    return isinstance(document.get("generation"), int) and isinstance(document.get("revision"), int)


_PENDING: Document = {"generation": 0, "status": PENDING}
_ID = {"_id": 1}
