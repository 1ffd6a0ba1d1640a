"""A user task: the commands that change it, the events that happened to it, and the two pure functions between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final, Literal, TypeAlias, TypedDict, assert_never, cast

from domain.wire import NoChanges, camel

OPEN: Final = "open"
COMPLETED: Final = "completed"
DELETED: Final = "deleted"
LOCAL: Final = "local"
ENGINE: Final = "engine"
CHANGEABLE = (
    *("name", "description", "priority", "due_date", "follow_up_date", "owner"),
    *("form_key", "form_url", "business_key", "payload", "correlations"),
    *("suspended", "delegation_state", "excluded_users"),
)
PENDING: Final = "PENDING"
RESOLVED: Final = "RESOLVED"
DelegationState: TypeAlias = Literal["PENDING", "RESOLVED"]
"""Of a task whose owner has asked somebody else: it is theirs, or it has come back."""


@dataclass(frozen=True, slots=True)
class UserTask:
    """A thing a person does. Times are ISO-8601 UTC text; `form_fields` are `{id, label, type, required, ...}`."""

    engine_task_id: str
    application: str
    name: str | None = None
    description: str | None = None
    task_definition_key: str | None = None
    process_definition_key: str | None = None
    process_definition_id: str | None = None
    process_name: str | None = None
    process_instance_id: str | None = None
    business_key: str | None = None
    form_key: str | None = None
    form_url: str | None = None
    form_fields: tuple[Mapping[str, Any], ...] = ()
    form_ref: Mapping[str, Any] | None = None
    """The form that draws these fields: `{key, version}`; without a version it stands in the model."""
    state: Literal["open", "completed", "deleted"] = OPEN
    assignee: str | None = None
    owner: str | None = None
    candidate_users: tuple[str, ...] = ()
    candidate_groups: tuple[str, ...] = ()
    excluded_users: tuple[str, ...] = ()
    """Who may not do it although it is offered to them, as whoever asked for what is approved here."""
    priority: int | None = None
    create_time: str | None = None
    due_date: str | None = None
    follow_up_date: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    correlations: tuple[Mapping[str, Any], ...] = ()
    tenant_id: str | None = None
    parent_task_id: str | None = None
    """The engine's own id of the task that this one is a part of."""
    delegation_state: DelegationState | None = None
    suspended: bool = False
    """Its process is held: nothing is done with it until that goes on."""
    interaction: Literal["local", "engine"] = LOCAL
    completed_by: str | None = None
    end_time: str | None = None
    delete_reason: str | None = None
    warnings: tuple[Mapping[str, Any], ...] = ()
    """What of the model could not be made out, for operators: `{attribute, raw, reason}`, never a variable's value."""


@dataclass(frozen=True, slots=True)
class CreateTask:
    """Mirror a task the engine has made."""

    task: UserTask


@dataclass(frozen=True, slots=True)
class AssignTask:
    """Give the task to somebody, or to nobody."""

    assignee: str | None


@dataclass(frozen=True, slots=True)
class ChangeTask:
    """Replace the attributes named (snake_case, of `CHANGEABLE`); absent is unchanged, None is cleared."""

    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ChangeCandidates:
    """Add and remove candidates; removing wins over adding."""

    add_users: tuple[str, ...] = ()
    remove_users: tuple[str, ...] = ()
    add_groups: tuple[str, ...] = ()
    remove_groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CompleteTask:
    """The work is done; `by` is who did it, None when the engine does not say."""

    by: str | None = None
    time: str | None = None


@dataclass(frozen=True, slots=True)
class DeleteTask:
    """The engine has dropped the task."""

    reason: str | None = None
    time: str | None = None


@dataclass(frozen=True, slots=True)
class MigrateTask:
    """The task goes on as one of another version of its process."""

    process_definition_id: str


TaskCommand = CreateTask | AssignTask | ChangeTask | ChangeCandidates | MigrateTask | CompleteTask | DeleteTask


class Assignment(TypedDict):
    """What changes when a task goes to somebody."""

    assignee: str | None


class Attributes(TypedDict, total=False):
    """What may change of a task; absent is unchanged."""

    name: str | None
    description: str | None
    priority: int | None
    dueDate: str | None
    followUpDate: str | None
    owner: str | None
    formKey: str | None
    formUrl: str | None
    businessKey: str | None
    payload: Mapping[str, Any]
    correlations: list[Mapping[str, Any]]
    suspended: bool
    delegationState: DelegationState | None
    excludedUsers: list[str]


class Candidates(TypedDict):
    """What changes when a task is offered to others."""

    addUsers: list[str]
    removeUsers: list[str]
    addGroups: list[str]
    removeGroups: list[str]


class Migration(TypedDict):
    """What changes when a task is one of another version of its process."""

    processDefinitionId: str


class Completion(TypedDict):
    """What changes when a task is done."""

    completedBy: str | None


class Deletion(TypedDict):
    """What changes when a task is dropped."""

    reason: str | None


