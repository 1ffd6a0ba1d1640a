"""A look at what is due soon, and at what was due lately: whose task it is hears of it, once for each due date."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from domain.notices.notice import OVERDUE_FOR, Notice, due
from domain.values import iso
from store.lists.due_tasks import DueTask, DueTasks, Place
from tasks.notices.from_events import Writing

LOT: Final = 1000
MOST_LOTS: Final = 20
"""Of one look; the next one goes on where it ended."""


class Known(Writing, Protocol):
    """Where notices are."""

    def unknown(self, notices: Sequence[Notice]) -> list[Notice]:
        """Those that have not been noticed; raises `StoreUnavailable`."""


@dataclass(slots=True)
class DueLook:
    """Remembers how far it came, and nothing else: what was noticed is known by its id."""

    tasks: DueTasks
    notices: Known
    now: Callable[[], datetime]
    soon: timedelta = timedelta(days=1)
    _after: Place | None = None

    def look(self, lot: int = LOT, most_lots: int = MOST_LOTS) -> int:
        """How many notices are new; raises `StoreUnavailable` and `TooBroad`."""
        now, new = self.now(), 0
        begin, end = iso(now - OVERDUE_FOR), iso(now + self.soon)
        for _ in range(most_lots):
            found = self.tasks.within(begin, end, lot, self._after)
            new += self._add(found, now)
            if len(found) < lot:
                self._after = None
                break
            self._after = found[-1].due_date, found[-1].key
        return new

    def _add(self, found: Sequence[DueTask], now: datetime) -> int:
        made = [due(one.key, one.assignee, one.due_date, now, iso(now)) for one in found]
        fresh = self.notices.unknown(made) if made else []
        return self.notices.add(fresh, now) if fresh else 0
