"""What there is to say about one kind of aggregate; everything else that concerns a kind is derived from this."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, TypeAlias, get_args, get_type_hints

from domain.events.envelope import Envelope
from domain.events.upcast import RESTATED

Document: TypeAlias = dict[str, Any]
State: TypeAlias = Mapping[str, Any]
"""The state of an aggregate as plain camelCase data."""
Watched: TypeAlias = Literal["rows", "whole", "version"]


def _nothing(_envelope: Envelope) -> Document:
    return {}


@dataclass(frozen=True, slots=True)
class History:
    """All that has happened, an entry per event: its collection, and the field that names the aggregate there."""

    collection: str
    named: str
    entry: Callable[[Envelope], Document] = _nothing
    """What is kept of an event beside when it was, its type, its changes, what caused it and who did it."""
    has_changes: bool = True
    """Whether the changes are kept as they are; otherwise only what `entry` makes of them."""
    rename: Callable[[Envelope], tuple[str, str] | None] | None = None
    """Where events may say that entries call somebody otherwise from now on: `log.user`, as (name, replacement)."""


@dataclass(frozen=True, slots=True)
class Keep:
    """How long a document stays in the views once its aggregate is over."""

    hours: Literal["tasks", "commands"]
    """The setting that says so (`settings.Retention`)."""
    since: str
    """The document's field with the time from which they count; a document without it is not over."""
    stub: bool = True
    """Its version stays, and turns late events away; otherwise the document is forgotten."""
    unless: Mapping[str, Any] = field(default_factory=dict)
    """Fields and the value with which a document is not over, whatever the time."""


@dataclass(frozen=True, slots=True)
class Embedding:
    """Documents carry what can be searched of others, of the kind `of`, that they are about."""

    of: str
    keys: str
    """The field of a document that names the others by their ids; absent where there are none."""
    field: str
    """Where what is carried is kept: a list, each with `key`, `generation` and `revision` of whom it is of."""
    element: Callable[[Document], Document]
    """What is carried of the other's document."""


@dataclass(frozen=True, eq=False)
class Kind:
    """One kind of aggregate: how it decides and evolves, what people see of it, and how long that stays."""

    name: str
    """First word of its events' types, and the collection of its documents."""
    state: type
    decide: Callable[[Any, Any], Sequence[Any]]
    evolve: Callable[[Any, Any], Any]
    fold: Callable[..., list[Any]] | None = None
    """`fold(commands, exists=…)`: the commands of one unit of work in as few as tell the same; None: as they are."""
    principals: Callable[[State], list[str]] | None = None
    """Who may see it, as `user:` and `group:` names; None where lists decide by something else."""
    document: Callable[[Envelope], Document] = _nothing
    """What its document has beside the state, its names, its version and who may see it."""
    gathered: Callable[[State], Mapping[str, Sequence[str]]] | None = None
    """Lists in its document that only grow: what one state adds to them, so that the order of events is all one."""
    embeds: Embedding | None = None
    history: History | None = None
    keep: Keep | None = None
    """None: for ever."""
    watched: Watched = "version"
    """What a web process is told of a change: rows of lists before and after, the whole document, or its version."""
    is_asked_first: bool = False
    """Whether its document may be there before its first event, written by who asks."""

    @cached_property
    def events(self) -> Mapping[str, type]:
        """The types of event that happen to it, each with the class that makes it."""
        said = get_type_hints(self.evolve)["event"]
        made = get_args(said) or (said,)
        return {name: event for event in made for name in getattr(event, "types", (event.type,))}

    @cached_property
    def event_types(self) -> frozenset[str]:
        """The types of its events, restating included."""
        return frozenset({*self.events, f"{self.name}.{RESTATED}"})
