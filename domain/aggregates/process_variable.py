"""A process variable: one named value of one process instance, as its engine has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, TypeAlias, TypedDict

from domain.wire import NoChanges

ValueType: TypeAlias = Literal["null", "boolean", "number", "string", "list", "object"]


@dataclass(frozen=True, slots=True)
class ProcessVariable:
    """One value, as plain data, and of which kind it is."""

    variable_id: str
    application: str
    process_instance_id: str
    name: str
    value: Any = None
    value_type: ValueType = "null"
    removed: bool = False
    end_time: str | None = None


@dataclass(frozen=True, slots=True)
class SetVariable:
    """The engine gives it a value."""

    variable: ProcessVariable


@dataclass(frozen=True, slots=True)
class RemoveVariable:
    """The engine no longer has it, because it was removed or its instance has ended; its last value is still told."""

    time: str | None = None


VariableCommand = SetVariable | RemoveVariable


class NewValue(TypedDict):
    """What changes when a variable is set."""

    value: Any


@dataclass(frozen=True, slots=True)
class VariableSet:
    """It has a value, another one than before."""

    type: ClassVar[str] = "process_variable.set"
    variable: ProcessVariable

    def changes(self) -> NewValue:
        """The new value."""
        return {"value": self.variable.value}


@dataclass(frozen=True, slots=True)
class VariableRemoved:
    """Its engine no longer has it."""

    type: ClassVar[str] = "process_variable.removed"
    time: str | None

    def changes(self) -> NoChanges:
        """Nothing beside the state itself."""
        return {}


VariableEvent = VariableSet | VariableRemoved


def variable_id(instance_id: str, name: str) -> str:
    """What engines call it that give variables no ids of their own."""
    return f"{instance_id}:{name}"


def variable_of(application: str, instance_id: str, name: str, value: Any, named: str | None = None) -> ProcessVariable:
    """With its kind; `named` is the engine's own id of it."""
    return ProcessVariable(
        named or variable_id(instance_id, name), application, instance_id, name, value, _type_of(value)
    )


def decide(variable: ProcessVariable | None, command: VariableCommand) -> list[VariableEvent]:
    """The same value again, or removing what is not there, makes no event."""
    match command:
        case SetVariable(wanted):
            return [] if wanted == variable else [VariableSet(wanted)]
        case RemoveVariable(time):
            return [VariableRemoved(time)] if variable and not variable.removed else []


def evolve(variable: ProcessVariable | None, event: VariableEvent) -> ProcessVariable:
    """The variable after the event."""
    match event:
        case VariableSet(wanted):
            return wanted
        case VariableRemoved(time):
            if variable is None:
                raise ValueError(f"{event.type} before process_variable.set")
            return replace(variable, removed=True, end_time=time)


def fold(commands: list[VariableCommand], *, exists: bool) -> list[VariableCommand]:
    """Of one unit of work only the last counts; of what was set and removed in it the value stays known, too.

    A variable ends with its instance: what the last step of all has set would be seen by nobody otherwise.
    """
    last = commands[-1]
    if not isinstance(last, RemoveVariable):
        return [last]
    value = next((command for command in reversed(commands) if isinstance(command, SetVariable)), None)
    if value is not None:
        return [value, last]
    return [last] if exists else []


def _type_of(value: Any) -> ValueType:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case Mapping():
            return "object"
    return "list"
