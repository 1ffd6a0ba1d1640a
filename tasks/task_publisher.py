"""Tasks that no engine made: application code publishes them in its unit of work, people see and complete them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.aggregates.task import (
    CHANGEABLE,
    AssignTask,
    ChangeCandidates,
    ChangeTask,
    CompleteTask,
    CreateTask,
    DeleteTask,
    TaskCommand,
    UserTask,
)
from domain.identity import Key
from domain.personal import sealed
from engines.collecting import Collecting
from store.events.unit_of_work import UnitOfWork

_OWN = frozenset(
    {
        *("engine_task_id", "application", "state", "interaction", "completed_by", "end_time", "delete_reason"),
        # A task of an instance is its engine's to complete.
        "process_instance_id",
        "warnings",
    }
)
_NEW = frozenset(UserTask.__dataclass_fields__) - _OWN


@dataclass(frozen=True, slots=True)
class TaskPublisher:
    """The tasks of one application that it makes itself, in one unit of work; what makes no difference makes no event.

    Ids are the application's own, unique among its tasks, those of its engine included.
    """

    unit: UnitOfWork
    application: str
    collecting: Collecting = field(default_factory=Collecting)
    """What of payloads is personal data."""

    def create(self, task_id: str, **fields: Any) -> None:
        """A new task, by the fields of `UserTask`; raises `TypeError` for others. One that is there stays as it is."""
        _require_known(fields, _NEW)
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()
        }
        values.setdefault("create_time", self.unit.origin.time)
        if "payload" in values:
            values["payload"] = self._sealed(task_id, values["payload"], values.get("process_definition_key"))
        self._say(task_id, CreateTask(UserTask(task_id, self.application, **values)))

    def assign(self, task_id: str, assignee: str | None) -> None:
        """Give it to somebody, or back to nobody."""
        self._say(task_id, AssignTask(assignee))

    def change(self, task_id: str, **changes: Any) -> None:
        """Replace attributes of `CHANGEABLE`; raises `TypeError` for others."""
        _require_known(changes, frozenset(CHANGEABLE))
        if "payload" in changes and self.collecting.keeps_personal_data:
            head = self.unit.heads.peek(Key(self.application, "task", task_id))
            process = head.state["processDefinitionKey"] if head and head.state else None
            changes["payload"] = self._sealed(task_id, changes["payload"], process)
        self._say(task_id, ChangeTask(changes))

    def change_candidates(
        self,
        task_id: str,
        *,
        add_users: Sequence[str] = (),
        remove_users: Sequence[str] = (),
        add_groups: Sequence[str] = (),
        remove_groups: Sequence[str] = (),
    ) -> None:
        """Offer it to others, too, or no longer; removing wins."""
        named = (add_users, remove_users, add_groups, remove_groups)
        self._say(task_id, ChangeCandidates(*(tuple(sorted(set(names))) for names in named)))

    def complete(self, task_id: str, by: str | None = None) -> None:
        """It is done, as the application knows itself; nobody is called back."""
        self._say(task_id, CompleteTask(by, self.unit.origin.time))

    def delete(self, task_id: str, reason: str | None = None) -> None:
        """It need not be done any more."""
        self._say(task_id, DeleteTask(reason, self.unit.origin.time))

    def _sealed(self, task_id: str, payload: Mapping[str, Any], process: str | None) -> Mapping[str, Any]:
        rules = self.collecting.personal_of(process)
        return sealed(payload, rules, payload, f"task:{task_id}", self.collecting.seal)

    def _say(self, task_id: str, command: TaskCommand) -> None:
        self.unit.collect(Key(self.application, "task", task_id), command)


def _require_known(fields: Mapping[str, Any], known: frozenset[str]) -> None:
    if unknown := fields.keys() - known:
        raise TypeError(f"no {', '.join(sorted(unknown))}: it may be any of {', '.join(sorted(known))}")
