"""Old versions of events become today's, wherever one is read: from the wire, from the log, and as the state of a head.

All events of an aggregate carry the same state, so they share one version, and it is never written down: it is one
more than there are upcasters. To change what events of an aggregate look like, change the code and add an upcaster
from the old shape; `make schemas` then writes the schemas of the new version beside the old ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Data = Mapping[str, Any]
"""What an event carries: `{"changes": {...}, "state": {...}}`."""
Upcaster = Callable[[str, Data], Data]
"""From the event's type (`task.created`) and its data in one version to its data in the next."""

RESTATED = "restated"


def _tasks_of_before_delegation(_event_type: str, data: Data) -> Data:
    return {
        **data,
        "state": {
            "parentTaskId": None,
            "delegationState": None,
            "suspended": False,
            "excludedUsers": [],
            "formRef": None,
            **data["state"],
        },
    }


def _definitions_of_before_drawn_forms(_event_type: str, data: Data) -> Data:
    return {**data, "state": {"formRef": None, **data["state"]}}


def _of_before_tenants(_event_type: str, data: Data) -> Data:
    return {**data, "state": {"tenantId": None, **data["state"]}}


UPCASTERS: dict[str, tuple[Upcaster, ...]] = {
    "task": (_tasks_of_before_delegation,),
    "process_definition": (_definitions_of_before_drawn_forms, _of_before_tenants),
    "process_instance": (_of_before_tenants,),
    "data_entry": (_of_before_tenants,),
}
"""By aggregate: the first leads from version 1 to 2, the second from 2 to 3, and so on."""


def current_version(aggregate: str) -> int:
    """The version in which events of this aggregate are written today."""
    return len(UPCASTERS.get(aggregate, ())) + 1


def upcast(event_type: str, version: int, data: Data) -> Data:
    """The data as today's code has it; what is newer than this code stays as it is.

    Upcasters raise what they run into (`KeyError`, `TypeError`, ...); whoever reads events calls such data malformed.
    """
    if version < 1:
        raise ValueError(f"there is no version {version} of {event_type}")
    aggregate = event_type.partition(".")[0]
    for upcaster in UPCASTERS.get(aggregate, ())[version - 1 :]:
        data = upcaster(event_type, data)
    return data


def upcast_state(aggregate: str, version: int, state: Data) -> Data:
    """The state of a head as today's code has it: it is read as the event that would say it again."""
    if version == current_version(aggregate):
        return state
    return dict(upcast(f"{aggregate}.{RESTATED}", version, {"changes": {}, "state": state})["state"])
