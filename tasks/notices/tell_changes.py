"""Tell an address of changes: a lot under a lease, what happened to one task in its order, later what was not taken."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Any, Final, Protocol

from domain.notices.change import Change
from domain.notices.notice import NEWS, has_caught_up
from domain.notices.wishes import pause_after
from domain.values import parse_time
from observe import metrics
from store.people.changes import TakenChange
from store.people.notices import FAILED, Delivery
from tasks.notices.deliver import CATCHING_UP, LONGEST_CATCHING_UP, SENT, STALE, Away, NotDelivered

log = logging.getLogger(__name__)

LEASE: Final = timedelta(minutes=1)
"""Longer than a lot may take; whoever dies with one leaves it to the next for so long."""
LOT: Final = 200
LOT_TIME: Final = timedelta(seconds=5)
"""What of a lot was not begun by then is put back: a process that ends has told and not written down little."""
AT_ONCE: Final = 8
"""Posts under way to one address."""
TOO_OLD: Final = "nobody took it for two days"
_TOLD: Final = ("name", "processName", "businessKey", "dueDate")

Settled = tuple[TakenChange, Delivery]


@dataclass(frozen=True, slots=True)
class ChangeLetter:
    """What an address is told."""

    change: Change
    task: Mapping[str, Any]
    """`id`, `name`, `processName`, `businessKey`, `dueDate`, `url`: never its payload."""


class Address(Protocol):
    """Who hears of changes."""

    def send_change(self, letter: ChangeLetter) -> None:
        """Taken when it returns; raises `NotDelivered`, and `Away` where nobody answers."""


class LeasedChanges(Protocol):
    """Changes, a lot at a time."""

    def take(self, way: str, now: datetime, lease: timedelta, most: int) -> list[TakenChange]: ...  # noqa: D102
    def settle(self, lot: Iterable[Settled], now: datetime) -> None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells one address, and is held up by no other. Raises `StoreUnavailable`."""

    way: str
    changes: LeasedChanges
    address: Address
    tasks: Callable[[Sequence[str]], Mapping[str, Mapping[str, Any]]]
    """What tasks are called by now, whoever asks."""
    url_of: Callable[[str], str]
    now: Callable[[], datetime]
    _posts: ThreadPoolExecutor = field(default_factory=partial(ThreadPoolExecutor, AT_ONCE, "changes"))

    def tell_lot(self, most: int = LOT) -> bool:
        """Whether there were any to tell."""
        lot = self.changes.take(self.way, self.now(), LEASE, most)
        if not lot:
            return False
        tasks = self.tasks(list({one.change.task_key for one in lot}))
        trying = Trying(self.way, self.address, tasks, self.url_of, self.now, self.now() + LOT_TIME)
        ordered = sorted(lot, key=lambda one: (one.change.task_key, one.change.version))
        by_task = [list(some) for _, some in groupby(ordered, lambda one: one.change.task_key)]
        settled = [one for some in self._posts.map(trying.of_task, by_task) for one in some]
        self.changes.settle(settled, self.now())
        self._say(lot, settled)
        return True

    def _say(self, before: Sequence[TakenChange], after: Sequence[Settled]) -> None:
        tries = {one.change.id: one.delivery.tries for one in before}
        became = Counter(
            now.outcome or "later" for one, now in after if now.outcome or now.tries > tries[one.change.id]
        )
        for outcome, count in became.items():
            metrics.notices.labels(self.way, outcome).inc(count)
        why = next((now.reason for _, now in after if now.reason), None)
        if became["later"]:
            log.warning("changes_not_delivered", extra={"channel": self.way, "count": became["later"], "reason": why})
        if became[FAILED]:
            log.error("changes_failed", extra={"channel": self.way, "count": became[FAILED], "reason": why})


@dataclass(slots=True)
class Trying:
    """One lot: when nobody answers, nobody is asked again for the rest of it, which counts as tried."""

    way: str
    address: Address
    tasks: Mapping[str, Mapping[str, Any]]
    url_of: Callable[[str], str]
    now: Callable[[], datetime]
    until: datetime
    _away: Away | None = None

    def of_task(self, lot: Sequence[TakenChange]) -> list[Settled]:
        """What becomes of the changes of one task, one after the other."""
        return [(one, self._became(one)) for one in lot]

    def _became(self, taken: TakenChange) -> Delivery:
        change, before, now = taken.change, taken.delivery, self.now()
        age, task = now - parse_time(change.time), self.tasks.get(change.task_key)
        if not has_caught_up(change.version, task) and age <= NEWS:
            # The longer it has waited the longer it may, as other notices.
            return replace(before, next=now + min(max(age / 4, CATCHING_UP), LONGEST_CATCHING_UP))
        if now - (taken.retried or parse_time(change.time)) > STALE:
            return replace(before, next=None, outcome=FAILED, reason=before.reason or TOO_OLD)
        if now > self.until and self._away is None:
            return replace(before, next=now)
        return self._tried(ChangeLetter(change, self._told(change, task or {})), before.tries + 1)

    def _tried(self, letter: ChangeLetter, tries: int) -> Delivery:
        try:
            self._send(letter)
        except NotDelivered as error:
            reason = str(error)
        except Exception as error:  # noqa: BLE001 - a name that cannot be written holds up no other
            reason = type(error).__name__
        else:
            return Delivery(tries, None, SENT)
        pause = pause_after(tries)
        if pause is None:
            return Delivery(tries, None, FAILED, reason)
        return Delivery(tries, self.now() + pause, None, reason)

    def _send(self, letter: ChangeLetter) -> None:
        if self._away is not None:
            raise self._away
        try:
            self.address.send_change(letter)
        except Away as error:
            self._away = error
            raise

    def _told(self, change: Change, task: Mapping[str, Any]) -> dict[str, Any]:
        names = {name: task.get(name) for name in _TOLD}
        return {**names, "id": change.task_key, "url": self.url_of(change.task_key)}
