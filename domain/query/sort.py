"""In which order: fields of the documents, or values of their payload."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from domain.errors import BadRequest
from domain.query.fields import TASK, Fields
from domain.query.searched import MAX_SORTED_LEAF, value_at

DEFAULT_SORT: Final = "-priority,dueDate"
MOST_SORT_KEYS = 5
PAYLOAD = "payload."
_TYPES: Final = (int, float), (str,), (bool,)
"""Of values in a payload, in the order in which they are sorted."""
_MISSING = len(_TYPES)


@dataclass(frozen=True, slots=True)
class Column:
    """One comparable value of every document, at its path, or computed from the payload."""

    path: str
    descending: bool


@dataclass(frozen=True, slots=True)
class SortKey:
    """One field to sort by, missing values last in both directions; `payload`: a path in the payload."""

    field: str
    descending: bool
    payload: bool = False

    @property
    def path(self) -> str:
        """Where the document keeps the comparable value; the name of what is computed from the payload."""
        name = f"{PAYLOAD if self.payload else ''}{self.field}"
        return f"order.{'down' if self.descending else 'up'}.{name}"

    def columns(self, number: int) -> tuple[Column, ...]:
        """What the documents are compared by; a value of a payload by its type first, then by itself."""
        if not self.payload:
            return (Column(self.path, self.descending),)
        return (Column(f"type{number}", descending=False), Column(f"value{number}", self.descending))

    def values(self, document: Mapping[str, Any]) -> tuple[Any, ...]:
        """What this document has in these columns."""
        if not self.payload:
            return (value_at(document, self.path),)
        for leaf in document["leaves"]:
            kind = next((n for n, types in enumerate(_TYPES) if type(leaf["v"]) in types), _MISSING)
            if leaf["k"] == self.field and kind != _MISSING:
                value = leaf.get("f", leaf["v"])
                return (self.rank(kind), value[:MAX_SORTED_LEAF] if isinstance(value, str) else value)
        return (_MISSING, None)

    def rank(self, kind: int) -> int:
        """Numbers, texts, truths, and the other way round; what is missing is last whatever the direction."""
        return kind if not self.descending or kind == _MISSING else _MISSING - 1 - kind


def columns_of(sort: Sequence[SortKey]) -> list[Column]:
    """All that documents are compared by, beside their ids."""
    return [column for number, key in enumerate(sort) for column in key.columns(number)]


def parse_sort(text: str | None, fields: Fields = TASK, default: str = DEFAULT_SORT) -> tuple[SortKey, ...]:
    """Read `-priority,dueDate` or `payload.customer.city`; raises `BadRequest`."""
    keys, parts = [], (text or default).split(",")
    if len(parts) > MOST_SORT_KEYS:
        raise BadRequest(f"sort: at most {MOST_SORT_KEYS} fields, not {len(parts)}")
    for part in parts:
        name, descending = part.strip().removeprefix("-"), part.strip().startswith("-")
        if name.startswith(PAYLOAD) and len(name) > len(PAYLOAD):
            keys.append(SortKey(name.removeprefix(PAYLOAD), descending, payload=True))
            continue
        field = name.removeprefix(f"{fields.prefix}.")
        if field not in fields.sortable:
            raise BadRequest(
                f"cannot sort by {field[:60]!r}; by {', '.join(fields.sortable)}, or a value as payload.city"
            )
        keys.append(SortKey(field, descending))
    return tuple(keys)
