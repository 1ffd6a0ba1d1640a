"""The shapes of the `data` of records from outside engines: types, times and lists checked and normalised."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from domain.aggregates.data_entry import MAX_ID, MAX_TYPE, UNDEFINED, ProcessingType
from domain.identity import APPLICATION_NAME
from domain.requests.patterns import compiled
from domain.values import is_address, iso, parse_time

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


def _name(value: Any) -> Any:
    """Trimmed; an empty name is nobody's."""
    return (value.strip() or None) if isinstance(value, str) else value


def _address(value: Any) -> Any:
    """A page that a person may be sent to: http, https, or a path of this server."""
    if not isinstance(value, str) or not value.strip():
        return None if value is None or isinstance(value, str) else value
    text = value.strip()
    if is_address(text):
        return text
    raise ValueError("must be an http or https address, or a path that begins with one slash")


def _pattern(value: str | None) -> str | None:
    if value is not None and compiled(value) is None:
        raise ValueError("is no regular expression, or one that may take too long")
    return value


def _empty(kind: Callable[[], Any]) -> BeforeValidator:
    return BeforeValidator(lambda value: kind() if value is None else value)


Id: TypeAlias = Annotated[str, Field(min_length=1, max_length=_MAX_ID, pattern=r"^[^\x00]+$")]
"""Kept in a column of its own, where PostgreSQL takes no NUL."""
Text: TypeAlias = str | None
Moment: TypeAlias = Annotated[str | None, BeforeValidator(_time)]
Names: TypeAlias = Annotated[tuple[str, ...], BeforeValidator(_names)]
Title: TypeAlias = Annotated[str, Field(max_length=500)] | None
Prose: TypeAlias = Annotated[str, Field(max_length=10_000)] | None
Name: TypeAlias = Annotated[str | None, BeforeValidator(_name)]
Address: TypeAlias = Annotated[str | None, BeforeValidator(_address)]
Application: TypeAlias = Annotated[str, Field(pattern=f"^{APPLICATION_NAME}$")] | None
Payload: TypeAlias = Annotated[dict[str, Any], _empty(dict)]
Whole: TypeAlias = Annotated[int, Field(ge=-(2**31), lt=2**31)] | None


class Model(BaseModel):
    """CamelCase on the wire; unknown members are ignored, numbers are accepted as ids."""

    model_config = ConfigDict(alias_generator=to_camel, coerce_numbers_to_str=True, extra="ignore", frozen=True)


class Correlation(Model):
    """A data entry the task is about."""

    application: Application = None
    entry_type: Id
    entry_id: Id


class Choice(Model):
    """One value a form field may have."""

    id: Text = None
    name: Text = None


Number: TypeAlias = (
    Annotated[int, Field(strict=True)] | Annotated[float, Field(strict=True, allow_inf_nan=False)] | None
)
Length: TypeAlias = Annotated[int, Field(strict=True, ge=0)] | None


class Constraints(Model):
    """What the value of a form field must keep to."""

    model_config = ConfigDict(alias_generator=None)

    readonly: bool = False
    min: Number = None
    max: Number = None
    minlength: Length = None
    maxlength: Length = None
    pattern: Annotated[str | None, AfterValidator(_pattern)] = None


class FormField(Model):
    """A field of a form, as `domain.requests.forms` judges by it and the page shows it."""

    id: Id
    label: Text = None
    type: Annotated[str, _empty(lambda: "string")] = "string"
    default: Any = None
    required: Annotated[bool, _empty(lambda: False)] = False
    values: Annotated[tuple[Choice, ...], _empty(tuple)] = ()
    constraints: Annotated[Constraints, _empty(dict)] = Constraints()


def _plain_fields(value: tuple[FormField, ...]) -> tuple[dict[str, Any], ...]:
    return tuple({**field.model_dump(mode="json"), "constraints": _said(field.constraints)} for field in value)


def _said(constraints: Constraints) -> dict[str, Any]:
    return constraints.model_dump(mode="json", exclude_defaults=True)


Fields: TypeAlias = Annotated[Annotated[tuple[FormField, ...], _empty(tuple)], AfterValidator(_plain_fields)]
Correlations: TypeAlias = Annotated[tuple[Correlation, ...], _empty(tuple)]


class Record(Model):
    """The envelope every record has."""

    id: Id
    type: str
    time: Annotated[str, BeforeValidator(_time)]
    subject: Id | None = None
    data: Payload = Field(default_factory=dict)


