"""Deliver notices: one try under a lease, right before it a question whether it still is so, later the next try."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

from domain.access import User
from domain.errors import Permanent, Transient
from domain.notices.notice import NEWS, Kind, Notice, has_caught_up, is_still_so, may_know
from domain.notices.wishes import Wishes, pause_after
from domain.values import parse_time
from observe import metrics
from store.people.notices import FAILED, Delivery, Taken

log = logging.getLogger(__name__)

MAIL: Final = "mail"
STALE: Final = 2 * NEWS
"""What was never tried is dropped after this; quiet hours and retries hold it back for less."""
LEASE: Final = timedelta(minutes=5)
"""Longer than all channels together may take with one notice."""
CATCHING_UP: Final = timedelta(seconds=3)
LONGEST_CATCHING_UP: Final = timedelta(minutes=5)
SENT, DROPPED, UNWANTED = "sent", "dropped", "unwanted"


class NotDelivered(Transient):
    """The channel did not take it; it is tried again."""


class Away(NotDelivered):
    """Nobody answers there in time; neither would anything else be taken now."""


class NeverDelivered(Permanent):
    """The channel will never take it."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What a channel is given."""

    id: str
    kind: Kind
    user: str
    address: str | None
    """Where this person has mail sent."""
    by: str | None
    time: str
    task: Mapping[str, Any]
    """`id`, `name`, `processName`, `businessKey`, `dueDate`, `url`: never its payload."""
    locale: str = "en"
    """In which language they read, and how dates are written there: `de-CH`."""
    zone: ZoneInfo | None = None
    """Where this person is, if they have said so."""
    tasks: int = 1
    """About how many tasks they were named at once, this one among them."""


class Channel(Protocol):
    """A way to people."""

    def send(self, letter: Letter) -> None:
        """Gone when it returns; raises `NotDelivered` and `NeverDelivered`."""


class Person(Protocol):
    """Somebody of the users file."""

    @property
    def user(self) -> User: ...  # noqa: D102
    @property
    def email(self) -> str | None: ...  # noqa: D102


