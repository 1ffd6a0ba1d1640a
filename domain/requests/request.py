"""What a person asks an engine to do, as it travels from the web to the engine that owns the task."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

from domain.access import User
from domain.errors import MalformedMessage
from domain.identity import Key
from domain.wire import dump, load

JobAction: TypeAlias = Literal["finish_job", "raise_error", "fail_job"]
TaskAction: TypeAlias = Literal[
    "claim", "unclaim", "complete", "assign", "delegate", "resolve", "defer", "undefer", "change"
]
InstanceAction: TypeAlias = Literal["cancel", "suspend", "resume", "set_variables", "move", "migrate"]
"""What operators do to process instances."""
Action: TypeAlias = Literal[TaskAction, JobAction, InstanceAction, "start", "deploy", "correlate", "signal"]


@dataclass(frozen=True, slots=True)
class Request:
    """One command. `task_id` is the engine's own; `expected_revision` comes from `If-Match`; times are ISO-8601 UTC.

    `arguments` by action: complete `{variables}`, assign and delegate `{assignee, groups, tenants}`, assign with
    `assigners` where only these groups may; defer `{followUpDate}`, change what there is of
    `{priority, dueDate, candidateGroups}`, with `assigners` where it is about groups;
    start `{key, variables, businessKey, tenantId}`, deploy `{sources, strict, tenantId}` (texts);
    correlate `{name, variables, businessKey, correlation, processInstanceId}`, signal `{name, variables}`;
    cancel, suspend, resume `{processInstanceId, reason}`, set_variables the same with `{variables, removed}`, move with
    `{from, to}`, migrate with `{from, to, dryRun}` where no instance means all of a version, those behind `after`;
    finish_job `{jobId, workerId, variables, localVariables}`, raise_error the same with `{code, message}` in place of
    local variables, fail_job `{jobId, workerId, message, details}`, whose worker is null where an operator says so; the
    others none. `digest` is of the body that came with an `Idempotency-Key`; `outside` says that an engine we do not
    run decides (`interaction: engine`).
    """

    command_id: str
    application: str
    action: Action
    user: User
    issued_at: str
    expires_at: str
    task_id: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    expected_revision: int | None = None
    traceparent: str | None = None
    digest: str | None = None
    outside: bool = False
    signature: str | None = None
    """Of the web that sends it, over everything else but the trace."""

    @property
    def key(self) -> Key:
        """The command as an aggregate of the application that will carry it out."""
        return Key(self.application, "command", self.command_id)

    @property
    def task_key(self) -> Key | None:
        """The task it is about."""
        return None if self.task_id is None else Key(self.application, "task", self.task_id)


def to_plain(request: Request) -> dict[str, Any]:
    """As JSON carries it."""
    return dump(request)


def to_text(request: Request) -> str:
    """As it travels: text, so that no codec on the way takes a variable for something of its own."""
    return json.dumps(to_plain(request), separators=(",", ":"))


def from_plain(data: Mapping[str, Any] | str) -> Request:
    """Read what `to_plain` or `to_text` wrote; raises `MalformedMessage`."""
    try:
        plain: Mapping[str, Any] = json.loads(data) if isinstance(data, str) else data
        return replace(load(Request, plain), user=load(User, plain["user"]))
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise MalformedMessage(f"not a command: {error}") from error
