"""What outside engines post, `{"id", "type", "time", "subject", "data"}`, as commands of our own domain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

from pydantic import ValidationError

from domain.aggregates.accumulate import Said
from domain.aggregates.command import Outcome, RecordOutcome
from domain.aggregates.data_entry import (
    AnonymiseEntry,
    Authorization,
    DataEntry,
    DeleteEntry,
    EntryState,
    LogLine,
    SaveEntry,
    entry_key,
)
from domain.aggregates.process_definition import ProcessDefinition, RegisterDefinition, RemoveDefinition
from domain.aggregates.process_instance import InstanceState, MoveInstance, ProcessInstance, StartInstance
from domain.aggregates.process_variable import RemoveVariable, SetVariable, variable_of
from domain.aggregates.task import (
    CHANGEABLE,
    AssignTask,
    ChangeCandidates,
    ChangeTask,
    CompleteTask,
    CreateTask,
    DeleteTask,
    UserTask,
)
from domain.errors import InvalidValue, MalformedMessage, Permanent, UnknownEventType
from domain.identity import Key
from domain.values import check
from domain.wire import dump
from engines.formats.record_data import (
    Access,
    Anonymised,
    Answered,
    Assigned,
    Attributes,
    Candidates,
    Correlation,
    Created,
    Definition,
    Deleted,
    EntryName,
    Line,
    Model,
    People,
    Reason,
    Record,
    Saved,
    Started,
    Variable,
)

Data = TypeVar("Data", bound=Model)


def read(application: str, record: Any) -> list[Said]:
    """The commands a record stands for; raises `MalformedMessage` naming the field, or `UnknownEventType`."""
    found = _model(Record, record, "")
    reader = READERS.get(found.type)
    if reader is None:
        raise UnknownEventType(f"type: {found.type[:80]!r} is not known")
    _plain(record)
    aggregate = found.type.partition(".")[0]
    key = Key(application, aggregate, _entry(found) if aggregate == "data_entry" else _subject(found))
    return [(key, command) for command in reader(key, found)]


def validate(record: Any) -> str | None:
    """What is wrong with a record, None when `read` will take it."""
    try:
        read("any", record)
    except Permanent as error:
        return str(error)
    return None


def _subject(record: Record) -> str:
    if record.subject is None:
        raise MalformedMessage("subject: Field required")
    return record.subject


def _entry(record: Record) -> str:
    """Entries are named by what is in them."""
    named = _model(EntryName, record.data)
    return entry_key(named.entry_type, named.entry_id)


def _created(key: Key, record: Record) -> list[Any]:
    data = _model(Created, record.data)
    values = vars(data) | {
        "correlations": _correlations(key, data.correlations),
        "assignee": data.assignee or None,
        "create_time": data.create_time or record.time,
    }
    return [CreateTask(UserTask(engine_task_id=key.id, application=key.application, **values))]


def _changed(key: Key, record: Record) -> list[Any]:
    data = _model(Attributes, record.data)
    changes = {name: getattr(data, name) for name in CHANGEABLE if name in data.model_fields_set}
    if "correlations" in changes:
        changes["correlations"] = _correlations(key, data.correlations)
    return [ChangeTask(changes)] if changes else []


def _registered(key: Key, record: Record) -> list[Any]:
    data = _model(Definition, record.data)
    return [RegisterDefinition(ProcessDefinition(key.id, key.application, **vars(data)))]


def _started(key: Key, record: Record) -> list[Any]:
    data = _model(Started, record.data)
    return [StartInstance(ProcessInstance(key.id, key.application, start_time=record.time, **vars(data)))]


def _entry_saved(key: Key, record: Record) -> list[Any]:
    data = _model(Saved, record.data)
    entry = DataEntry(
        *(data.entry_type, data.entry_id, key.application, data.type or data.entry_type, data.name or data.entry_id),
        description=data.description,
        payload=data.payload,
        correlations=_correlations(key, data.correlations),
        state=dump(EntryState(data.state.processing_type, data.state.state)),
        form_key=data.form_key,
        form_url=data.form_url,
        tenant_id=data.tenant_id,
    )
    given = Authorization(data.authorized_users, data.authorized_groups)
    return [SaveEntry(entry, _line(data.log, record), (given, *map(_authorization, data.authorizations)))]


def _entry_deleted(_key: Key, record: Record) -> list[Any]:
    return [DeleteEntry(_line(_model(Deleted, record.data).log, record), record.time)]


def _entry_anonymised(_key: Key, record: Record) -> list[Any]:
    data = _model(Anonymised, record.data)
    return [AnonymiseEntry(data.username, data.replacement, _line(data.log, record))]


def _line(log: Line, record: Record) -> LogLine:
    return LogLine(log.user, log.message, log.details, log.time or record.time)


def _authorization(access: Access) -> Authorization:
    add, remove = access.add or People(), access.remove or People()
    return Authorization(add.users, add.groups, remove.users, remove.groups)


def _variable_set(key: Key, record: Record) -> list[Any]:
    data = _model(Variable, record.data)
    if "value" not in data.model_fields_set:
        raise MalformedMessage("data.value: Field required")
    return [SetVariable(variable_of(key.application, data.process_instance_id, data.name, data.value, key.id))]


def _answered(key: Key, record: Record) -> list[Any]:
    data = _model(Answered, record.data)
    return [RecordOutcome(Outcome(key.id, key.application, data.status, problem=data.problem))]


def _moved(state: InstanceState) -> Reader:
    def read_move(_key: Key, record: Record) -> list[Any]:
        return [MoveInstance(state, record.time, _model(Reason, record.data).reason)]

    return read_move


Reader: TypeAlias = Callable[[Key, Record], list[Any]]
READERS: dict[str, Reader] = {
    "task.created": _created,
    "task.assigned": lambda _key, record: [AssignTask(_model(Assigned, record.data).assignee or None)],
    "task.attributes_changed": _changed,
    "task.candidates_changed": lambda _key, record: [ChangeCandidates(**vars(_model(Candidates, record.data)))],
    "task.completed": lambda _key, record: [CompleteTask(time=record.time)],
    "task.deleted": lambda _key, record: [DeleteTask(_model(Reason, record.data).reason, record.time)],
    "process_definition.registered": _registered,
    "process_definition.removed": lambda _key, _record: [RemoveDefinition()],
    "process_instance.started": _started,
    "process_instance.suspended": _moved("SUSPENDED"),
    "process_instance.resumed": _moved("RUNNING"),
    "process_instance.ended": _moved("FINISHED"),
    "process_instance.cancelled": _moved("CANCELLED"),
    "data_entry.saved": _entry_saved,
    "data_entry.deleted": _entry_deleted,
    "data_entry.anonymised": _entry_anonymised,
    "process_variable.set": _variable_set,
    "process_variable.removed": lambda _key, record: [RemoveVariable(record.time)],
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


def _correlations(key: Key, found: tuple[Correlation, ...]) -> tuple[dict[str, Any], ...]:
    return tuple(
        {"application": inner.application or key.application, "entryType": inner.entry_type, "entryId": inner.entry_id}
        for inner in found
    )
