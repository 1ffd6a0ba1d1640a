"""The outcome of a command, itself an aggregate: decided once, told through the same outbox as everything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

PENDING, ACCEPTED, REJECTED, FAILED, EXPIRED = "pending", "accepted", "rejected", "failed", "expired"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a command. `produced` lists `{application, aggregate, id, generation, revision}`."""

    command_id: str
    application: str
    status: str
    action: str | None = None
    user: str | None = None
    task_key: str | None = None
    problem: Mapping[str, Any] | None = None
    produced: tuple[Mapping[str, Any], ...] = ()
    result: Mapping[str, Any] | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class RecordOutcome:
    """Say what became of a command."""

    outcome: Outcome


@dataclass(frozen=True, slots=True)
class OutcomeRecorded:
    """A command has its answer."""

    type: ClassVar[str] = "command.outcome"
    outcome: Outcome

    def changes(self) -> dict[str, Any]:
        """`{status, problem}`."""
        return {"status": self.outcome.status, "problem": self.outcome.problem}


def decide(outcome: Outcome | None, command: RecordOutcome) -> list[OutcomeRecorded]:
    """The first outcome stands."""
    return [] if outcome else [OutcomeRecorded(command.outcome)]


def evolve(outcome: Outcome | None, event: OutcomeRecorded) -> Outcome:  # noqa: ARG001 - the shape every aggregate has
    """The outcome itself."""
    return event.outcome
