"""Camunda 7's external tasks over REST: what workers send and are answered, by the names that their clients use."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel
from pydantic.alias_generators import to_camel

from webapp.api.schemas import Asked

DAY_MS = 24 * 3600 * 1000
LONGEST_LOCK_MS = 7 * DAY_MS
LONGEST_PAUSE_MS = 365 * DAY_MS
LONGEST_POLL_MS = 1_800_000

WorkerId = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\x00]*$")]
Topic = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\x00]*$")]
Text = Annotated[str, Field(max_length=1000, pattern=r"^[^\x00]*$")]
LockMs = Annotated[int, Field(ge=1, le=LONGEST_LOCK_MS)]
Texts = Annotated[list[Text], Field(max_length=200)]
Retries = Annotated[int, Field(ge=0, le=2**31 - 1)]
Variables = Annotated[dict[str, Any] | None, Field(description="variable name to `{value, type, valueInfo}`")]


class Camel(BaseModel):
    """Members in camel case; what is not known is an error, not silence."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", strict=True)


class TaskIdPath(BaseModel):
    """An external task's id."""

    task_id: str = Field(max_length=200, pattern=r"^[^\x00]*$")


class FetchTopic(Camel):
    """What a worker does, for how long it takes a task, and which of its variables it wants: all unless they are named.

    Work is of no tenant: what asks for one gets nothing.
    """

    topic_name: Topic
    lock_duration: LockMs
    variables: Texts | None = None
    local_variables: bool = False
    deserialize_values: bool = False
    process_definition_id: Text | None = None
    process_definition_id_in: Texts | None = None
    process_definition_key: Text | None = None
    process_definition_key_in: Texts | None = None
    business_key: Text | None = None
    process_variables: dict[str, Any] | None = None
    tenant_id_in: Texts | None = None
    without_tenant_id: bool = False


class Sorting(Camel):
    """The only order there is beside the priority."""

    sort_by: Literal["createTime"]
    sort_order: Literal["asc", "desc"]


class FetchBody(Camel):
    """What a worker would do, how many at once, and how many milliseconds it waits for the first."""

    worker_id: WorkerId
    max_tasks: int = Field(ge=0, le=2**31 - 1)
    use_priority: bool = False
    async_response_timeout: int | None = Field(None, ge=0, le=LONGEST_POLL_MS)
    sorting: list[Sorting] | None = Field(None, max_length=1)
    topics: list[FetchTopic] = Field(default_factory=list, max_length=100)


class CompleteTaskBody(Camel):
    """What the task ends with."""

    worker_id: WorkerId
    variables: Variables = None
    local_variables: Variables = None


class FailureBody(Camel):
    """What went wrong, how many tries are left, and the milliseconds before the next."""

    worker_id: WorkerId
    error_message: str | None = None
    error_details: str | None = None
    retries: Retries = 0
    retry_timeout: int = Field(0, ge=0, le=LONGEST_PAUSE_MS)
    variables: Variables = None
    local_variables: Variables = None


class BpmnErrorBody(Camel):
    """An error of the business, which the process may catch."""

    worker_id: WorkerId
    error_code: Text = Field(min_length=1)
    error_message: str | None = None
    variables: Variables = None


class ExtendLockBody(Camel):
    """For how many milliseconds from now."""

    worker_id: WorkerId
    new_duration: LockMs


class LockBody(Camel):
    """Who takes the task, for how many milliseconds."""

    worker_id: WorkerId
    lock_duration: LockMs


class RetriesBody(Camel):
    """How many tries are left; with none there is an incident."""

    retries: Retries


class ExternalTaskFilter(Asked):
    """Which external tasks; all must hold."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")

    topic_name: Topic | None = None
    worker_id: WorkerId | None = None
    activity_id: Text | None = None
    process_instance_id: Text | None = None
    process_definition_id: Text | None = None
    locked: bool = False
    not_locked: bool = False
    with_retries_left: bool = False
    no_retries_left: bool = False


class ExternalTaskQuery(ExternalTaskFilter):
    """Which external tasks, and which part of them, the oldest first."""

    first_result: int = Field(0, ge=0, le=10_000)
    max_results: int = Field(100, ge=0, le=1000)


class CamundaProblem(BaseModel):
    """What went wrong, as clients of Camunda read it."""

    type: str
    message: str


class TypedValue(BaseModel):
    """A variable with its type; what is an object or a list comes as `Json`, a text."""

    type: str
    value: Any
    valueInfo: dict[str, Any]  # noqa: N815 - on the wire


class ExternalTask(BaseModel):
    """An external task; times as `2026-01-31T12:00:00.000+0000`."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    id: str
    activity_id: str
    activity_instance_id: str
    error_message: str | None
    execution_id: str
    lock_expiration_time: str | None
    process_definition_id: str
    process_definition_key: str
    process_definition_version_tag: str | None
    process_instance_id: str
    retries: int | None
    suspended: bool
    worker_id: str | None
    topic_name: str
    tenant_id: str | None
    priority: int
    business_key: str | None
    create_time: str


class LockedTask(ExternalTask):
    """One that a worker has now."""

    error_details: str | None
    variables: dict[str, TypedValue]


class LockedTasks(RootModel[list[LockedTask]]):
    """What the worker has now; empty when nothing came in time."""


class ExternalTasks(RootModel[list[ExternalTask]]):
    """Some external tasks."""


class Count(BaseModel):
    """How many there are."""

    count: int
