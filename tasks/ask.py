"""Ask an engine to do something and wait for its answer: the web's side of a command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from time import monotonic
from typing import Any, Protocol

from domain.access import User
from domain.aggregates.advance import Head, Origin
from domain.aggregates.command import ACCEPTED, FAILED, PENDING, Outcome, RecordOutcome, was_not_begun
from domain.aggregates.task import ENGINE
from domain.errors import EngineUnreachable, NotAllowed, Permanent, Refused
from domain.requests.request import Request
from engines.formats.records import validate
from observe import metrics
from store.engine.received import Received
from store.events.unit_of_work import Store
from store.messaging.dispatch import Dispatcher
from store.views.commands import CommandView
from tasks.carry_out import outcome_of

COLLECT_JOB = "taskpool.collect"
COLLECT_QUEUE = "collect.hosted"


class Stage(Enum):
    """How far a command has come when somebody asks for it."""

    NEW = auto()
    """Nobody has asked for it before."""
    PENDING = auto()
    """It may have been sent, and nobody knows yet what became of it."""
    RETRYABLE = auto()
    """It has failed before anything was done: asking again begins anew."""
    DONE = auto()
    """Its outcome is known."""


class IdempotencyMismatch(Refused):
    """The Idempotency-Key was used with another body."""

    status, slug = 422, "idempotency-mismatch"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of a command when the waiting is over; `visible`: the views show what it produced."""

    status: str
    command_key: str
    problem: Mapping[str, Any] | None
    result: Mapping[str, Any] | None
    visible: bool


@dataclass(frozen=True, slots=True)
class ReceivedReport:
    """What became of a batch of records; `rejected` lists `{index, problem}`."""

    accepted: int
    duplicates: int
    rejected: Sequence[Mapping[str, Any]]


class Watching(Protocol):
    """Where one can wait until views have caught up."""

    def wait_documents(self, targets: Mapping[tuple[str, str], tuple[int, int]], timeout: float) -> bool:
        """True as soon as every (collection, id) has reached its (generation, revision)."""

    def command(self, command_id: str) -> Mapping[str, Any] | None:
        """The command as it was seen last; None when it must be looked up."""


@dataclass(frozen=True, slots=True)
class Asking:
    """One per web process."""

    commands: CommandView
    dispatcher: Dispatcher
    hub: Watching
    host: Store
    applications: tuple[str, ...]

    def ask(self, request: Request, body_digest: str | None, wait: float) -> Answer:
        """Send once, wait at most `wait` seconds; raises `IdempotencyMismatch`, and `EngineUnreachable`: never sent."""
        deadline = monotonic() + wait
        earlier = self.commands.open(request)
        if earlier is not None and earlier.get("digest") not in (None, body_digest):
            raise IdempotencyMismatch
        stage = _stage_of(earlier)
        if stage is not Stage.DONE:
            answered = self._send(request, earlier, stage)
            self.hub.wait_documents({("command", request.key.opaque): answered}, deadline - monotonic())
            earlier = self._answered(request.key.opaque, answered)
        return self._answer(request.key.opaque, earlier or {"status": PENDING}, deadline)

    def receive(self, application: str, records: Sequence[Any], user: User) -> ReceivedReport:
        """Keep records durably; raises `NotAllowed` when the sender may not speak for the application."""
        self._check_sender(application, user)
        if any(_wants_commands(record) for record in records):
            self.dispatcher.prepare_outbound(application)
        problems = [_problem(record) for record in records]
        good = [record for record, problem in zip(records, problems, strict=True) if problem is None]
        with self.host.begin() as work:
            added = Received(work.connection).add(application, good)
        self.dispatcher.hint(COLLECT_JOB, COLLECT_QUEUE)
        metrics.count_records(accepted=added, duplicate=len(good) - added, rejected=len(records) - len(good))
        rejected = [{"index": index, "problem": problem} for index, problem in enumerate(problems) if problem]
        return ReceivedReport(added, len(good) - added, rejected)

    def known(self, application: str) -> bool:
        """Whether the application has a process of its own."""
        return application in self.applications

    def _send(self, request: Request, earlier: Mapping[str, Any] | None, stage: Stage) -> tuple[int, int]:
        """Send it; returns the version of the command that will have the outcome of this sending."""
        answered = (earlier["generation"], earlier["revision"] + 1) if earlier else (1, 1)
        try:
            if request.outside:
                anew = stage is not Stage.PENDING
                known = self._tell_host(request, outcome_of(request, PENDING), anew=anew)
                answered = known.generation, known.revision + 1
                if known.state is None or known.state["status"] != PENDING:
                    # It is over, and the views do not know yet.
                    return known.generation, known.revision
            self.dispatcher.send(request)
        except EngineUnreachable as refusal:
            if stage is Stage.PENDING:
                # An earlier asking may have been sent: that this one was not says nothing of the command.
                return answered
            if request.outside:
                self._tell_host(request, outcome_of(request, FAILED, problem=refusal.problem()))
            elif stage is Stage.NEW:
                self.commands.withdraw(request)
            raise
        return answered

    def _tell_host(self, request: Request, outcome: Outcome, *, anew: bool = False) -> Head:
        """An engine outside answers with a bare outcome: who asked for what is kept by the host, as returned."""
        with self.host.begin(Origin(request.issued_at, request.command_id)) as work:
            work.collect(request.key, RecordOutcome(outcome, anew=anew))
            work.decide_and_write()
            return work.heads.lock([request.key])[request.key]

    def _answered(self, key: str, version: tuple[int, int]) -> Mapping[str, Any] | None:
        """The command since that version; before it there may be the answer to an earlier asking."""
        for look in (self.hub.command, self.commands.find):
            found = look(key)
            if found is not None and (found["generation"], found["revision"]) >= version:
                return found
        return None

    def _answer(self, key: str, command: Mapping[str, Any], deadline: float) -> Answer:
        visible = False
        if command["status"] == ACCEPTED:
            targets = {
                (made["aggregate"], made["key"]): (made["generation"], made["revision"]) for made in command["produced"]
            }
            visible = self.hub.wait_documents(targets, max(deadline - monotonic(), 0.0)) if targets else True
        return Answer(command["status"], key, command.get("problem"), command.get("result"), visible)

    def _check_sender(self, application: str, user: User) -> None:
        if application in self.applications:
            raise NotAllowed(f"{application} has an engine of its own; records for it are not taken from outside")
        if not user.is_operator and user.application != application:
            raise NotAllowed(f"you may not send records for {application}")


def _stage_of(command: Mapping[str, Any] | None) -> Stage:
    if command is None:
        return Stage.NEW
    if was_not_begun(command["problem"]):
        return Stage.RETRYABLE
    return Stage.PENDING if command["status"] == PENDING else Stage.DONE


def _wants_commands(record: Any) -> bool:
    data = record.get("data") if isinstance(record, Mapping) else None
    return isinstance(data, Mapping) and data.get("interaction") == ENGINE


def _problem(record: Any) -> str | None:
    try:
        return validate(record)
    except Permanent as error:
        return str(error)
