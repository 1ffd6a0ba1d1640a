"""From an event to the documents people read: total, needing no earlier view.

A document is `{_id, application, aggregate, subject, generation, revision, eventTime, ...the state in camelCase}`;
`subject` is the aggregate's own id. Searching needs more, all of it derived: `principals` (who may see it), `order`
(sort keys, nulls last) and `text` (for `q`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.access import starter_principals, task_principals
from domain.aggregates.register import EVENT_TYPES
from domain.envelope import Envelope
from domain.errors import UnknownEventType
from domain.identity import Key
from domain.upcast import current_version
from domain.values import fold

SORTABLE_TEXT = (
    *("name", "assignee", "owner", "processName", "businessKey", "taskDefinitionKey"),
    *("application", "processDefinitionKey", "description"),
)
SORTABLE_VALUES = ("priority", "dueDate", "followUpDate", "createTime", "endTime")
LAST = "\U0010ffff"
LAST_NUMBER = 2**62
MAX_TEXT = 200_000
"""Characters of a task that are searched; of one that has more it is said."""
MAX_SORTED = 240
"""Bytes of a text as JSON that its sort key has; what is equal so far is in the order of ids."""
_SURELY_SHORT = MAX_SORTED // 6 - 1
"""JSON may need six bytes for one character."""

HISTORIES: Mapping[str, tuple[str, str]] = {"task": ("task_history", "taskKey")}
"""Where the history of an aggregate is kept, and which field names the aggregate there."""

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Projected:
    """One document for one collection; `once` means insert if absent (histories), otherwise newest revision wins."""

    collection: str
    document: Document
    once: bool = False


def project(envelope: Envelope) -> list[Projected]:
    """What the views hold after this event; raises `UnknownEventType`."""
    aggregate = envelope.key.aggregate
    if envelope.type not in EVENT_TYPES or envelope.version != current_version(aggregate):
        raise UnknownEventType(f"no projection for {envelope.type} version {envelope.version}")
    return _PROJECTIONS[aggregate](envelope)


def _task(envelope: Envelope) -> list[Projected]:
    state = envelope.state
    document = _document(envelope)
    document["processInstanceKey"] = _instance_key(envelope)
    document["principals"] = task_principals(state)
    document["order"] = _order(state)
    text = _text(state)
    document["text"] = text[:MAX_TEXT]
    if len(text) > MAX_TEXT:
        document["textCut"] = True
    return [Projected("task", document), Projected("task_history", _history(envelope, document["_id"]), once=True)]


def _process_definition(envelope: Envelope) -> list[Projected]:
    document = _document(envelope)
    document["principals"] = starter_principals(envelope.state)
    return [Projected("process_definition", document)]


def _process_instance(envelope: Envelope) -> list[Projected]:
    return [Projected("process_instance", _document(envelope))]


def _command(envelope: Envelope) -> list[Projected]:
    return [Projected("command", _document(envelope))]


_PROJECTIONS: Mapping[str, Callable[[Envelope], list[Projected]]] = {
    "task": _task,
    "process_definition": _process_definition,
    "process_instance": _process_instance,
    "command": _command,
}


def _document(envelope: Envelope) -> Document:
    key = envelope.key
    return {
        **envelope.state,
        "_id": key.opaque,
        "application": key.application,
        "aggregate": key.aggregate,
        "subject": key.id,
        "generation": envelope.generation,
        "revision": envelope.revision,
        "eventTime": envelope.time,
    }


def _history(envelope: Envelope, task_key: str) -> Document:
    return {
        "_id": envelope.event_id,
        "taskKey": task_key,
        "generation": envelope.generation,
        "revision": envelope.revision,
        "type": envelope.type,
        "time": envelope.time,
        "changes": envelope.changes,
        "assignee": envelope.state["assignee"],
        "causationId": envelope.causation_id,
        "correlationId": envelope.correlation_id,
    }


def _instance_key(envelope: Envelope) -> str | None:
    instance = envelope.state["processInstanceId"]
    return instance and Key(envelope.key.application, "process_instance", instance).opaque


def _order(state: Mapping[str, Any]) -> Document:
    """Sort keys: ascending ones put the missing last, in descending ones null is lowest and so last too."""
    folded = {name: state[name] and _sortable(state[name]) for name in SORTABLE_TEXT}
    ascending = {name: LAST if text is None else text for name, text in folded.items()}
    for name in SORTABLE_VALUES:
        last = LAST_NUMBER if name == "priority" else LAST
        ascending[name] = last if state[name] is None else state[name]
    return {"up": ascending, "down": {**folded, **{name: state[name] for name in SORTABLE_VALUES}}}


def _sortable(text: str) -> str:
    """Folded, and cut where no list shows it any more: what a page ends with is carried to the next in an address."""
    folded = fold(text)[:MAX_SORTED]
    if len(folded) <= _SURELY_SHORT:
        return folded
    while len(json.dumps(folded, ensure_ascii=False).encode("utf-8", "surrogatepass")) > MAX_SORTED:
        folded = folded[: len(folded) - max(1, len(folded) // 20)]
    return folded


def _text(state: Mapping[str, Any]) -> str:
    named = (state["name"], state["description"], state["businessKey"], state["processName"])
    words = [text for text in named if text]
    _add_leaves(words, state["payload"])
    return fold("\n".join(words))


def _add_leaves(words: list[str], value: Any) -> None:
    if isinstance(value, str):
        words.append(value)
    elif isinstance(value, Mapping):
        for inner in value.values():
            _add_leaves(words, inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _add_leaves(words, inner)
    elif value is not None:
        words.append(str(value))
