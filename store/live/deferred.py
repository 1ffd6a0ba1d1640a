"""Open tasks that come back by themselves when their follow-up date passes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from store.live.deltas import keys_of

_Entry = tuple[str, str]
_LAST_ID = "\U0010ffff"


class Deferred:
    """Knows date, id and principals of each; the documents themselves stay in the database."""

    def __init__(self) -> None:
        self._entries: list[_Entry] = []
        self._dates: dict[str, str] = {}
        self._keys: dict[str, frozenset[str]] = {}

    def restart(self, documents: Iterable[Mapping[str, Any]]) -> None:
        """Know exactly these tasks; sorted once, as there may be hundreds of thousands."""
        self._dates, self._keys = {}, {}
        for document in documents:
            if _comes_back(document):
                self._note(document["_id"], document)
        self._entries = sorted((date, task_id) for task_id, date in self._dates.items())

    def observe(self, task_id: str, document: Mapping[str, Any] | None) -> None:
        """Take note of what the task looks like now; None: it is gone."""
        self._forget(task_id)
        if document is not None and _comes_back(document):
            insort(self._entries, (document["followUpDate"], task_id))
            self._note(task_id, document)

    def _note(self, task_id: str, document: Mapping[str, Any]) -> None:
        self._dates[task_id] = document["followUpDate"]
        self._keys[task_id] = frozenset(keys_of(document))

    def prune(self, before: str) -> None:
        """Forget what came back so long ago that no reader can still ask."""
        for _, task_id in self._entries[: bisect_left(self._entries, (before, ""))]:
            self._forget(task_id)

    def back(self, then: str, now: str, keys: Sequence[str]) -> list[str]:
        """The tasks that came back after `then` and not after `now`."""
        return [task_id for _, task_id in self._span(then, now, keys)]

    def next_back(self, then: str, until: str, keys: Sequence[str]) -> str | None:
        """When the next one comes back."""
        return next((date for date, _ in self._span(then, until, keys)), None)

    def _span(self, then: str, until: str, keys: Sequence[str]) -> Iterator[_Entry]:
        first = bisect_right(self._entries, (then, _LAST_ID))
        for date, task_id in self._entries[first : bisect_right(self._entries, (until, _LAST_ID))]:
            if not self._keys[task_id].isdisjoint(keys):
                yield date, task_id

    def _forget(self, task_id: str) -> None:
        date = self._dates.pop(task_id, None)
        if date is not None:
            del self._keys[task_id]
            del self._entries[bisect_left(self._entries, (date, task_id))]


def _comes_back(document: Mapping[str, Any]) -> bool:
    return document["state"] == "open" and document["followUpDate"] is not None
