"""Events of tasks become notices: who was given one hears of it, once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import orjson

from domain.errors import ForgedSource, MalformedMessage, UnknownEventType
from domain.events.envelope import Envelope, from_cloudevent
from domain.identity import Key
from domain.notices.notice import Notice, assignment
from domain.senders import Senders
from store.views.mongo import UnwritableDocument

log = logging.getLogger(__name__)

_NOT_READ = (ForgedSource, MalformedMessage, UnknownEventType)
_NOT_A_STATE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


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


@dataclass(frozen=True, slots=True)
class FromEvents:
    """Applies batches; repeats and other notifiers cannot hurt."""

    notices: Writing
    command: Callable[[str], Mapping[str, Any] | None]
    """A command by its opaque id: whose doing an event was."""
    now: Callable[[], datetime]
    senders: Senders | None = None
    """Who may speak for whom; None trusts whatever is in the queue."""

    def apply(self, batch: Sequence[Message]) -> int:
        """Durable when it returns how many are new, and the batch may be acknowledged; raises `StoreUnavailable`.

        What cannot be read is left out: the projector has the same message, and sets it aside.
        """
        made = [notice for message in batch if (notice := self._of(message)) is not None]
        return self._add(made) if made else 0

    def _add(self, made: Sequence[Notice]) -> int:
        try:
            return self.notices.add(made, self.now())
        except UnwritableDocument as error:
            if len(made) > 1:
                return sum(self._add([one]) for one in made)
            log.warning("event_not_noticed", extra={"reason": type(error).__name__})
            return 0

    def _of(self, message: Message) -> Notice | None:
        try:
            envelope = from_cloudevent(orjson.loads(message.body))
            if self.senders is not None:
                self.senders.check(message.sender, envelope.key.application)
            # Most are nobody's, or old; only of the others somebody is asked whose doing they were.
            if assignment(envelope, None, self.now()) is None:
                return None
            return assignment(envelope, self._by(envelope), self.now())
        except (*_NOT_READ, *_NOT_A_STATE) as error:
            log.warning("event_not_noticed", extra={"reason": type(error).__name__})
            return None

    def _by(self, envelope: Envelope) -> str | None:
        if envelope.causation_id is None:
            return None
        found = self.command(Key(envelope.key.application, "command", envelope.causation_id).opaque)
        return None if found is None else found.get("user")
