"""A process definition: what can be started, where and by whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from domain.wire import NoChanges


@dataclass(frozen=True, slots=True)
class ProcessDefinition:
    """One version of one process of one application; without candidate starters all of its tenant may start it."""

    definition_id: str
    application: str
    key: str
    version: int = 1
    name: str | None = None
    description: str | None = None
    version_tag: str | None = None
    form_key: str | None = None
    form_url: str | None = None
    form_fields: tuple[Any, ...] = ()
    form_ref: Mapping[str, Any] | None = None
    """The form that draws these fields: `{key, version}`; without a version it stands in the model."""
    startable: bool = True
    candidate_starter_users: tuple[str, ...] = ()
    candidate_starter_groups: tuple[str, ...] = ()
    tenant_id: str | None = None
    removed: bool = False


@dataclass(frozen=True, slots=True)
class RegisterDefinition:
    """Mirror a definition the engine has."""

    definition: ProcessDefinition


@dataclass(frozen=True, slots=True)
class RemoveDefinition:
    """The engine no longer has the definition."""


DefinitionCommand = RegisterDefinition | RemoveDefinition


@dataclass(frozen=True, slots=True)
class DefinitionRegistered:
    """The definition can be used."""

    type: ClassVar[str] = "process_definition.registered"
    definition: ProcessDefinition

    def changes(self) -> NoChanges:
        """Nothing beside the state itself."""
        return {}


@dataclass(frozen=True, slots=True)
class DefinitionRemoved:
    """The definition can no longer be used."""

    type: ClassVar[str] = "process_definition.removed"

    def changes(self) -> NoChanges:
        """Nothing beside the state itself."""
        return {}


DefinitionEvent = DefinitionRegistered | DefinitionRemoved


def decide(definition: ProcessDefinition | None, command: DefinitionCommand) -> list[DefinitionEvent]:
    """Registering the same again, or removing what is not there, makes no event."""
    match command:
        case RegisterDefinition(wanted):
            return [] if wanted == definition else [DefinitionRegistered(wanted)]
        case RemoveDefinition():
            return [DefinitionRemoved()] if definition and not definition.removed else []


def evolve(definition: ProcessDefinition | None, event: DefinitionEvent) -> ProcessDefinition:
    """The definition after the event."""
    match event:
        case DefinitionRegistered(registered):
            return registered
        case DefinitionRemoved():
            if definition is None:
                raise ValueError(f"{event.type} before process_definition.registered")
            return replace(definition, removed=True, startable=False)
