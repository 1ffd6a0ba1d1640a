"""What an embedded engine keeps between its steps, as plain data any store can hold."""

from __future__ import annotations

from dataclasses import dataclass

from domain.aggregates.process_definition import ProcessDefinition


@dataclass(frozen=True, slots=True)
class StoredDefinition:
    """A deployed process: its BPMN and the engine's own compiled form, stored once and referenced by instances."""

    definition: ProcessDefinition
    source: bytes
    compiled: str


@dataclass(frozen=True, slots=True)
class StoredInstance:
    """A process instance as its engine saves it; `version` 0 has never been saved, `due` is its next timer."""

    instance_id: str
    definition_id: str
    business_key: str | None
    start_user: str | None
    state: str
    finished: bool = False
    due: str | None = None
    version: int = 0
