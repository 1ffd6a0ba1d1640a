"""Events of tasks become notices: who was given one hears of it, and each address of every event, once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

import orjson

from domain.errors import ForgedSource, MalformedMessage, UnknownEventType
from domain.events.envelope import Envelope, from_cloudevent
from domain.identity import Key
from domain.notices.change import Change, changes
from domain.notices.notice import Notice, assignment
from domain.senders import Senders
from store.views.mongo import UnwritableDocument

log = logging.getLogger(__name__)

_NOT_READ = (ForgedSource, MalformedMessage, UnknownEventType)
_NOT_A_STATE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


Made = TypeVar("Made")


class Message(Protocol):
    """What a batch is made of."""

    @property
    def body(self) -> bytes: ...  # noqa: D102
    @property
    def sender(self) -> str | None: ...  # noqa: D102


class Writing(Protocol):
    """Where notices go."""

    def add(self, notices: Iterable[Notice], now: datetime) -> int:
        """Durable when it returns how many are new; raises `StoreUnavailable`."""


class WritingChanges(Protocol):
    """Where changes go."""

    def add(self, changes: Iterable[Change], now: datetime) -> int:
        """Durable when it returns how many are new; raises `StoreUnavailable`."""


@dataclass(frozen=True, slots=True)
class FromEvents:
    """Applies batches; repeats and other notifiers cannot hurt."""

    notices: Writing | None
    """None where there is no way to people."""
    command: Callable[[str], Mapping[str, Any] | None]
    """A command by its opaque id: whose doing an event was."""
    now: Callable[[], datetime]
    senders: Senders | None = None
    """Who may speak for whom; None trusts whatever is in the queue."""
    changes: WritingChanges | None = None
    ways: Sequence[str] = ()
    """The addresses that hear of every event."""

    def apply(self, batch: Sequence[Message]) -> int:
        """Durable when it returns how many are new, and the batch may be acknowledged; raises `StoreUnavailable`.

        What cannot be read is left out: the projector has the same message, and sets it aside.
        """
        made = [one for message in batch if (one := self._of(message)) is not None]
        notices = [notice for notice, _ in made if notice is not None]
        changed = [change for _, found in made for change in found]
        new = self._add(self.notices.add, notices) if self.notices is not None and notices else 0
        return new + (self._add(self.changes.add, changed) if self.changes is not None and changed else 0)

    def _add(self, add: Callable[[Sequence[Made], datetime], int], made: Sequence[Made]) -> int:
        try:
            return add(made, self.now())
        except UnwritableDocument as error:
            if len(made) > 1:
                return sum(self._add(add, [one]) for one in made)
            log.warning("event_not_noticed", extra={"reason": type(error).__name__})
            return 0

    def _of(self, message: Message) -> tuple[Notice | None, list[Change]] | None:
        try:
            envelope = from_cloudevent(orjson.loads(message.body))
            if self.senders is not None:
                self.senders.check(message.sender, envelope.key.application)
            return self._given(envelope), list(changes(envelope, self.ways, self.now()))
        except (*_NOT_READ, *_NOT_A_STATE) as error:
            log.warning("event_not_noticed", extra={"reason": type(error).__name__})
            return None

    def _given(self, envelope: Envelope) -> Notice | None:
        # Most are nobody's, or old; only of the others somebody is asked whose doing they were.
        if self.notices is None or assignment(envelope, None, self.now()) is None:
            return None
        return assignment(envelope, self._by(envelope), self.now())

    def _by(self, envelope: Envelope) -> str | None:
        if envelope.causation_id is None:
            return None
        found = self.command(Key(envelope.key.application, "command", envelope.causation_id).opaque)
        return None if found is None else found.get("user")
