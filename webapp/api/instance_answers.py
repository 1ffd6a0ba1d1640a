"""What answers about where instances stand, what reaches them and what becomes of them look like."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from pydantic import RootModel

from webapp.api.answers import Answer, CommandAnswer

Waiting: TypeAlias = Literal["timer", "message", "signal", "condition", "eventGateway", "gateway", "job", "incident"]
Kind: TypeAlias = Literal["userTask", "subProcess", "callActivity", "task", Waiting]


class Activity(Answer):
    """An element at which an instance is: `job` is done by others or goes on by the clock, `incident` has stopped.

    Who has the task of a `userTask`, or whose groups can take it, is told to whoever may read the instance.
    """

    element: str
    name: str | None
    type: Kind
    since: str | None
    task_id: str | None
    assignee: str | None
    candidate_groups: list[str]
    called_instance_id: str | None
    incident: str | None


class ActivityList(Answer):
    """Where an instance stands; nothing once it has ended."""

    items: list[Activity]


class Diagram(Answer):
    """BPMN 2.0: for others than operators only what is drawn, without expressions, scripts and extensions."""

    definition_id: str
    xml: str


class Left(Answer):
    """An instance that cannot be migrated, and why."""

    process_instance_id: str
    problems: list[str]


class Migrated(Answer):
    """What was migrated, or would be; `next` is null when there are no more."""

    migrated: list[str]
    left: list[Left]
    next: str | None


class MigratedOrCommand(RootModel[Migrated | CommandAnswer]):
    """What became of a migration."""


class MessageReached(Answer):
    """The instance that has the message; `started` is the process it is a new instance of."""

    process_instance_id: str
    started: str | None


class SignalledApplication(Answer):
    """What became of a signal in one application."""

    application: str
    status: Literal["accepted", "pending", "rejected", "failed", "expired"]
    command_id: str | None
    process_instance_ids: list[str]
    started: list[str]
    problem: dict[str, Any] | None


class SignalReached(Answer):
    """Instances that have the signal and those it has started, of all applications that have answered in time."""

    process_instance_ids: list[str]
    started: list[str]
    applications: list[SignalledApplication]
