"""A process instance: one run of a process, from its start to its end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final, Literal, TypeAlias, TypedDict

from domain.events.envelope import Envelope
from domain.query.fields import INSTANCE
from domain.query.searched import searched
from domain.wire import NoChanges

RUNNING: Final = "RUNNING"
SUSPENDED: Final = "SUSPENDED"
FINISHED: Final = "FINISHED"
CANCELLED: Final = "CANCELLED"
InstanceState: TypeAlias = Literal["RUNNING", "SUSPENDED", "FINISHED", "CANCELLED"]
_NAMES = {RUNNING: "resumed", SUSPENDED: "suspended", FINISHED: "ended", CANCELLED: "cancelled"}
_LIVE = (RUNNING, SUSPENDED)


@dataclass(frozen=True, slots=True)
class ProcessInstance:
    """One run of a process."""

    process_instance_id: str
    application: str
    process_definition_key: str | None = None
    process_definition_id: str | None = None
    process_name: str | None = None
    business_key: str | None = None
    state: InstanceState = RUNNING
    start_user: str | None = None
    start_time: str | None = None
    end_time: str | None = None
    super_instance_id: str | None = None
    delete_reason: str | None = None


@dataclass(frozen=True, slots=True)
class StartInstance:
    """Mirror an instance the engine has started."""

    instance: ProcessInstance


@dataclass(frozen=True, slots=True)
class MoveInstance:
    """The engine says the instance is suspended, running again, ended or cancelled."""

    state: InstanceState
    time: str | None = None
    reason: str | None = None


class Move(TypedDict):
    """What changes when a run is in another state."""

    state: InstanceState
    reason: str | None


InstanceCommand = StartInstance | MoveInstance


@dataclass(frozen=True, slots=True)
class InstanceStarted:
    """A run has begun."""

    type: ClassVar[str] = "process_instance.started"
    instance: ProcessInstance

    def changes(self) -> NoChanges:
        """Nothing beside the state itself."""
        return {}


@dataclass(frozen=True, slots=True)
class InstanceMoved:
    """The run is in another state: suspended, resumed, ended or cancelled."""

    types: ClassVar[tuple[str, ...]] = tuple(f"process_instance.{name}" for name in _NAMES.values())
    state: InstanceState
    time: str | None = None
    reason: str | None = None

    @property
    def type(self) -> str:
        """`process_instance.` and what happened."""
        return f"process_instance.{_NAMES[self.state]}"

    def changes(self) -> Move:
        """The new state."""
        return {"state": self.state, "reason": self.reason}


InstanceEvent = InstanceStarted | InstanceMoved


def decide(instance: ProcessInstance | None, command: InstanceCommand) -> list[InstanceEvent]:
    """A repeated start, a move to the same state and anything after the end make no event."""
    match command:
        case StartInstance(wanted):
            return [InstanceStarted(wanted)] if instance is None else []
        case MoveInstance(state, time, reason):
            if instance is None or instance.state not in _LIVE or instance.state == state:
                return []
            return [InstanceMoved(state, time, reason)]


def evolve(instance: ProcessInstance | None, event: InstanceEvent) -> ProcessInstance:
    """The instance after the event."""
    match event:
        case InstanceStarted(started):
            return started
        case InstanceMoved(state, time, reason):
            if instance is None:
                raise ValueError(f"{event.type} before process_instance.started")
            end = instance.end_time if state in _LIVE else time
            return replace(instance, state=state, end_time=end, delete_reason=reason)


def document(envelope: Envelope) -> dict[str, Any]:
    """What is searched."""
    return searched(envelope.state, INSTANCE)
