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
from domain.events.project import PERSONAL
from domain.query.task_query import FACETS

UNASSIGNED, FACETED, WORDS, ENTRY_WORDS, FINDABLE, ENTRY_LEAVES = (
    *("unassigned", "faceted", "words", "entry_words", "findable", "entry_leaves"),
)
"""Indexes of tasks that questions name, as the database cannot know which of them is good for what is asked."""
ACTS, ACTS_OF_ONE, COMMANDED, REFUSED = "acts", "acts_of_one", "commanded", "refused"
"""Indexes of who did what: to tasks, by anybody or by one person, of commands beside that, and what was not done."""
REFUSED_ON_TASKS = {"taskKey": {"$gt": ""}, "problem": {"$type": "object"}}
"""Commands about tasks of which no history knows, since nothing came of them."""
DUE = "due"
"""Index of open tasks that somebody has, by when they are due."""
FORMER_INDEXES = ("list_candidateGroups", "list_aggregate", "engine_id", "newest", "leaves")
"""Of earlier versions, where no index is called so now: every one costs whoever writes."""
PARENT = "parentTaskId"
SELECTIVE = ("businessKey", "processInstanceId", "engineTaskId", PARENT)
"""Fields of which few tasks have the same value; their indexes are called like them."""

# The follow-up date comes last so that deferred tasks are skipped without fetching documents.
_DEFAULT_ORDER = [("order.down.priority", -1), ("order.up.dueDate", 1), ("_id", 1), ("followUpDate", 1)]
_OPEN = {"state": "open"}
SORTED_BY: Mapping[str, tuple[str, int]] = {
    "dueDate": ("order.up.dueDate", 1),
    "-createTime": ("order.down.createTime", -1),
    "name": ("order.up.name", 1),
}
"""By what else lists of open tasks are sorted at any size: what the page offers, and where documents keep it."""


def _of_open(keys: Sequence[tuple[str, int]], name: str) -> IndexModel:
    """What has ended is in none of these: whoever ends it takes keys away, and puts none there for ever.

    The state is a key all the same: what the database knows of an index it asks each document for once more.
    """
    return IndexModel(keys, name=name, partialFilterExpression=_OPEN)


def _listed(who: str, **options: Any) -> IndexModel:
    return IndexModel([(who, 1), ("state", 1), *_DEFAULT_ORDER], name=f"list_{who}", **options)


def _sorted_by(name: str, path: str, direction: int) -> IndexModel:
    keys = [("principals", 1), ("state", 1), (path, direction), ("_id", 1), ("followUpDate", 1)]
    return _of_open(keys, f"sorted_{name}")


_OF_LISTS: Mapping[str, Sequence[IndexModel]] = {
    "task": [
        _listed("principals"),
        _listed("assignee"),
        _listed("completedBy", partialFilterExpression={"state": "completed"}),
        IndexModel(
            [("completedBy", 1), ("state", 1), ("order.down.endTime", -1), ("_id", 1)],
            name="completed",
            partialFilterExpression={"state": "completed"},
        ),
        *(_sorted_by(name, *where) for name, where in SORTED_BY.items()),
        _of_open([("principals", 1), ("state", 1), ("order.up.assignee", 1), ("followUpDate", 1)], UNASSIGNED),
        _of_open([("principals", 1), ("state", 1), ("followUpDate", 1), *((name, 1) for name in FACETS)], FACETED),
        _of_open([("words", 1), ("state", 1), ("followUpDate", 1)], WORDS),
        _of_open([("entries.words", 1), ("state", 1)], ENTRY_WORDS),
        _of_open([("findable", 1), ("state", 1), ("followUpDate", 1)], FINDABLE),
        _of_open([("entries.leaves.k", 1), ("entries.leaves.v", 1), ("state", 1)], ENTRY_LEAVES),
        *(IndexModel([(name, 1), ("state", 1)], name=name) for name in SELECTIVE if name != PARENT),
        # Nearly no task is a part of another, and those that are not cost whoever writes nothing.
        IndexModel([(PARENT, 1), ("state", 1)], name=PARENT, partialFilterExpression={PARENT: {"$gt": ""}}),
        IndexModel([("involved", 1)], name="involved"),
        IndexModel([("correlated", 1), ("_id", 1)], name="correlated", sparse=True),
        IndexModel([("processInstanceKey", 1)], name="of_instance"),
        IndexModel(
            [("followUpDate", 1)], name="deferred", partialFilterExpression={**_OPEN, "followUpDate": {"$gt": ""}}
        ),
        IndexModel(
            [("dueDate", 1), ("_id", 1), ("assignee", 1)],
            name=DUE,
            partialFilterExpression={**_OPEN, "dueDate": {"$gt": ""}, "assignee": {"$gt": ""}},
        ),
    ],
    "data_entry": [
        IndexModel([("principals", 1), ("deleted", 1), ("order.down.eventTime", -1), ("_id", 1)], name="seen_by"),
        IndexModel([("words", 1), ("deleted", 1)], name="words"),
        IndexModel([("leaves.k", 1), ("leaves.v", 1)], name="leaves"),
        IndexModel([("entryId", 1)], name="entry_id"),
    ],
    "process_definition": [IndexModel([("application", 1), ("key", 1), ("version", -1)], name="newest")],
    "process_instance": [
        IndexModel([("processInstanceId", 1)], name="engine_id"),
        IndexModel([("startUser", 1), ("startTime", -1)], name="started_by"),
        IndexModel([("businessKey", 1)], name="business_key"),
        IndexModel([("order.down.startTime", -1), ("_id", 1)], name="newest"),
        IndexModel([("words", 1)], name="words"),
    ],
    "process_variable": [
        IndexModel([("application", 1), ("processInstanceId", 1), ("name", 1), ("_id", 1)], name="of_instance")
    ],
    "command": [
        IndexModel([("taskKey", 1), ("status", 1)], name="in_flight"),
        IndexModel([("lateAt", 1)], name="late", partialFilterExpression={"lateAt": {"$gt": ""}}),
        IndexModel(
            [("eventTime", -1), ("_id", -1), ("action", 1), ("user", 1)],
            name=COMMANDED,
            partialFilterExpression={"taskKey": None},
        ),
        IndexModel(
            [("eventTime", -1), ("_id", -1), ("action", 1), ("user", 1)],
            name=REFUSED,
            partialFilterExpression=REFUSED_ON_TASKS,
        ),
    ],
}
"""By kind: what its own lists ask for."""
_NEWEST, _SOMEBODY = [("time", -1), ("_id", -1)], {"by": {"$gt": ""}}
_OF_HISTORIES: Mapping[str, Sequence[IndexModel]] = {
    # What an engine did by itself is in neither, and costs whoever writes nothing.
    "task": [
        IndexModel(_NEWEST, name=ACTS, partialFilterExpression=_SOMEBODY),
        IndexModel([("by", 1), *_NEWEST], name=ACTS_OF_ONE, partialFilterExpression=_SOMEBODY),
    ],
}


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
    return [
        IndexModel(one, name=f"of_{kind.name}"),
        IndexModel([("time", 1)], name="age"),
        IndexModel([(f"{PERSONAL}.key", 1)], name=PERSONAL, sparse=True),
        *_OF_HISTORIES.get(kind.name, ()),
    ]
