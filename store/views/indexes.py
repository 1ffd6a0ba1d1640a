"""The indexes that answer the lists: who may see first, then what is equal, then the default order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import IndexModel

# The follow-up date comes last so that deferred tasks are skipped, and totals counted, without fetching documents.
_DEFAULT_ORDER = [("order.down.priority", -1), ("order.up.dueDate", 1), ("_id", 1), ("followUpDate", 1)]
_OPEN = {"state": "open"}
_ENDED = {"endTime": {"$gt": ""}}


def _listed(who: str, **options: Any) -> IndexModel:
    return IndexModel([(who, 1), ("state", 1), *_DEFAULT_ORDER], name=f"list_{who}", **options)


INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "task": [
        _listed("principals"),
        _listed("assignee"),
        _listed("candidateGroups"),
        _listed("completedBy", partialFilterExpression={"state": "completed"}),
        _listed("aggregate"),
        IndexModel([("processInstanceKey", 1)], name="of_instance"),
        IndexModel([("followUpDate", 1)], name="deferred", partialFilterExpression=_OPEN),
        IndexModel([("application", 1), ("engineTaskId", 1)], name="engine_id"),
        IndexModel([("endTime", 1)], name="ended", partialFilterExpression=_ENDED),
    ],
    "task_history": [
        IndexModel([("taskKey", 1), ("generation", 1), ("revision", 1)], name="of_task"),
        IndexModel([("time", 1)], name="age"),
    ],
    "process_definition": [IndexModel([("application", 1), ("key", 1), ("version", -1)], name="newest")],
    "process_instance": [
        IndexModel([("processInstanceId", 1)], name="engine_id"),
        IndexModel([("startUser", 1), ("startTime", -1)], name="started_by"),
        IndexModel([("businessKey", 1)], name="business_key"),
        IndexModel([("startTime", -1), ("_id", 1)], name="newest"),
        IndexModel([("endTime", 1)], name="ended", partialFilterExpression=_ENDED),
    ],
    "command": [
        IndexModel([("taskKey", 1), ("status", 1)], name="in_flight"),
        IndexModel([("lateAt", 1)], name="late", partialFilterExpression={"lateAt": {"$gt": ""}}),
        IndexModel([("eventTime", 1)], name="answered", partialFilterExpression={"eventTime": {"$gt": ""}}),
    ],
}
