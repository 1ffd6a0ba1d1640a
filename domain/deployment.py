"""What an embedded engine keeps between its steps, as plain data any store can hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from domain.aggregates.process_definition import ProcessDefinition


@dataclass(frozen=True, slots=True)
class Warned:
    """Something in a deployed model that is not there yet or is not run: where, what, and what to do."""

    element: str | None
    line: int | None
    text: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Deployed:
    """What files have become: processes, decisions and forms as (key, version), and what is told of them."""

    definitions: Sequence[ProcessDefinition] = ()
    decisions: Sequence[tuple[str, int]] = ()
    warnings: Sequence[Warned] = ()
    forms: Sequence[tuple[str, int]] = ()


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
    root_id: str | None = None
    """The instance it is saved with, where a call activity has started it."""
    suspended: bool = False
    """Nothing in it goes on until an operator lets it."""


class FormFile(NamedTuple):
    """A form as it was deployed, and as which version of its key."""

    version: int
    source: bytes


@dataclass(frozen=True, slots=True)
class Wait:
    """A process instance waits for a `message` or `signal` of this name; `root_id` is the one it is saved with."""

    root_id: str
    instance_id: str
    kind: str
    name: str
    business_key: str | None = None


@dataclass(frozen=True, slots=True)
class StartEvent:
    """What starts a process beside people: a `message` or `signal` by its name, or a `timer` by its text.

    `due` is when a timer comes next, and `value` what is kept of a repeating one; see `engines.spiff.cycles`.
    """

    key: str
    definition_id: str
    element: str
    kind: str
    name: str
    due: str | None = None
    value: str | None = None