class Leased(Protocol):
    """Notices, one at a time."""

    def take(self, now: datetime, lease: timedelta) -> Taken | None: ...  # noqa: D102
    def postpone(  # noqa: D102
        self, taken: Taken, until: datetime, deliveries: Mapping[str, Delivery] | None = None
    ) -> None: ...
    def finish(  # noqa: D102
        self, taken: Taken, state: str, now: datetime, deliveries: Mapping[str, Delivery]
    ) -> None: ...
    def is_said(self, notice: Notice) -> bool: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Deliverer:
    """Takes one notice at a time; any number of these may work at once. Raises `StoreUnavailable`."""

    notices: Leased
    task: Callable[[str], Mapping[str, Any] | None]
    """A task as people read it now, whoever asks."""
    person: Callable[[str], Person | None]
    wishes: Callable[[str], Wishes]
    channels: Mapping[str, Channel]
    url_of: Callable[[str], str]
    now: Callable[[], datetime]
    locale: str = "en"
    """Of people who have not said in which language they read."""

    def deliver_one(self) -> bool:
        """Whether there was one to take."""
        taken = self.notices.take(self.now(), LEASE)
        if taken is None:
            return False
        notice = taken.notice
        if not has_caught_up(notice.version, self.task(notice.task_key)) and self._age(notice) <= NEWS:
            # The longer it has waited the longer it may: many ask while the projector is away.
            pause = min(max(self._age(notice) / 4, CATCHING_UP), LONGEST_CATCHING_UP)
            self.notices.postpone(taken, self.now() + pause)
            return True
        deliveries = dict(taken.deliveries)
        waited = self.now() - (taken.retried or parse_time(notice.time))
        if waited > STALE and not any(one.tries for one in deliveries.values()):
            # Nobody was there to tell it for so long that it is no news any more.
            self.notices.finish(taken, DROPPED, self.now(), deliveries)
            return True
        for name, channel in self.channels.items():
            before = deliveries.get(name, Delivery())
            if before.outcome is None and (before.next is None or before.next <= self.now()):
                deliveries[name] = self._tried(name, channel, notice, before)
        self._put_back(taken, deliveries)
        return True

    def _put_back(self, taken: Taken, deliveries: Mapping[str, Delivery]) -> None:
        # A channel that is there no more keeps nobody waiting.
        mine = [one for name, one in deliveries.items() if name in self.channels]
        open_ones = [one.next or self.now() for one in mine if one.outcome is None]
        if open_ones:
            self.notices.postpone(taken, min(open_ones), deliveries)
            return
        outcomes = {one.outcome for one in mine}
        state = next((one for one in (FAILED, SENT) if one in outcomes), DROPPED)
        self.notices.finish(taken, state, self.now(), deliveries)

    def _tried(self, name: str, channel: Channel, notice: Notice, before: Delivery) -> Delivery:
        """What becomes of it on one channel."""
        person, task = self.person(notice.user), self.task(notice.task_key)
        if person is None or task is None or not self._may_be_told(notice, person.user, task):
            return _over(name, before, DROPPED)
        wishes = self.wishes(notice.user)
        if name == MAIL:
            if person.email is None or not wishes.mail[notice.kind]:
                return _over(name, before, UNWANTED)
            if wishes.quiet is not None and (later := wishes.quiet.until(self.now())) is not None:
                return replace(before, next=later)
        return self._sent(name, channel, self._letter(notice, person, task, wishes), before)

    def _sent(self, name: str, channel: Channel, letter: Letter, before: Delivery) -> Delivery:
        tries = before.tries + 1
        try:
            channel.send(letter)
        except NeverDelivered as error:
            return self._given_up(name, letter, tries, str(error))
        except NotDelivered as error:
            reason = str(error)
        except Exception as error:  # noqa: BLE001 - a template of somebody's own may raise anything
            # Never its text, which may hold what people have entered.
            reason = type(error).__name__
        else:
            return replace(_over(name, before, SENT), tries=tries)
        pause = pause_after(tries)
        if pause is None:
            return self._given_up(name, letter, tries, reason)
        metrics.notices.labels(name, "later").inc()
        log.warning(
            "notice_not_delivered", extra={"notice": letter.id, "channel": name, "tries": tries, "reason": reason}
        )
        return Delivery(tries, self.now() + pause, None, reason)

    def _given_up(self, name: str, letter: Letter, tries: int, reason: str) -> Delivery:
        metrics.notices.labels(name, FAILED).inc()
        log.error("notice_failed", extra={"notice": letter.id, "channel": name, "tries": tries, "reason": reason})
        return Delivery(tries, None, FAILED, reason)

    def _may_be_told(self, notice: Notice, user: User, task: Mapping[str, Any]) -> bool:
        if not may_know(user, task) or not is_still_so(notice, task, self.now()):
            return False
        return notice.kind != "mention" or self.notices.is_said(notice)

    def _age(self, notice: Notice) -> timedelta:
        return self.now() - parse_time(notice.time)

    def _letter(self, notice: Notice, person: Person, task: Mapping[str, Any], wishes: Wishes) -> Letter:
        told = {name: task.get(name) for name in ("name", "processName", "businessKey", "dueDate")}
        told |= {"id": notice.task_key, "url": self.url_of(notice.task_key)}
        address, locale = person.email, wishes.locale or self.locale
        zone = wishes.zone or (wishes.quiet.zone if wishes.quiet else None)
        about = (notice.id, notice.kind, notice.user, address, notice.by, notice.time, told)
        return Letter(*about, locale, zone, notice.tasks)


def _over(name: str, before: Delivery, outcome: str) -> Delivery:
    metrics.notices.labels(name, outcome).inc()
    return replace(before, next=None, outcome=outcome, reason=None)
