"""The fields that people filter and sort by, for each kind of thing that is listed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal


@dataclass(frozen=True, slots=True, eq=False)
class Fields:
    """What can be said of one kind: `prefix.name` in filters. Names are those of its documents, dots reach inside."""

    prefix: str
    text: tuple[str, ...]
    times: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    truths: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    """Those that hold several texts."""
    sortable_text: tuple[str, ...] = ()
    """Kept folded and cut, for sorting."""
    sortable_values: tuple[str, ...] = ()
    searched: tuple[str, ...] = ()
    """Those whose words `q` finds, beside the payload's."""
    together: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Names that stand for several fields at once."""

    @property
    def names(self) -> tuple[str, ...]:
        """All that a filter may name."""
        return (*self.text, *self.times, *self.numbers, *self.truths, *self.lists, *self.together)

    def types(self) -> list[tuple[str, Literal["text", "time", "number", "boolean", "list"]]]:
        """What each holds."""
        return [
            *((name, "text") for name in self.text),
            *((name, "time") for name in self.times),
            *((name, "number") for name in self.numbers),
            *((name, "boolean") for name in self.truths),
            *((name, "list") for name in self.lists),
        ]

    @property
    def sortable(self) -> tuple[str, ...]:
        """All that a list can be sorted by."""
        return (*self.sortable_values, *self.sortable_text)


TASK: Final = Fields(
    prefix="task",
    text=(
        *("id", "engineTaskId", "application", "name", "description", "taskDefinitionKey", "processDefinitionKey"),
        *("processDefinitionId", "processName", "processInstanceId", "businessKey", "formKey", "formUrl", "state"),
        *("assignee", "owner", "tenantId", "completedBy", "parentTaskId", "delegationState"),
    ),
    times=("createTime", "dueDate", "followUpDate", "endTime"),
    numbers=("priority",),
    truths=("suspended",),
    lists=("candidateUsers", "candidateGroups", "excludedUsers"),
    sortable_text=(
        *("name", "assignee", "owner", "processName", "businessKey", "taskDefinitionKey"),
        *("application", "processDefinitionKey", "description"),
    ),
    sortable_values=("priority", "dueDate", "followUpDate", "createTime", "endTime"),
    searched=("name", "description", "businessKey", "processName"),
    together={"textSearch": ("name", "description", "processName")},
)
ENTRY: Final = Fields(
    prefix="data",
    text=(
        *("id", "application", "entryType", "entryId", "type", "name", "description", "formKey", "formUrl"),
        *("state.processingType", "state.state", "tenantId"),
    ),
    sortable_text=("name", "type", "entryType", "entryId", "application", "description"),
    sortable_values=("eventTime",),
    searched=("name", "description", "type", "entryId"),
    together={"textSearch": ("name", "description", "type")},
)
INSTANCE: Final = Fields(
    prefix="instance",
    text=(
        *("id", "application", "processInstanceId", "processDefinitionKey", "processDefinitionId", "processName"),
        *("businessKey", "state", "startUser", "superInstanceId", "deleteReason", "tenantId"),
    ),
    times=("startTime", "endTime"),
    sortable_text=("processName", "businessKey", "application", "processDefinitionKey", "startUser"),
    sortable_values=("startTime", "endTime"),
    searched=("processName", "businessKey"),
    together={"textSearch": ("processName", "businessKey")},
)
