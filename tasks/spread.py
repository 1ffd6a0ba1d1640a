"""Documents that carry what has changed, where they are too many for the projector to tell them at once."""

from __future__ import annotations

from dataclasses import dataclass

from domain.stop import Stop
from store.views.writer import Views

AT_A_TIME = 20


@dataclass(frozen=True, slots=True)
class Spreader:
    """Tells the carriers of what was noted, page by page; what ends in the middle is done again from its beginning."""

    views: Views | None
    """None where the views are not this worker's."""

    def spread(self, stop: Stop) -> int:
        """Tell of some that are noted; returns of how many. Raises `StoreUnavailable`."""
        return 0 if self.views is None else self.views.tell_carriers(AT_A_TIME, stop)
