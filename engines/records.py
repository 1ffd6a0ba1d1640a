"""What outside engines post, `{"id", "type", "time", "subject", "data"}`, as commands of our own domain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from domain.accumulate import Said
from domain.definition import ProcessDefinition, RegisterDefinition, RemoveDefinition
from domain.errors import InvalidValue, MalformedMessage, Permanent, UnknownEventType
from domain.identity import Key
from domain.instance import (
    CANCELLED,
    FINISHED,
    RUNNING,
    SUSPENDED,
    InstanceState,
    MoveInstance,
    ProcessInstance,
    StartInstance,
)
from domain.outcome import Outcome, RecordOutcome
from domain.task import (
    CHANGEABLE,
    AssignTask,
    ChangeCandidates,
    ChangeTask,
    CompleteTask,
    CreateTask,
    DeleteTask,
    UserTask,
)
from domain.values import check, iso, parse_time

_MAX_ID = 500


def _time(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise ValueError("must be an ISO-8601 time")  # noqa: TRY004 - pydantic turns only ValueError into a message
    try:
        return iso(parse_time(value))
    except (ValueError, OverflowError):
        raise ValueError(f"{value[:60]!r} is not an ISO-8601 time") from None


def _names(value: Any) -> Any:
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        return sorted({name.strip() for name in value if name.strip()})
    return () if value is None else value


def _empty(kind: Callable[[], Any]) -> BeforeValidator:
    return BeforeValidator(lambda value: kind() if value is None else value)


Id: TypeAlias = Annotated[str, Field(min_length=1, max_length=_MAX_ID)]
Text: TypeAlias = str | None
Moment: TypeAlias = Annotated[str | None, BeforeValidator(_time)]
Names: TypeAlias = Annotated[tuple[str, ...], BeforeValidator(_names)]
Payload: TypeAlias = Annotated[dict[str, Any], _empty(dict)]
Fields: TypeAlias = Annotated[tuple[dict[str, Any], ...], _empty(tuple)]
Whole: TypeAlias = Annotated[int, Field(ge=-(2**31), lt=2**31)] | None


class _Model(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, coerce_numbers_to_str=True, extra="ignore", frozen=True)


class _Correlation(_Model):
    application: Text = None
    entry_type: Id
    entry_id: Id


Correlations: TypeAlias = Annotated[tuple[_Correlation, ...], _empty(tuple)]


class _Record(_Model):
    id: Id
    type: str
    time: Annotated[str, BeforeValidator(_time)]
    subject: Id
    data: Payload = Field(default_factory=dict)


class _Attributes(_Model):
    name: Text = None
    description: Text = None
    priority: Whole = None
    due_date: Moment = None
    follow_up_date: Moment = None
    owner: Text = None
    form_key: Text = None
    form_url: Text = None
    business_key: Text = None
    payload: Payload = Field(default_factory=dict)
    correlations: Correlations = ()


class _Created(_Attributes):
    task_definition_key: Text = None
    process_definition_key: Text = None
    process_definition_id: Text = None
    process_name: Text = None
    process_instance_id: Text = None
    form_fields: Fields = ()
    assignee: Text = None
    candidate_users: Names = ()
    candidate_groups: Names = ()
    create_time: Moment = None
    tenant_id: Text = None
    interaction: Annotated[Literal["local", "engine"], _empty(lambda: "local")] = "local"


class _Assigned(_Model):
    assignee: Text


class _Candidates(_Model):
    add_users: Names = ()
    remove_users: Names = ()
    add_groups: Names = ()
    remove_groups: Names = ()


class _Reason(_Model):
    reason: Text = None


class _Definition(_Model):
    key: Id
    version: Annotated[int, _empty(lambda: 1), Field(ge=0)] = 1
    name: Text = None
    description: Text = None
    version_tag: Text = None
    form_key: Text = None
    form_url: Text = None
    form_fields: Fields = ()
    startable: Annotated[bool, _empty(lambda: True)] = True
    candidate_starter_users: Names = ()
    candidate_starter_groups: Names = ()


class _Started(_Model):
    process_definition_key: Text = None
    process_definition_id: Text = None
    process_name: Text = None
    business_key: Text = None
    start_user: Text = None
    super_instance_id: Text = None


class _Answered(_Model):
    status: Literal["accepted", "rejected", "failed", "expired"]
    problem: dict[str, Any] | None = None


Data = TypeVar("Data", bound=_Model)


def read(application: str, record: Any) -> list[Said]:
    """The commands a record stands for; raises `MalformedMessage` naming the field, or `UnknownEventType`."""
    found = _model(_Record, record, "")
    reader = _READERS.get(found.type)
    if reader is None:
        later = found.type.startswith(("data_entry.", "process_variable."))
        raise UnknownEventType(f"type: {found.type[:80]!r} is not {'supported yet' if later else 'known'}")
    _plain(record)
    key = Key(application, found.type.partition(".")[0], found.subject)
    return [(key, command) for command in reader(key, found)]


def validate(record: Any) -> str | None:
    """What is wrong with a record, None when `read` will take it."""
    try:
        read("any", record)
    except Permanent as error:
        return str(error)
    return None


def _created(key: Key, record: _Record) -> list[Any]:
    data = _model(_Created, record.data)
    values = dict(data) | {"correlations": _correlations(key, data.correlations)}
    values["assignee"] = data.assignee or None
    values["create_time"] = data.create_time or record.time
    return [CreateTask(UserTask(engine_task_id=key.id, application=key.application, **values))]


def _changed(key: Key, record: _Record) -> list[Any]:
    data = _model(_Attributes, record.data)
    changes = {name: getattr(data, name) for name in CHANGEABLE if name in data.model_fields_set}
    if "correlations" in changes:
        changes["correlations"] = _correlations(key, data.correlations)
    return [ChangeTask(changes)] if changes else []


def _registered(key: Key, record: _Record) -> list[Any]:
    data = _model(_Definition, record.data)
    return [RegisterDefinition(ProcessDefinition(key.id, key.application, **dict(data)))]


def _started(key: Key, record: _Record) -> list[Any]:
    data = _model(_Started, record.data)
    return [StartInstance(ProcessInstance(key.id, key.application, start_time=record.time, **dict(data)))]


def _answered(key: Key, record: _Record) -> list[Any]:
    data = _model(_Answered, record.data)
    return [RecordOutcome(Outcome(key.id, key.application, data.status, problem=data.problem))]


def _moved(state: InstanceState) -> Reader:
    def read_move(_key: Key, record: _Record) -> list[Any]:
        return [MoveInstance(state, record.time, _model(_Reason, record.data).reason)]

    return read_move


Reader: TypeAlias = Callable[[Key, _Record], list[Any]]
_READERS: Mapping[str, Reader] = {
    "task.created": _created,
    "task.assigned": lambda _key, record: [AssignTask(_model(_Assigned, record.data).assignee or None)],
    "task.attributes_changed": _changed,
    "task.candidates_changed": lambda _key, record: [ChangeCandidates(**dict(_model(_Candidates, record.data)))],
    "task.completed": lambda _key, record: [CompleteTask(time=record.time)],
    "task.deleted": lambda _key, record: [DeleteTask(_model(_Reason, record.data).reason, record.time)],
    "process_definition.registered": _registered,
    "process_definition.removed": lambda _key, _record: [RemoveDefinition()],
    "process_instance.started": _started,
    "process_instance.suspended": _moved(SUSPENDED),
    "process_instance.resumed": _moved(RUNNING),
    "process_instance.ended": _moved(FINISHED),
    "process_instance.cancelled": _moved(CANCELLED),
    "command.outcome": _answered,
}


def _model(kind: type[Data], data: Any, where: str = "data.") -> Data:
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        field = where + ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise MalformedMessage(f"{field.rstrip('.') or 'record'}: {message}") from error


def _plain(record: Any) -> None:
    try:
        check(record, "record")
    except InvalidValue as error:
        raise MalformedMessage(str(error)) from error


def _correlations(key: Key, found: tuple[_Correlation, ...]) -> tuple[dict[str, Any], ...]:
    return tuple(
        {"application": inner.application or key.application, "entryType": inner.entry_type, "entryId": inner.entry_id}
        for inner in found
    )
