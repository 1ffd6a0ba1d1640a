"""A process instance: one run of a process, from its start to its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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
Alteration: TypeAlias = Literal["variables", "move", "migrate"]
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
    tenant_id: str | None = None


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


@dataclass(frozen=True, slots=True)
class AlterInstance:
    """An operator has changed by hand what an instance has, where it stands, or which version of its process it is."""

    action: Alteration
    operator: str
    time: str
    reason: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    process_definition_id: str | None = None
    """The version it is from now on."""


class Move(TypedDict):
    """What changes when a run is in another state."""

    state: InstanceState
    reason: str | None


class Altered(TypedDict):
    """What an operator has changed."""

    action: Alteration
    operator: str
    reason: str | None
    details: Mapping[str, Any]


InstanceCommand = StartInstance | MoveInstance | AlterInstance


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


@dataclass(frozen=True, slots=True)
class InstanceAltered:
    """An operator has changed the run by hand."""

    type: ClassVar[str] = "process_instance.altered"
    action: Alteration
    operator: str
    time: str
    reason: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    process_definition_id: str | None = None

    def changes(self) -> Altered:
        """What was done, by whom and why; values of variables are not told."""
        return {
            "action": self.action,
            "operator": self.operator,
            "reason": self.reason,
            "details": self.details,
        }


InstanceEvent = InstanceStarted | InstanceMoved | InstanceAltered


def decide(instance: ProcessInstance | None, command: InstanceCommand) -> list[InstanceEvent]:
    """A repeated start, a move to the same state and anything after the end make no event."""
    match command:
        case StartInstance(wanted):
            return [InstanceStarted(wanted)] if instance is None else []
        case MoveInstance(state, time, reason):
            if instance is None or instance.state not in _LIVE or instance.state == state:
                return []
            return [InstanceMoved(state, time, reason)]
        case AlterInstance(action, operator, time, reason, details, definition_id):
            if instance is None or instance.state not in _LIVE:
                return []
            return [InstanceAltered(action, operator, time, reason, details, definition_id)]


def evolve(instance: ProcessInstance | None, event: InstanceEvent) -> ProcessInstance:
    """The instance after the event."""
    match event:
        case InstanceStarted(started):
            return started
        case InstanceMoved(state, time, reason):
            if instance is None:
                raise ValueError(f"{event.type} before process_instance.started")
            end = instance.end_time if state in _LIVE else time
            return replace(instance, state=state, end_time=end, delete_reason=None if state in _LIVE else reason)
        case InstanceAltered():
            if instance is None:
                raise ValueError(f"{event.type} before process_instance.started")
            definition_id = event.process_definition_id or instance.process_definition_id
            return replace(instance, process_definition_id=definition_id)


def document(envelope: Envelope) -> dict[str, Any]:
    """What is searched."""
    return searched(envelope.state, INSTANCE)
