"""The step from commands to envelopes that all kinds of aggregate share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.aggregates.register import KINDS
from domain.events.envelope import Envelope
from domain.events.upcast import RESTATED, current_version
from domain.identity import Key
from domain.values import check
from domain.wire import dump, load


@dataclass(frozen=True, slots=True)
class Head:
    """The newest state of one aggregate; revision 0 means it does not exist yet."""

    key: Key
    generation: int
    revision: int
    state: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a change comes from: when, in which conversation, caused by which message, and by whose command."""

    time: str
    correlation_id: str | None = None
    causation_id: str | None = None
    traceparent: str | None = None
    by: str | None = None


def advance(head: Head, commands: Sequence[Any], origin: Origin) -> tuple[Head, list[Envelope]]:
    """Decide every command in turn and fold what happened; raises `Refused` and `InvalidValue`."""
    kind = KINDS[head.key.aggregate]
    state = None if head.state is None else load(kind.state, head.state)
    envelopes: list[Envelope] = []
    for command in commands:
        for event in kind.decide(state, command):
            state = kind.evolve(state, event)
            envelopes.append(_envelope(head, len(envelopes) + 1, event, dump(state), origin))
    if not envelopes:
        return head, []
    check(envelopes[-1].state, head.key.aggregate)
    return Head(head.key, head.generation, envelopes[-1].revision, envelopes[-1].state), envelopes


def restate(head: Head, generation: int, origin: Origin) -> tuple[Head, Envelope]:
    """The same state said again in a later generation: it wins over whatever readers heard in an earlier one."""
    if head.state is None:
        raise ValueError(f"{head.key} has no state to say again")
    aggregate = head.key.aggregate
    envelope = Envelope(
        key=head.key,
        generation=generation,
        revision=head.revision + 1,
        type=f"{aggregate}.{RESTATED}",
        time=origin.time,
        changes={},
        state=head.state,
        version=current_version(aggregate),
    )
    return Head(head.key, generation, head.revision + 1, head.state), envelope


def _envelope(head: Head, step: int, event: Any, state: Mapping[str, Any], origin: Origin) -> Envelope:
    return Envelope(
        key=head.key,
        generation=head.generation,
        revision=head.revision + step,
        type=event.type,
        time=origin.time,
        changes=event.changes(),
        state=state,
        correlation_id=origin.correlation_id,
        causation_id=origin.causation_id,
        traceparent=origin.traceparent,
        version=current_version(head.key.aggregate),
        by=origin.by,
    )