@dataclass(frozen=True, slots=True)
class TaskCreated:
    """A task exists."""

    type: ClassVar[str] = "task.created"
    task: UserTask

    def changes(self) -> NoChanges:
        """Nothing beside the state itself."""
        return {}


@dataclass(frozen=True, slots=True)
class TaskAssigned:
    """The task went to somebody, or back to nobody."""

    type: ClassVar[str] = "task.assigned"
    assignee: str | None

    def changes(self) -> Assignment:
        """The new assignee."""
        return {"assignee": self.assignee}


@dataclass(frozen=True, slots=True)
class TaskChanged:
    """Attributes of the task have new values."""

    type: ClassVar[str] = "task.attributes_changed"
    values: Mapping[str, Any]

    def changes(self) -> Attributes:
        """The new values by wire name."""
        values = {
            camel(name): list(value) if isinstance(value, tuple) else value for name, value in self.values.items()
        }
        return cast("Attributes", values)


@dataclass(frozen=True, slots=True)
class CandidatesChanged:
    """The task is offered to others than before."""

    type: ClassVar[str] = "task.candidates_changed"
    add_users: tuple[str, ...] = ()
    remove_users: tuple[str, ...] = ()
    add_groups: tuple[str, ...] = ()
    remove_groups: tuple[str, ...] = ()

    def changes(self) -> Candidates:
        """Who came and who went."""
        return {
            "addUsers": list(self.add_users),
            "removeUsers": list(self.remove_users),
            "addGroups": list(self.add_groups),
            "removeGroups": list(self.remove_groups),
        }


@dataclass(frozen=True, slots=True)
class TaskMigrated:
    """The task is one of another version of its process than before."""

    type: ClassVar[str] = "task.migrated"
    process_definition_id: str

    def changes(self) -> Migration:
        """The version it is of."""
        return {"processDefinitionId": self.process_definition_id}


@dataclass(frozen=True, slots=True)
class TaskCompleted:
    """The task is done."""

    type: ClassVar[str] = "task.completed"
    by: str | None
    time: str | None

    def changes(self) -> Completion:
        """Who did it."""
        return {"completedBy": self.by}


@dataclass(frozen=True, slots=True)
class TaskDeleted:
    """The task is gone without having been done."""

    type: ClassVar[str] = "task.deleted"
    reason: str | None
    time: str | None

    def changes(self) -> Deletion:
        """Why it is gone."""
        return {"reason": self.reason}


TaskEvent = TaskCreated | TaskAssigned | TaskChanged | CandidatesChanged | TaskMigrated | TaskCompleted | TaskDeleted


def decide(task: UserTask | None, command: TaskCommand) -> list[TaskEvent]:  # noqa: PLR0911 - one per command
    """What happens to a task when its engine says so; what makes no difference makes no event."""
    if isinstance(command, CreateTask):
        return [TaskCreated(command.task)] if task is None else []
    if task is None or task.state != OPEN:
        return []
    match command:
        case AssignTask(assignee):
            return [TaskAssigned(assignee)] if assignee != task.assignee else []
        case ChangeTask(changes):
            changed = {name: value for name, value in changes.items() if getattr(task, name) != value}
            return [TaskChanged(changed)] if changed else []
        case ChangeCandidates():
            return _candidates(task, command)
        case MigrateTask(definition_id):
            return [TaskMigrated(definition_id)] if definition_id != task.process_definition_id else []
        case CompleteTask(by, time):
            return [TaskCompleted(by or task.assignee, time)]
        case DeleteTask(reason, time):
            return [TaskDeleted(reason, time)]
    assert_never(command)


def evolve(task: UserTask | None, event: TaskEvent) -> UserTask:  # noqa: PLR0911 - one per event
    """The task after the event."""
    if isinstance(event, TaskCreated):
        return event.task
    if task is None:
        raise ValueError(f"{event.type} before task.created")
    match event:
        case TaskAssigned(assignee):
            return replace(task, assignee=assignee)
        case TaskChanged(values):
            return replace(task, **values)
        case CandidatesChanged():
            return replace(
                task,
                candidate_users=_edited(task.candidate_users, event.add_users, event.remove_users),
                candidate_groups=_edited(task.candidate_groups, event.add_groups, event.remove_groups),
            )
        case TaskMigrated(definition_id):
            return replace(task, process_definition_id=definition_id)
        case TaskCompleted(by, time):
            return replace(task, state=COMPLETED, completed_by=by, end_time=time)
        case TaskDeleted(reason, time):
            return replace(task, state=DELETED, delete_reason=reason, end_time=time)
    assert_never(event)


def _candidates(task: UserTask, command: ChangeCandidates) -> list[TaskEvent]:
    users = _edited(task.candidate_users, command.add_users, command.remove_users)
    groups = _edited(task.candidate_groups, command.add_groups, command.remove_groups)
    if users == task.candidate_users and groups == task.candidate_groups:
        return []
    return [CandidatesChanged(command.add_users, command.remove_users, command.add_groups, command.remove_groups)]


def _edited(names: tuple[str, ...], add: tuple[str, ...], remove: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted((set(names) | set(add)) - set(remove)))
