"""Commands that were set aside get an answer: `failed`, from the store of their own application."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from domain.aggregates.advance import Origin
from domain.aggregates.command import FAILED, RecordOutcome
from domain.errors import ExecutionFailed, Transient
from domain.requests.request import Request
from domain.values import iso
from store.events.unit_of_work import Store
from store.messaging.dead_letters import DeadLetter, DeadLetters, Resend
from store.messaging.signing import Verifier
from store.messaging.topology import DEAD_COMMANDS
from store.sql.databases import ApplicationDatabases
from tasks.carry_out import CONSUMER, outcome_of
from tasks.operate.dead_letters import command_of

log = logging.getLogger(__name__)

LOT = 1000


@dataclass(frozen=True, slots=True)
class Settler:
    """Answers dead commands; one whose store is away is kept, and so is what cannot be read, for operators."""

    letters: DeadLetters
    databases: ApplicationDatabases
    wake: Callable[[str], None]
    now: Callable[[], datetime]
    verifier: Verifier | None = None
    """Whose commands are answered: what nobody has signed may carry the name of a genuine one."""

    def settle(self) -> int:
        """Answer all there are; returns how many. Raises `BrokerUnavailable`."""
        waiting, _ = self.letters.depths([DEAD_COMMANDS]).get(DEAD_COMMANDS, (0, 0))
        return waiting and len(self.letters.drain(DEAD_COMMANDS, self._answer, LOT))

    def close(self) -> None:
        """Close every connection."""
        self.letters.close()
        self.databases.close()

    def _answer(self, letter: DeadLetter) -> Sequence[Resend] | None:
        request = command_of(letter)
        if request is None or not self._is_genuine(request):
            return None
        try:
            self._record(request, letter.reason)
        except Transient as error:
            log.warning("dead_command_kept", extra={"command_id": request.command_id, "reason": str(error)})
            return None
        log.error("dead_command_failed", extra={"command_id": request.command_id, "reason": letter.reason})
        return []

    def _is_genuine(self, request: Request) -> bool:
        if self.verifier is None or self.verifier.believes(request):
            return True
        log.warning("dead_command_kept", extra={"command_id": request.command_id, "reason": "it is not signed"})
        return False

    def _record(self, request: Request, reason: str) -> None:
        name = self.databases.store_of(request.application)
        store = Store(self.databases.open(name), committed=partial(self.wake, name))
        origin = Origin(iso(self.now()), request.command_id, request.command_id, request.traceparent)
        problem = ExecutionFailed(f"the engine could not carry out the command: {reason}").problem()
        with store.begin(origin) as work:
            # As the engine does: a copy of the command that is still about must not be carried out after this.
            if not work.inbox.seen(CONSUMER, request.command_id):
                work.inbox.remember(CONSUMER, request.command_id)
                work.collect(request.key, RecordOutcome(outcome_of(request, FAILED, problem=problem)))
