"""Who did what: something a person did, wherever that is kept, and which of it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Place: TypeAlias = tuple[Any, Any]
"""Where an act stands among others of its source: when it was, and what sets it apart from others of that moment."""


BEGUN = "begun"
"""The status of what somebody was about to do; how it ended nobody could write down."""


@dataclass(frozen=True, slots=True)
class Act:
    """`about` names what it was done to, each by `kind` and opaque `id`; `details` depend on the action."""

    id: str
    time: str
    user: str
    action: str
    application: str | None
    place: Place
    about: tuple[Mapping[str, str | None], ...] = ()
    status: str = "accepted"
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which acts; what is None does not matter. From `begin` on and before `end`, as ISO-8601 UTC."""

    user: str | None = None
    action: str | None = None
    application: str | None = None
    begin: str | None = None
    end: str | None = None

    def may_be(self, prefix: str) -> bool:
        """Whether actions that begin so are asked for; all others have no dot."""
        return self.action is None or self.action.rpartition(".")[0] == prefix
