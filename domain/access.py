"""Who may see and do what; every list, lookup, change and command asks here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

OPERATOR_GROUP = "admins"
OPERATORS = "operators"
"""What everything is granted to that operators may see."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who is signed in; `application` binds a service token to that application."""

    name: str
    groups: tuple[str, ...] = ()
    application: str | None = None

    def is_within(self, application: str) -> bool:
        """Whether anything of this application may concern them at all."""
        return self.application in (None, application)

    @property
    def is_operator(self) -> bool:
        """Operators may read everything."""
        return OPERATOR_GROUP in self.groups

    @property
    def principals(self) -> tuple[str, ...]:
        """What rights are granted to: `user:<name>` and `group:<name>`."""
        return (f"user:{self.name}", *(f"group:{group}" for group in self.groups))


def task_principals(state: Mapping[str, Any]) -> list[str]:
    """Who may see a task: its assignee, everybody it is offered to, and operators; being its owner grants nothing.

    That operators are named like others lets the same indexes answer them.
    """
    users = {*state["candidateUsers"], state["assignee"]} - {None}
    return [OPERATORS, *principals_of(users, state["candidateGroups"])]


def starter_principals(state: Mapping[str, Any]) -> list[str]:
    """Who may start a process; an empty list means everybody."""
    return principals_of(state["candidateStarterUsers"], state["candidateStarterGroups"])


def may_see(user: User, principals: Iterable[str]) -> bool:
    """Operators see everything, others what is granted to them or to a group of theirs."""
    return user.is_operator or not set(user.principals).isdisjoint(principals)


def principals_of(users: Iterable[str], groups: Iterable[str]) -> list[str]:
    """`user:<name>` and `group:<name>`, sorted."""
    return sorted({f"user:{name}" for name in users} | {f"group:{name}" for name in groups})
