"""The indexes that answer the lists: who may see first, then what is equal, then the default order.

Those that cleaning and histories need, and one on who may see where no list of ours has a better one, follow from the
register.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import IndexModel

from domain.aggregates.kind import History, Keep, Kind
from domain.aggregates.register import KINDS

# The follow-up date comes last so that deferred tasks are skipped, and totals counted, without fetching documents.
_DEFAULT_ORDER = [("order.down.priority", -1), ("order.up.dueDate", 1), ("_id", 1), ("followUpDate", 1)]
_OPEN = {"state": "open"}


def _listed(who: str, **options: Any) -> IndexModel:
    return IndexModel([(who, 1), ("state", 1), *_DEFAULT_ORDER], name=f"list_{who}", **options)


_OF_LISTS: Mapping[str, Sequence[IndexModel]] = {
    "task": [
        _listed("principals"),
        _listed("assignee"),
        _listed("candidateGroups"),
        _listed("completedBy", partialFilterExpression={"state": "completed"}),
        _listed("aggregate"),
        IndexModel([("processInstanceKey", 1)], name="of_instance"),
        IndexModel([("followUpDate", 1)], name="deferred", partialFilterExpression=_OPEN),
        IndexModel([("application", 1), ("engineTaskId", 1)], name="engine_id"),
    ],
    "data_entry": [
        IndexModel([("principals", 1), ("deleted", 1), ("eventTime", -1), ("_id", 1)], name="seen_by"),
        IndexModel([("deleted", 1), ("eventTime", -1), ("_id", 1)], name="newest"),
        IndexModel([("entryId", 1)], name="entry_id"),
    ],
    "process_definition": [IndexModel([("application", 1), ("key", 1), ("version", -1)], name="newest")],
    "process_instance": [
        IndexModel([("processInstanceId", 1)], name="engine_id"),
        IndexModel([("startUser", 1), ("startTime", -1)], name="started_by"),
        IndexModel([("businessKey", 1)], name="business_key"),
        IndexModel([("startTime", -1), ("_id", 1)], name="newest"),
    ],
    "process_variable": [
        IndexModel([("application", 1), ("processInstanceId", 1), ("name", 1), ("_id", 1)], name="of_instance")
    ],
    "command": [
        IndexModel([("taskKey", 1), ("status", 1)], name="in_flight"),
        IndexModel([("lateAt", 1)], name="late", partialFilterExpression={"lateAt": {"$gt": ""}}),
    ],
}
"""By kind: what its own lists ask for."""


def indexes() -> dict[str, list[IndexModel]]:
    """Those of every collection of the views, by its plain name."""
    found: dict[str, list[IndexModel]] = {}
    for kind in KINDS.values():
        found[kind.name] = [*_of_lists(kind), *([_of_keep(kind.keep)] if kind.keep else [])]
        if kind.history:
            found[kind.history.collection] = _of_history(kind, kind.history)
    return found


def _of_lists(kind: Kind) -> Sequence[IndexModel]:
    seen_by = [IndexModel([("principals", 1), ("_id", 1)], name="seen_by")] if kind.principals else []
    return _OF_LISTS.get(kind.name, seen_by)


def _of_keep(keep: Keep) -> IndexModel:
    """Of what is over, by when that was."""
    name = "ended" if keep.stub else "answered"
    return IndexModel([(keep.since, 1)], name=name, partialFilterExpression={keep.since: {"$gt": ""}})


def _of_history(kind: Kind, history: History) -> list[IndexModel]:
    one = [(history.named, 1), ("generation", 1), ("revision", 1)]
    return [IndexModel(one, name=f"of_{kind.name}"), IndexModel([("time", 1)], name="age")]
