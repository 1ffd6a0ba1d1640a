"""What a DMN file holds, once it has been read: decisions, their logic, and what they need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

from engines.decisions.feel import Tests
from engines.decisions.scope import Scope

HitPolicy: TypeAlias = Literal["UNIQUE", "FIRST", "PRIORITY", "ANY", "COLLECT", "RULE ORDER", "OUTPUT ORDER"]
Aggregation: TypeAlias = Literal["SUM", "MIN", "MAX", "COUNT"]


class Formula(Protocol):
    """An expression of any language that is evaluated here."""

    @property
    def text(self) -> str:
        """As it stands in the file."""
        ...

    def within(self, scope: Scope) -> object:
        """Its value."""
        ...


@dataclass(frozen=True, slots=True)
class Input:
    """A column that is tested."""

    label: str
    formula: Formula
    type: str | None
    variable: str


@dataclass(frozen=True, slots=True)
class Output:
    """A column that is answered; its values, if they are listed, come in the order of their priority."""

    name: str
    type: str | None
    values: Formula | None
    default: Formula | None


@dataclass(frozen=True, slots=True)
class Rule:
    """A row; its number is the one people count."""

    number: int
    id: str | None
    tests: tuple[Tests, ...]
    results: tuple[Formula | None, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table."""

    hit_policy: HitPolicy
    aggregation: Aggregation | None
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A literal expression."""

    formula: Formula
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """A boxed context; an entry without a name is the value of the whole."""

    entries: tuple[tuple[str | None, str | None, Logic], ...]


@dataclass(frozen=True, slots=True)
class Invocation:
    """A call whose arguments are boxed."""

    callee: Formula
    bindings: tuple[tuple[str, Logic], ...]


@dataclass(frozen=True, slots=True)
class Items:
    """A boxed list."""

    items: tuple[Logic, ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """A boxed relation: a list of contexts with the same names."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Logic, ...], ...]


@dataclass(frozen=True, slots=True)
class Lambda:
    """A boxed function."""

    parameters: tuple[tuple[str, str | None], ...]
    body: Logic


Logic: TypeAlias = Table | Text | Context | Invocation | Items | Relation | Lambda


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision, and the ids of what it needs to know before."""

    id: str
    name: str
    variable: str
    type: str | None
    version_tag: str | None
    logic: Logic | None
    decisions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InputData:
    """What a model expects to be given."""

    name: str
    type: str | None


@dataclass(frozen=True, slots=True)
class Knowledge:
    """A business knowledge model: a function by name."""

    name: str
    function: Lambda


@dataclass(frozen=True, slots=True)
class DecisionModel:
    """A DMN file: its decisions by id, its functions, and what the types of its own stand for."""

    id: str
    name: str
    decisions: Mapping[str, Decision]
    knowledge: tuple[Knowledge, ...] = ()
    inputs: tuple[InputData, ...] = ()
    types: Mapping[str, str] = field(default_factory=dict)
