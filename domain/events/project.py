"""From an event to the documents people read: total, needing no earlier view.

A document is `{_id, application, aggregate, subject, generation, revision, eventTime, ...the state in camelCase}`;
`subject` is the aggregate's own id. Who may see it is in `principals`; what its kind adds is said by the register.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from domain.aggregates.kind import Document, History
from domain.aggregates.register import KINDS
from domain.errors import UnknownEventType
from domain.events.envelope import Envelope
from domain.events.upcast import current_version

PERSONAL = "personal"
"""Of an entry of a history: `[{"key", "path"}]`, what in its changes is readable only until that key is destroyed."""


@dataclass(frozen=True, slots=True)
class Rename:
    """Somebody is called otherwise in the history of one aggregate, in entries that come later, too."""

    named: str
    """The field that names the aggregate."""
    username: str
    replacement: str


@dataclass(frozen=True, slots=True)
class Projected:
    """One document for one collection; `once` means insert if absent (histories), otherwise newest revision wins."""

    collection: str
    document: Document
    once: bool = False
    gathered: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Lists that only grow, and what this adds to them; not in the document itself."""
    rename: Rename | None = None


def project(envelope: Envelope) -> list[Projected]:
    """What the views hold after this event; raises `UnknownEventType`."""
    aggregate = envelope.key.aggregate
    kind = KINDS.get(aggregate)
    if kind is None or envelope.type not in kind.event_types or envelope.version != current_version(aggregate):
        raise UnknownEventType(f"no projection for {envelope.type} version {envelope.version}")
    key = envelope.key
    document = {
        **envelope.state,
        "_id": key.opaque,
        "application": key.application,
        "aggregate": aggregate,
        "subject": key.id,
        "generation": envelope.generation,
        "revision": envelope.revision,
        "eventTime": envelope.time,
    }
    if kind.principals is not None:
        document["principals"] = kind.principals(envelope.state)
    document.update(kind.document(envelope))
    gathered = kind.gathered(envelope.state) if kind.gathered else {}
    made = [Projected(kind.name, document, gathered=gathered)]
    if kind.history is not None:
        entry, rename = _entry(envelope, kind.history), _rename(envelope, kind.history)
        made.append(Projected(kind.history.collection, entry, once=True, rename=rename))
    return made


def _rename(envelope: Envelope, history: History) -> Rename | None:
    said = history.rename(envelope) if history.rename else None
    return said and Rename(history.named, *said)


def _entry(envelope: Envelope, history: History) -> Document:
    return {
        "_id": envelope.event_id,
        history.named: envelope.key.opaque,
        "generation": envelope.generation,
        "revision": envelope.revision,
        "type": envelope.type,
        "time": envelope.time,
        **({"changes": envelope.changes} if history.has_changes else {}),
        **history.entry(envelope),
        "causationId": envelope.causation_id,
        "correlationId": envelope.correlation_id,
        # Absent where nobody is known, as in entries of events that could not say it yet.
        **({"by": envelope.by, "application": envelope.key.application} if envelope.by else {}),
    }
