"""Who may speak for which application: each has a broker user of its own, and the host has one for those without."""

from __future__ import annotations

from dataclasses import dataclass

from domain.errors import ForgedSource


def user_of(application: str) -> str:
    """Name the broker user of an application; no other application's events come from it."""
    return f"taskpool.{application}"


@dataclass(frozen=True, slots=True)
class Senders:
    """The users of one system. `applications` have a process of their own, `host` is that of all others."""

    platform: str
    """Sends what is in any log again, for operators."""
    applications: frozenset[str]
    host: str

    def check(self, user: str | None, application: str) -> None:
        """Raise `ForgedSource` unless this user, as the broker has verified it, may speak for the application."""
        allowed = {self.platform, user_of(application)}
        if application not in self.applications:
            allowed.add(user_of(self.host))
        if user not in allowed:
            raise ForgedSource(f"{user or 'nobody the broker knows'} may not speak for {application}")
