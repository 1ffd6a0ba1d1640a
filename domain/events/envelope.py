"""An event as it is logged and sent: what happened, to whom, and the whole state after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.errors import MalformedMessage
from domain.events.upcast import current_version, upcast
from domain.identity import Key
from domain.values import parse_time


@dataclass(frozen=True, slots=True)
class Envelope:
    """One event of one aggregate; `type` is `<aggregate>.<event>`, `state` is total, never a patch."""

    key: Key
    generation: int
    revision: int
    type: str
    time: str
    changes: Mapping[str, Any]
    state: Mapping[str, Any]
    correlation_id: str | None = None
    causation_id: str | None = None
    traceparent: str | None = None
    version: int = 0
    """Today's where nothing is said."""
    by: str | None = None
    """Whose command it came of; None where an engine did it by itself, or nobody knows."""

    def __post_init__(self) -> None:
        if not self.version:
            object.__setattr__(self, "version", current_version(self.key.aggregate))

    @property
    def event_id(self) -> str:
        """The same for the same fact, however often it is sent."""
        return self.key.event_id(self.generation, self.revision)

    @property
    def routing_key(self) -> str:
        """`<aggregate>.<event>.<application>`."""
        return f"{self.type}.{self.key.application}"


def to_cloudevent(envelope: Envelope) -> dict[str, Any]:
    """CloudEvents 1.0 in its JSON format, with the `sequence`, `partitioning` and tracing extensions, and `by`."""
    key = envelope.key
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": envelope.event_id,
        "source": f"/applications/{key.application}",
        "type": f"taskpool.{envelope.type}.v{envelope.version}",
        "subject": key.id,
        "time": envelope.time,
        "datacontenttype": "application/json",
        "sequence": str(envelope.revision),
        "generation": envelope.generation,
        "partitionkey": key.opaque,
        "data": {"changes": envelope.changes, "state": envelope.state},
    }
    optional = {
        "correlationid": envelope.correlation_id,
        "causationid": envelope.causation_id,
        "traceparent": envelope.traceparent,
        "by": envelope.by,
    }
    return event | {name: value for name, value in optional.items() if value is not None}


def from_cloudevent(event: Mapping[str, Any]) -> Envelope:
    """Read what `to_cloudevent` wrote, now or in an older version; raises `MalformedMessage` naming what is wrong."""
    try:
        prefix, aggregate, name, version = event["type"].split(".")
        if prefix != "taskpool" or not version.startswith("v"):
            raise ValueError(f"type {event['type']!r} is not ours")
        root, _, application = event["source"].rpartition("/")
        if root != "/applications" or not application:
            raise ValueError(f"source {event['source']!r} is no application")
        number = int(version[1:])
        data = upcast(f"{aggregate}.{name}", number, event["data"])
        return Envelope(
            key=Key(application, aggregate, event["subject"]),
            generation=int(event.get("generation", 1)),
            revision=int(event["sequence"]),
            type=f"{aggregate}.{name}",
            time=_moment(event["time"]),
            changes=dict(data["changes"]),
            state=dict(data["state"]),
            correlation_id=_text(event, "correlationid"),
            causation_id=_text(event, "causationid"),
            traceparent=_text(event, "traceparent"),
            version=max(number, current_version(aggregate)),
            by=_text(event, "by"),
        )
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise MalformedMessage(f"not an event: {type(error).__name__}: {error}") from error


def _moment(text: str) -> str:
    """The text as it came, when it is a time that all who read it can take."""
    parse_time(text)
    return text


def _text(event: Mapping[str, Any], name: str) -> str | None:
    found = event.get(name)
    if not isinstance(found, str | None):
        raise TypeError(f"{name} is no text")
    return found
