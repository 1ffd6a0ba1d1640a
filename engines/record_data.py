"""The shapes of the `data` of records from outside engines: types, times and lists checked and normalised."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from domain.values import iso, parse_time

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


class Model(BaseModel):
    """CamelCase on the wire; unknown members are ignored, numbers are accepted as ids."""

    model_config = ConfigDict(alias_generator=to_camel, coerce_numbers_to_str=True, extra="ignore", frozen=True)


class Correlation(Model):
    """A data entry the task is about."""

    application: Text = None
    entry_type: Id
    entry_id: Id


Correlations: TypeAlias = Annotated[tuple[Correlation, ...], _empty(tuple)]


class Record(Model):
    """The envelope every record has."""

    id: Id
    type: str
    time: Annotated[str, BeforeValidator(_time)]
    subject: Id
    data: Payload = Field(default_factory=dict)


class Attributes(Model):
    """What `task.attributes_changed` may change; `model_fields_set` tells absent from null."""

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


class Created(Attributes):
    """A task as its engine made it."""

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


class Assigned(Model):
    """Who has the task now."""

    assignee: Text


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
    form_url: Text = None
    form_fields: Fields = ()
    startable: Annotated[bool, _empty(lambda: True)] = True
    candidate_starter_users: Names = ()
    candidate_starter_groups: Names = ()


class Started(Model):
    """A process instance."""

    process_definition_key: Text = None
    process_definition_id: Text = None
    process_name: Text = None
    business_key: Text = None
    start_user: Text = None
    super_instance_id: Text = None


class Answered(Model):
    """What became of a command."""

    status: Literal["accepted", "rejected", "failed", "expired"]
    problem: dict[str, Any] | None = None
