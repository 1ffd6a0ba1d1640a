"""A change: an address is to hear of an event of a task, whatever it was, once however often that event comes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.events.envelope import Envelope
from domain.identity import derived_id
from domain.notices.notice import is_news


@dataclass(frozen=True, slots=True)
class Change:
    """Nothing of the task itself: what it is called is looked up when it is told."""

    id: str
    way: str
    """Which address is to hear of it, by its place in the settings: `change1` and so on."""
    event_id: str
    event: str
    """Its type: `task.completed`."""
    application: str
    task_key: str
    time: str
    """When it happened, ISO-8601 UTC."""
    by: str | None
    """Whose doing it was, where somebody knows."""
    version: tuple[int, int]
    """Generation and revision of the task that it made."""


def changes(envelope: Envelope, ways: Sequence[str], now: datetime) -> Iterator[Change]:
    """One for each address; none of what is no event of a task, or no news."""
    if not ways or envelope.key.aggregate != "task" or not is_news(envelope, now):
        return
    key, version = envelope.key, (envelope.generation, envelope.revision)
    for way in ways:
        change_id = derived_id("notice", "change", envelope.event_id, way)
        yield Change(
            *(change_id, way, envelope.event_id, envelope.type, key.application, key.opaque),
            *(envelope.time, envelope.by, version),
        )
