"""The outcome of a command, itself an aggregate: decided once, told through the same outbox as everything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final, Literal, TypeAlias, TypedDict

PENDING: Final = "pending"
ACCEPTED: Final = "accepted"
REJECTED: Final = "rejected"
FAILED: Final = "failed"
EXPIRED: Final = "expired"
NOT_NOW = 503
Status: TypeAlias = Literal["pending", "accepted", "rejected", "failed", "expired"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a command. `produced` lists `{application, aggregate, id, generation, revision}`."""

    command_id: str
    application: str
    status: Status
    action: str | None = None
    user: str | None = None
    task_key: str | None = None
    problem: Mapping[str, Any] | None = None
    produced: tuple[Mapping[str, Any], ...] = ()
    result: Mapping[str, Any] | None = None
    digest: str | None = None


def was_not_begun(problem: Mapping[str, Any] | None) -> bool:
    """Whether a command failed before anything was done, so that the same command may be tried again."""
    return problem is not None and problem.get("status") == NOT_NOW


@dataclass(frozen=True, slots=True)
class RecordOutcome:
    """Say what became of a command; `anew`: it was asked for again after it was over, and nobody remembers."""

    outcome: Outcome
    anew: bool = False


class Asked(TypedDict):
    """What changes when a command is on its way to an engine outside."""

    status: Status


class Answered(TypedDict):
    """What changes when a command has its answer."""

    status: Status
    problem: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class CommandAsked:
    """A command went to an engine outside, which will say what became of it."""

    type: ClassVar[str] = "command.asked"
    outcome: Outcome

    def changes(self) -> Asked:
        """That it was asked."""
        return {"status": self.outcome.status}


@dataclass(frozen=True, slots=True)
class OutcomeRecorded:
    """A command has its answer."""

    type: ClassVar[str] = "command.outcome"
    outcome: Outcome

    def changes(self) -> Answered:
        """The answer."""
        return {"status": self.outcome.status, "problem": self.outcome.problem}


def decide(outcome: Outcome | None, command: RecordOutcome) -> list[CommandAsked | OutcomeRecorded]:
    """The first outcome stands unless nothing was begun or it is asked for anew; asking comes before it."""
    if outcome is not None and outcome.status != PENDING and not (command.anew or was_not_begun(outcome.problem)):
        return []
    if command.outcome.status == PENDING:
        return [] if outcome is not None and outcome.status == PENDING else [CommandAsked(command.outcome)]
    return [OutcomeRecorded(command.outcome)]


def evolve(outcome: Outcome | None, event: CommandAsked | OutcomeRecorded) -> Outcome:
    """What became of it comes from the event; who asked for what is kept where an engine outside does not say."""
    said = event.outcome
    if outcome is None or said.action is not None:
        return said
    return replace(outcome, status=said.status, problem=said.problem, produced=said.produced, result=said.result)
