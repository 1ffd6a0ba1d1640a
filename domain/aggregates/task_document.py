"""What people see of a task beside its state, and the entry that an event leaves in its history.

`order` holds sort keys with missing values last; `text` is what `q` searches.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from domain.aggregates.kind import Document
from domain.envelope import Envelope
from domain.identity import Key
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


def document(envelope: Envelope) -> Document:
    """`processInstanceKey`, `order` and `text`; `textCut` where more than `MAX_TEXT` characters would be searched."""
    state = envelope.state
    text = _text(state)
    cut = {"textCut": True} if len(text) > MAX_TEXT else {}
    return {"processInstanceKey": _instance_key(envelope), "order": _order(state), "text": text[:MAX_TEXT], **cut}


def entry(envelope: Envelope) -> Document:
    """Who had the task after the event."""
    return {"assignee": envelope.state["assignee"]}


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
