"""What operators do is written down before it is done: what cannot be written down is not done."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from domain.acts import BEGUN, Act
from domain.errors import Refused, StoreUnavailable, Transient
from domain.values import iso
from store.people.operator_acts import OperatorActs

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Known:
    """What is known of it only when it is done, under the names of an `Act`."""

    facts: dict[str, Any] = field(default_factory=dict)

    def tell(self, **facts: Any) -> None:
        """So much more is known."""
        self.facts |= facts


@contextmanager
def noted(acts: OperatorActs, operator: str, action: str, kind: str, name: str) -> Iterator[Known]:
    """While the block does it to the one of that kind and name; raises `StoreUnavailable` before that, or what it does.

    It stays `BEGUN` where the block has a bug, the process dies, or MongoDB goes away in between.
    """
    about = ({"kind": kind, "id": name, "name": None},)
    act = Act(str(uuid4()), iso(datetime.now(UTC)), operator, action, None, ("", ""), about, BEGUN)
    acts.begin(act)
    known = Known()
    try:
        yield known
    except Refused as error:
        _became(acts, act, status="rejected", details={"problem": error.problem()})
        raise
    except Transient as error:
        _became(acts, act, status="failed", details={"problem": {"title": str(error)}})
        raise
    _became(acts, act, status="accepted", **known.facts)


def _became(acts: OperatorActs, act: Act, **known: Any) -> None:
    try:
        acts.became(act.id, **known)
    except StoreUnavailable as error:
        # It is done, whatever can be written down of it.
        log.warning("act_not_finished", extra={"act": act.id, "action": act.action, "reason": str(error)})