class Attributes(Model):
    """What `task.attributes_changed` may change; `model_fields_set` tells absent from null."""

    name: Title = None
    description: Prose = None
    priority: Whole = None
    due_date: Moment = None
    follow_up_date: Moment = None
    owner: Name = None
    form_key: Text = None
    form_url: Address = None
    business_key: Text = None
    payload: Payload = Field(default_factory=dict)
    correlations: Correlations = ()
    excluded_users: Names = ()
    suspended: Annotated[bool, _empty(lambda: False)] = False
    delegation_state: Literal["PENDING", "RESOLVED"] | None = None


class Created(Attributes):
    """A task as its engine made it."""

    task_definition_key: Text = None
    process_definition_key: Text = None
    process_definition_id: Text = None
    process_name: Text = None
    process_instance_id: Text = None
    form_fields: Fields = ()
    assignee: Name = None
    candidate_users: Names = ()
    candidate_groups: Names = ()
    create_time: Moment = None
    tenant_id: Name = None
    parent_task_id: Text = None
    interaction: Annotated[Literal["local", "engine"], _empty(lambda: "local")] = "local"


class Assigned(Model):
    """Who has the task now."""

    assignee: Name


class Candidates(Model):
    """Whom the task is offered to, by difference."""

    add_users: Names = ()
    remove_users: Names = ()
    add_groups: Names = ()
    remove_groups: Names = ()


class Reason(Model):
    """Why something ended."""

    reason: Text = None


class Definition(Model):
    """A process definition."""

    key: Id
    version: Annotated[int, _empty(lambda: 1), Field(ge=0)] = 1
    name: Text = None
    description: Text = None
    version_tag: Text = None
    form_key: Text = None
    form_url: Address = None
    form_fields: Fields = ()
    startable: Annotated[bool, _empty(lambda: True)] = True
    candidate_starter_users: Names = ()
    candidate_starter_groups: Names = ()
    tenant_id: Name = None


class Started(Model):
    """A process instance."""

    process_definition_key: Text = None
    process_definition_id: Text = None
    process_name: Text = None
    business_key: Text = None
    start_user: Text = None
    super_instance_id: Text = None
    tenant_id: Name = None


class Variable(Model):
    """A value of a process instance; null is a value."""

    process_instance_id: Id
    name: Id
    value: Any = None


class EntryName(Model):
    """Which data entry a record is about."""

    entry_type: Annotated[str, Field(min_length=1, max_length=MAX_TYPE, pattern=r"^[^\x00]+$")]
    entry_id: Annotated[str, Field(min_length=1, max_length=MAX_ID, pattern=r"^[^\x00]+$")]


class Line(Model):
    """A line of its log."""

    user: Name = None
    message: Prose = None
    details: Prose = None
    time: Moment = None


class Progress(Model):
    """How far the work on it is."""

    processing_type: Annotated[ProcessingType, _empty(lambda: UNDEFINED)] = UNDEFINED
    state: Title = None


class People(Model):
    """Users and groups."""

    users: Names = ()
    groups: Names = ()


class Access(Model):
    """People who may see it from now on, or no longer."""

    add: People | None = None
    remove: People | None = None


class Deleted(EntryName):
    """An entry that is gone."""

    log: Annotated[Line, _empty(Line)] = Line()


class Anonymised(Deleted):
    """Somebody who is to be called otherwise."""

    username: Id
    replacement: Id


class Saved(Deleted):
    """An entry as its application has it."""

    type: Title = None
    name: Title = None
    description: Prose = None
    payload: Payload = Field(default_factory=dict)
    correlations: Correlations = ()
    state: Annotated[Progress, _empty(Progress)] = Progress()
    form_key: Text = None
    form_url: Address = None
    authorized_users: Names = ()
    authorized_groups: Names = ()
    tenant_id: Name = None
    authorizations: Annotated[tuple[Access, ...], _empty(tuple)] = ()


class ForeignProblem(BaseModel):
    """What an engine outside says went wrong; of HTTP statuses it may choose only client errors."""

    model_config = ConfigDict(extra="allow", frozen=True)

    type: Annotated[str, Field(max_length=_MAX_ID)] = "about:blank"
    title: Annotated[str, Field(max_length=_MAX_ID)] = "The engine refused"
    status: Annotated[int, Field(strict=True, ge=400, le=499)] = 409
    detail: Annotated[str, Field(max_length=10_000)] = ""


def _read_problem(value: Any) -> dict[str, Any] | None:
    return None if value is None else ForeignProblem.model_validate(value).model_dump(mode="json")


Problem: TypeAlias = Annotated[dict[str, Any] | None, BeforeValidator(_read_problem)]


class Answered(Model):
    """What became of a command."""

    status: Literal["accepted", "rejected", "failed", "expired"]
    problem: Problem = None
