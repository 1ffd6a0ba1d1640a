"""What people see of a task beside its state, and the entry that an event leaves in its history.

`order` holds sort keys with missing values last; `words`, `leaves` and `folded` are what is searched, and `findable` is
what open tasks are counted by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from domain.access import task_principals
from domain.aggregates.data_entry_document import entry_ids
from domain.aggregates.kind import Document, State
from domain.events.envelope import Envelope
from domain.identity import Key
from domain.query.fields import TASK
from domain.query.findable import findable
from domain.query.searched import searched

MOST_ENTRIES = 100
"""Data entries by which a task is found, the first it is correlated with."""


def document(envelope: Envelope) -> Document:
    """What is searched, the keys of its instance and of its parent, and as `correlated` the ids of its entries.

    `parentTaskId` is the key, as tasks are named by theirs wherever people meet them.
    """
    state, part_of = envelope.state, {}
    if parent := state["parentTaskId"]:
        part_of = {"parentTaskId": Key(envelope.key.application, "task", parent).opaque}
        state = {**state, **part_of}
    instance = state["processInstanceId"]
    key = instance and Key(envelope.key.application, "process_instance", instance).opaque
    about = list(dict.fromkeys(entry_ids(state["correlations"])))[:MOST_ENTRIES]
    found = searched(state, TASK)
    if state["state"] == "open":
        found["findable"] = findable(task_principals(state), found["words"], found["leaves"])
    return {"processInstanceKey": key, **part_of, **found, **({"correlated": about} if about else {})}


def gathered(state: State) -> Mapping[str, Sequence[str]]:
    """`involved`: who took part in the task, as far as this state of it says."""
    return {"involved": sorted({state["assignee"], state["completedBy"]} - {None})}


def entry(envelope: Envelope) -> Document:
    """Who had the task after the event."""
    return {"assignee": envelope.state["assignee"]}
