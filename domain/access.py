"""Who may see and do what; every list, lookup, change and command asks here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

OPERATOR_GROUP = "admins"
OPERATORS = "operators"
"""What everything is granted to that operators may see."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who is signed in; `application` binds a service token to that application."""

    name: str
    groups: tuple[str, ...] = ()
    application: str | None = None
    tenants: tuple[str, ...] = ()

    def is_within(self, application: str) -> bool:
        """Whether anything of this application may concern them at all."""
        return self.application in (None, application)

    def is_of(self, tenant: str | None) -> bool:
        """What belongs to a tenant is there for its people and for operators, what belongs to none for everybody."""
        return not tenant or self.is_operator or tenant in self.tenants

    @property
    def is_operator(self) -> bool:
        """Operators may read everything."""
        return OPERATOR_GROUP in self.groups

    @property
    def principals(self) -> tuple[str, ...]:
        """What rights are granted to: `user:<name>` and `group:<name>`, and both once more for each tenant."""
        return (*self._everywhere(f"user:{self.name}"), *self.group_principals)

    @property
    def group_principals(self) -> tuple[str, ...]:
        """Those of their groups."""
        return tuple(one for group in self.groups for one in self._everywhere(f"group:{group}"))

    def _everywhere(self, principal: str) -> tuple[str, ...]:
        return (principal, *(_in_tenant(tenant, principal) for tenant in self.tenants))


def task_principals(state: Mapping[str, Any]) -> list[str]:
    """Who may see a task: its assignee, everybody it is offered to, and operators; being its owner grants nothing.

    That operators are named like others lets the same indexes answer them, and that those of a tenant are called
    otherwise than those of none keeps its tasks from everybody else.
    """
    users = {*state["candidateUsers"], state["assignee"]} - {None}
    return [OPERATORS, *principals_of(users, state["candidateGroups"], state.get("tenantId"))]


def starter_principals(state: Mapping[str, Any]) -> list[str]:
    """Who among those its tenant is there for may start a process; an empty list means all of them."""
    return principals_of(state["candidateStarterUsers"], state["candidateStarterGroups"])


def may_start(user: User, definition: Mapping[str, Any]) -> bool:
    """Whether a process is there for them, and they may start it; asked of MongoDB in `store.lists.process_list`."""
    starters = starter_principals(definition)
    return user.is_of(definition.get("tenantId")) and (not starters or may_see(user, starters))


def may_see(user: User, principals: Iterable[str]) -> bool:
    """Operators see everything, others what is granted to them or to a group of theirs."""
    return user.is_operator or not set(user.principals).isdisjoint(principals)


def tenant_named(text: str | None) -> str | None:
    """Trimmed; an empty name is no tenant."""
    return (text or "").strip() or None


def _in_tenant(tenant: str, principal: str) -> str:
    """Unlike any other tenant's, whatever the names have in them."""
    return f"tenant:{quote(tenant, safe='')}/{principal}"


def is_of_group(principal: str) -> bool:
    """Whether it stands for a group, of whatever tenant."""
    of_tenant = principal.startswith("tenant:")
    return (principal.partition("/")[2] if of_tenant else principal).startswith("group:")


def principals_of(users: Iterable[str], groups: Iterable[str], tenant: str | None = None) -> list[str]:
    """`user:<name>` and `group:<name>`, sorted; in a tenant they are others than elsewhere."""
    named = sorted({f"user:{name}" for name in users} | {f"group:{name}" for name in groups})
    return [_in_tenant(tenant, one) if tenant else one for one in named]
