"""Errors, named by what happens next.

TaskpoolError
  Transient   try again later   in place, with back-off        StoreUnavailable, BrokerUnavailable, NewerState
  Permanent   never succeeds    reject, dead letter, alert     MalformedMessage, UnknownEventType, ForgedSource, ...
  Refused     the rules say no  a 4xx answer, nothing written  TaskNotFound, ClaimConflict, StaleRevision, ...
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class TaskpoolError(Exception):
    """Something went wrong in the task pool."""

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail or (type(self).__doc__ or "").strip())


class Transient(TaskpoolError):
    """Try again later."""


class StoreUnavailable(Transient):
    """A database did not answer."""


class BrokerUnavailable(Transient):
    """The message broker did not answer or has blocked us."""


class NewerState(Transient):
    """A newer version of the program has written this; it waits until that one runs here."""


class Permanent(TaskpoolError):
    """Trying again cannot help."""


class MalformedMessage(Permanent):
    """The message cannot be read."""


class UnknownEventType(Permanent):
    """No projection knows this event type or its version."""


class ForgedSource(Permanent):
    """An event that its sender may not send."""


class InvalidValue(Permanent):
    """A value that JSON or MongoDB cannot carry."""


class Refused(TaskpoolError):
    """The rules say no."""

    status: ClassVar[int] = 409
    slug: ClassVar[str] = "refused"

    def __init__(self, detail: str | None = None, **facts: object) -> None:
        super().__init__(detail)
        self.facts = facts

    def problem(self) -> dict[str, object]:
        """The members of an RFC 9457 problem document."""
        title = (type(self).__doc__ or "").strip().rstrip(".")
        return {
            "type": f"urn:taskpool:problem/{self.slug}",
            "title": title,
            "status": self.status,
            "detail": str(self),
            **self.facts,
        }


class BadRequest(Refused):
    """The request cannot be read."""

    status, slug = 400, "bad-request"


class TooBroad(Refused):
    """The question is too broad to be answered in time; ask for less, by a filter or a scope."""

    status, slug = 503, "too-broad"


class TaskNotFound(Refused):
    """There is no such task for you."""

    status, slug = 404, "not-found"


class NotFound(Refused):
    """There is no such thing for you."""

    status, slug = 404, "not-found"


class ClaimConflict(Refused):
    """Somebody else holds this task."""

    slug = "claim-conflict"


class AlreadyCompleted(Refused):
    """The task has already ended."""

    slug = "already-completed"


class NotAssignee(Refused):
    """Only the assignee may do this; claim the task first."""

    slug = "not-assignee"


class Delegated(Refused):
    """Somebody else has asked you to do this task; resolve it, so that it goes back to them."""

    slug = "delegated"


class NobodyElse(Refused):
    """The task is offered to nobody else, who could take it? Assign it to somebody, or ask an operator."""

    slug = "nobody-else"


class NotEligible(Refused):
    """That user may not work on this task."""

    status, slug = 422, "not-eligible"


class NotAllowed(Refused):
    """You may not do this."""

    status, slug = 403, "not-allowed"


class StaleRevision(Refused):
    """The task has changed since you read it."""

    status, slug = 412, "stale-revision"


class InvalidVariables(Refused):
    """Some of the variables are not valid."""

    status, slug = 422, "invalid-variables"


class WasCalled(Refused):
    """The process instance is part of another, which has called it."""

    slug = "was-called"


class Suspended(Refused):
    """The process instance is suspended; nothing in it goes on until it is resumed."""

    slug = "suspended"


class CannotMove(Refused):
    """The process instance cannot be moved so."""

    status, slug = 422, "cannot-move"


class CannotMigrate(Refused):
    """The process instance cannot be migrated so."""

    status, slug = 422, "cannot-migrate"


class Ambiguous(Refused):
    """Several could be meant."""

    slug = "ambiguous"


class InvalidDefinition(Refused):
    """The process definition cannot be deployed."""

    status, slug = 422, "invalid-definition"


class EngineUnreachable(Refused):
    """The engine that owns this cannot be reached; nothing was done, try again later."""

    status, slug = 503, "engine-unreachable"


class Expired(Refused):
    """The command came too late and was not carried out."""

    status, slug = 410, "expired"


class ExecutionFailed(Refused):
    """The engine failed while carrying out the command; nothing was changed."""

    status, slug = 500, "execution-failed"


class NotSigned(Refused):
    """The command was not signed by the web of this system; nothing was done."""

    status, slug = 403, "not-signed"


class BudgetExceeded(ExecutionFailed):
    """The step took more time or memory than one unit of work may; nothing was changed, and it is not tried again."""

    slug = "budget-exceeded"


class JobNotLocked(Refused):
    """The worker does not have this job, or no longer."""

    status, slug = 400, "job-not-locked"


class JobFailed(Refused):
    """A job failed as often as it is tried."""

    status, slug = 500, "job-failed"


class BpmnError(Exception):
    """What the code of a job raises when the model is to decide what happens then: an error of the business."""

    def __init__(self, code: str, message: str | None = None, variables: Mapping[str, Any] | None = None) -> None:
        super().__init__(code, message)
        self.code, self.message, self.variables = code, message, dict(variables or {})
