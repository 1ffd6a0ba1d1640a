"""One window on its way to the broker: what has left, what may leave next, and the broker's word on each row."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from store.outbox.outbox import OutboxRow


@dataclass(slots=True)
class Verdicts:
    """What became of a window, by the index of its rows; of a row in neither nothing is known, it waits."""

    confirmed: set[int] = field(default_factory=set)
    failed: dict[int, str] = field(default_factory=dict)


class Window:
    """Rows on their way: all aggregates at once, of each the next row when the one before it is confirmed.

    Whatever the broker returns or refuses, nothing that came after it in its aggregate has been seen before it.
    `tags` is how many delivery tags the channel has given out before.
    """

    def __init__(self, rows: Sequence[OutboxRow], tags: int) -> None:
        self._rows = rows
        self._tags = tags
        self._sent: list[int] = []
        self._settled = 0
        self._behind = _successors(rows)
        behind = set(self._behind.values())
        self._ready = deque(index for index in range(len(rows)) if index not in behind)
        self.waiting: set[int] = set()
        self.returned: dict[str, str] = {}
        self.verdicts = Verdicts()

    def leaving(self) -> Iterator[OutboxRow]:
        """The rows that may leave now, in order; each counts as sent."""
        while self._ready:
            index = self._ready.popleft()
            self._sent.append(index)
            self.waiting.add(index)
            yield self._rows[index]

    def record_confirm(self, tag: int, multiple: bool, refusal: str | None) -> None:
        """The broker's word on one row, or on all rows up to it. A return comes before its ack."""
        last = tag - self._tags
        for index in self._sent[self._settled if multiple else last - 1 : last]:
            if index in self.waiting:
                self._settle_one(index, refusal)
        if multiple:
            self._settled = last

    def _settle_one(self, index: int, refusal: str | None) -> None:
        self.waiting.discard(index)
        reason = refusal or self.returned.get(self._rows[index].event_id)
        if reason:
            self.verdicts.failed[index] = reason
            return
        self.verdicts.confirmed.add(index)
        if index in self._behind:
            self._ready.append(self._behind[index])


def _successors(rows: Sequence[OutboxRow]) -> dict[int, int]:
    """By the index of a row, that of the next one of the same aggregate."""
    last: dict[str, int] = {}
    behind = {}
    for index, row in enumerate(rows):
        if row.key in last:
            behind[last[row.key]] = index
        last[row.key] = index
    return behind
