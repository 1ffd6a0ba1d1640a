"""Where an instance has stopped before an element: at a border its model draws, or because the element fails.

Whoever moved it there is not told of it: what they did stands, and the element is tried again by the clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from SpiffWorkflow.exceptions import SpiffWorkflowException

from domain.errors import ExecutionFailed, Permanent, Refused
from domain.values import iso
from engines.spiff.retries import Retries

FAULTS = (
    *(ExecutionFailed, Refused, Permanent, SpiffWorkflowException),
    *(RecursionError, KeyError, AttributeError, TypeError, ValueError, IndexError, ArithmeticError),
)
"""What an element of a model can fail with; whatever else happens is not its fault."""
LISTENER = "/"
"""Between a task's id and the number of its listener, in the name of a stop that is only the listener's."""
_LONGEST = 1000


class ServiceFailed(ExecutionFailed):
    """A service of the application has failed; it may work the next time."""


@dataclass(frozen=True, slots=True)
class Stop:
    """`due` is when it is tried again, None leaves that to an operator; without a `problem` it is only a border."""

    element: str
    instance_id: str
    problem: Mapping[str, Any] | None = None
    tries: int = 0
    due: str | None = None

    @property
    def is_incident(self) -> bool:
        """Whether operators are told."""
        return self.problem is not None and self.due is None


def border(element: str, instance_id: str, now: datetime) -> Stop:
    """A transaction ends here; the next begins as soon as the clock is looked at."""
    return Stop(element, instance_id, due=iso(now))


def failed(  # noqa: PLR0917 - what a failure is made of
    element: str, instance_id: str, error: Exception, before: Stop | None, now: datetime, retries: Retries
) -> Stop:
    """An element has failed: tried again after a pause where that may help, else set aside for operators."""
    tries = (before.tries if before else 0) + 1
    # What the outside world has refused may be different in a moment; what a model says stays as it is.
    again = retries.again(tries, now) if isinstance(error, ServiceFailed) else None
    due = None if again is None else iso(again)
    return Stop(element, instance_id, problem_of(error, element, instance_id), tries, due)


def problem_of(error: Exception, element: str, instance_id: str) -> dict[str, Any]:
    """What operators read, as RFC 9457 has it."""
    found = error if isinstance(error, Refused) else ExecutionFailed(words(error))
    return {**found.problem(), "element": element, "instance": instance_id}


def words(error: Exception) -> str:
    """What an error says of itself."""
    try:
        text = str(error).strip().rstrip(".")
    except Exception:  # noqa: BLE001 - SpiffWorkflow's errors, and those of services, may fail in saying what they are
        return type(error).__name__
    plain = isinstance(error, SpiffWorkflowException | Refused | Permanent)
    return (text if plain else f"{type(error).__name__}: {text}")[:_LONGEST]
