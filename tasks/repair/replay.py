"""Send events of a log to the views again: harmless to what is newer there, unheard by anybody else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from domain.errors import BrokerUnavailable, Transient
from domain.identity import Key
from store.events.log_reader import Logged
from store.messaging.exchange import ChannelClosed
from store.outbox.outbox import OutboxRow
from tasks.publish import Outgoing

PATIENCE_SECONDS = 60.0
FULL = 20_000


class NotTaken(Transient):
    """The broker did not take events that are sent again."""


@dataclass(frozen=True, slots=True)
class Replay:
    """Sends pages of a log, keeping the queue behind `exchange` short; `waiting` says how long that is."""

    exchange: Outgoing
    waiting: Callable[[], int]
    patience: float = PATIENCE_SECONDS

    def send(self, pages: Iterable[Sequence[Logged]], on_progress: Callable[[int], None] = lambda _: None) -> int:
        """Send everything, confirmed; returns how many. Raises `NotTaken` and `BrokerUnavailable`."""
        sent = 0
        for page in pages:
            self._until_there_is_room()
            self._send([_row(event) for event in page])
            sent += len(page)
            on_progress(len(page))
        return sent

    def _send(self, rows: Sequence[OutboxRow]) -> None:
        """Until all are confirmed: what arrives twice hurts nobody."""
        deadline = time.monotonic() + self.patience
        left = list(rows)
        while left:
            problem = "the broker was away"
            try:
                verdicts = self.exchange.publish(left)
            except BrokerUnavailable as error:
                problem = str(error)
            except ChannelClosed as error:
                raise NotTaken(str(error)) from error
            else:
                problem = next(iter(verdicts.failed.values()), problem)
                left = [row for index, row in enumerate(left) if index not in verdicts.confirmed]
            if left:
                _pause_or_give_up(deadline, problem)

    def _until_there_is_room(self) -> None:
        while self.waiting() > FULL:
            time.sleep(0.2)


def _pause_or_give_up(deadline: float, problem: str) -> None:
    if time.monotonic() > deadline:
        raise NotTaken(problem)
    time.sleep(0.2)


def _row(event: Logged) -> OutboxRow:
    key = Key(event.application, event.aggregate, event.aggregate_id)
    return OutboxRow(event.cursor.position, key.lane, key.opaque, 0, event.event_id, event.routing_key, event.body)
