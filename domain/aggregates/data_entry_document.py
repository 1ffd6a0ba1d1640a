"""What people see of a data entry beside its state, and what tasks carry of it so that they can be found by it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from domain.aggregates.data_entry import entry_key
from domain.aggregates.kind import Document
from domain.errors import InvalidValue
from domain.events.envelope import Envelope
from domain.identity import Key
from domain.query.fields import ENTRY
from domain.query.searched import searched

MAX_CARRIED = 16_000
"""Characters of words, and of values of its payload, that a task carries of an entry."""
_CARRIED = (
    *("application", "generation", "revision", "principals", "deleted", "entryType", "entryId", "type", "name"),
    *("description", "formKey", "formUrl", "state", "folded"),
)


def document(envelope: Envelope) -> Document:
    """What is searched."""
    return searched({**envelope.state, "eventTime": envelope.time}, ENTRY)


def embedded(found: Document) -> Document:
    """What a task carries of an entry; of one that is deleted, or past its retention, that it is so."""
    if found.get("deleted", True):
        gone = {name: found[name] for name in ("application", "generation", "revision")}
        return {"key": found["_id"], **gone, "principals": [], "deleted": True, "words": [], "leaves": []}
    return {
        "key": found["_id"],
        **{name: found[name] for name in _CARRIED},
        # Documents of before tenants say nothing of them.
        "tenantId": found.get("tenantId"),
        "order": {"down": found["order"]["down"]},
        "words": list(_first(found["words"], len)),
        "leaves": list(_first(found["leaves"], lambda leaf: len(leaf["k"]) + 2 * len(str(leaf["v"])))),
    }


def entry_ids(correlations: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The ids, as views use them, of the entries that these name."""
    for one in correlations:
        try:
            named = entry_key(one["entryType"], one["entryId"])
        except InvalidValue:
            # A task may name what no entry can be called; then there is none.
            continue
        yield Key(one["application"], "data_entry", named).opaque


def _first(items: Iterable[Any], size: Any) -> Iterator[Any]:
    left = MAX_CARRIED
    for item in items:
        left -= size(item)
        if left < 0:
            return
        yield item
