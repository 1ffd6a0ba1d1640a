"""What requests look like; the OpenAPI page is made from these."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from flask_openapi3.models import RawModel
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from domain.identity import APPLICATION_NAME

Application = Annotated[str, Field(pattern=f"^{APPLICATION_NAME}$", max_length=63)]
Wait = Annotated[float, Field(ge=0, allow_inf_nan=False)]


# Said in the document and judged later: what is wrong with these is a 422 that names the field.
OBJECT: dict[str, Any] = {"anyOf": [{"type": "object"}, {"type": "null"}]}
NO_NUL = r"^[^\x00]*$"
TIME: dict[str, Any] = {"type": "string", "format": "date-time"}
_TIME_OR_NONE: dict[str, Any] = {"anyOf": [TIME, {"type": "null"}]}


_FILTER: dict[str, Any] = {
    "anyOf": [{"type": "string"}, {"type": "object"}, {"type": "array"}, {"type": "null"}],
}
Color = Literal["gray", "red", "orange", "yellow", "green", "blue", "purple"]
Scope = Literal["visible", "mine", "group", "unassigned", "completed", "involved"]


class Strict(BaseModel):
    """Bodies: a misspelt member is an error, not silence."""

    model_config = ConfigDict(extra="forbid")


class Asked(BaseModel):
    """Parameters of a URL. Their schema is looked at in every request, and making it costs more than all the rest."""

    @classmethod
    def model_json_schema(cls, *args: Any, **options: Any) -> dict[str, Any]:
        """Made once, as long as nothing is said about how."""
        return super().model_json_schema(*args, **options) if args or options else _schema_of(cls)


@cache
def _schema_of(model: type[Asked]) -> dict[str, Any]:
    return super(Asked, model).model_json_schema()


class TaskPath(BaseModel):
    """A task's opaque id."""

    task_id: str = Field(max_length=200)


class CommandPath(BaseModel):
    """A command's opaque id."""

    command_id: str = Field(max_length=200)


class InstancePath(BaseModel):
    """A process instance's opaque id, or its engine's own."""

    instance_id: str = Field(max_length=500)


class ApplicationPath(BaseModel):
    """The name of a process application."""

    application: Application


class DefinitionPath(ApplicationPath):
    """A process of an application."""

    key: str = Field(max_length=500)


class ListQuery(Asked):
    """Which tasks: scope and filters, all of which must hold."""

    scope: Scope = "visible"
    filter: list[str] = Field(
        default_factory=list,
        max_length=50,
        description="`task.priority >= 50`, `data.state.state = Submitted`, `customer.city in (Bonn, Rom)`",
    )
    q: str = Field("", max_length=1000, description="every word begins a word of the task or of an entry it is about")
    deferred: Literal["hide", "show", "only"] = "hide"


class PageQuery(ListQuery):
    """Which tasks, in which order, which page of them."""

    sort: str | None = Field(None, description="`-priority,dueDate`, also by a value, `payload.customer.city`")
    page: int = 0
    size: int = 50
    after: str | None = Field(None, max_length=20_000, description="the `next` of a previous page")
    count: Literal["exact"] | None = None
    expand: Literal["dataEntries"] | None = None


class SearchBody(Strict):
    """The same as the parameters of the list; filters may also be groups of filters."""

    scope: Scope = "visible"
    filter: Any = Field(
        None,
        description="a text as in the list, `{field, op, value}`, `{and: […]}`, `{or: […]}`, `{not: …}`, or several",
        json_schema_extra=_FILTER,
    )
    q: str = Field("", max_length=1000)
    deferred: Literal["hide", "show", "only"] = "hide"
    sort: str | None = None
    page: int = Field(0, strict=True)
    size: int = Field(50, strict=True)
    after: str | None = Field(None, max_length=20_000)
    count: Literal["exact"] | None = None
    expand: Literal["dataEntries"] | None = None


class AttributeQuery(ListQuery):
    """Of which tasks."""

    begins: str = Field("", max_length=200, description="how the values begin, whatever the case")


class AttributePath(BaseModel):
    """What one can filter by, as filters name it."""

    name: str = Field(max_length=500)


class CountsQuery(ListQuery):
    """Which tasks to count, and by the values of which fields."""

    facet: str | None = Field(
        None,
        max_length=200,
        description="any of `application,processName,assignee,priority,taskDefinitionKey,candidateGroups`; of groups"
        " one's own, operators all",
    )


class ChangesQuery(ListQuery):
    """A list and a position; `wait` is in seconds, at most 60."""

    cursor: str = Field(max_length=200)
    wait: Wait = 25


class PositionQuery(BaseModel):
    """A position in what was searched for; `wait` is in seconds, at most 60."""

    cursor: str = Field(max_length=200)
    wait: Wait = 25


class StreamQuery(ListQuery):
    """A list and a position; without one the stream starts now."""

    cursor: str | None = Field(None, max_length=200)


class CompleteBody(Strict):
    """What to complete the task with."""

    variables: Any = Field(None, description="variable name to value", json_schema_extra=OBJECT)


class AssignBody(Strict):
    """Whom to give the task; null: nobody."""

    assignee: str | None


class PeopleQuery(Asked):
    """Which people."""

    q: str = Field("", max_length=200, description="a part of the name, whatever the case")


Said: TypeAlias = Annotated[str, Field(min_length=1, max_length=10_000, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]


class CommentBody(Strict):
    """What to say about the task."""

    text: Said


class CommentPath(TaskPath):
    """A comment on a task."""

    comment_id: str = Field(max_length=200)


class DraftBody(Strict):
    """What has been filled in so far."""

    variables: Any = Field(None, description="variable name to value", json_schema_extra=OBJECT)


class FilterBody(Strict):
    """A question to keep: parameters of the list by their names, and the groups that see it, too."""

    name: str = Field(min_length=1, max_length=100, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")
    query: SearchBody
    groups: list[Annotated[str, Field(max_length=200)]] = Field(default_factory=list, max_length=20)
    position: int = Field(default=0, ge=0, le=10_000, strict=True)
    """Where it stands among the others: by position, then by name."""
    description: str | None = Field(None, max_length=500, pattern=NO_NUL, description="absent: as it is")
    color: Color | None = Field(None, description="absent: as it is")


class FiltersQuery(BaseModel):
    """Whether to count what the kept questions find now."""

    counts: bool = False


class FilterPath(BaseModel):
    """A saved filter's id."""

    filter_id: str = Field(max_length=200)


class DeferBody(Strict):
    """Until when to hide the task."""

    follow_up_date: Any = Field(alias="followUpDate", description="ISO-8601", json_schema_extra=TIME)


Priority = Annotated[int, Field(strict=True, ge=-(2**31), lt=2**31)]


Tenant: TypeAlias = (
    Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=NO_NUL)] | None
)
Groups: TypeAlias = list[Annotated[str, Field(min_length=1, max_length=200, pattern=NO_NUL)]] | None


class ChangeBody(Strict):
    """What to change of the task: what is absent stays, null takes away."""

    priority: Priority | None = None
    due_date: Any = Field(None, alias="dueDate", description="ISO-8601", json_schema_extra=_TIME_OR_NONE)
    candidate_groups: Groups = Field(None, alias="candidateGroups", description="to whom it is offered instead")


class BulkBody(Strict):
    """What to do with which tasks, and with what, as for one."""

    action: Literal["claim", "unclaim", "assign", "complete", "defer", "undefer", "change", "comment"]
    ids: list[Annotated[str, Field(max_length=200)]] = Field(min_length=1, max_length=500)
    variables: Any = Field(None, description="variable name to value", json_schema_extra=OBJECT)
    assignee: str | None = None
    follow_up_date: Any = Field(None, alias="followUpDate", description="ISO-8601", json_schema_extra=_TIME_OR_NONE)
    priority: Priority | None = None
    due_date: Any = Field(None, alias="dueDate", description="ISO-8601", json_schema_extra=_TIME_OR_NONE)
    candidate_groups: Groups = Field(None, alias="candidateGroups", description="to whom they are offered instead")
    text: Said | None = Field(None, description="what to say about each")


class StartBody(Strict):
    """What to start the process with."""

    variables: Any = Field(None, description="variable name to value", json_schema_extra=OBJECT)
    business_key: str | None = Field(None, alias="businessKey", max_length=1000, pattern=NO_NUL)
    tenant_id: Tenant = Field(
        None, alias="tenantId", description="of the asker's, whose the instance of a shared process is"
    )


class BpmnBody(RawModel):
    """A BPMN document, read as it says itself how it is encoded."""

    mimetypes: ClassVar[list[str]] = ["application/xml", "application/json", "application/octet-stream"]  # type: ignore[misc]


class DeployQuery(Asked):
    """How to deploy."""

    strict: bool = Field(False, description="refuse what is otherwise only warned of")
    tenant_id: Tenant = Field(None, alias="tenantId", description="whose the processes are, for good")


class EngineEventsBody(Strict):
    """A batch of records of an outside engine."""

    application: Application
    format: Literal["taskpool"]
    records: list[Any] = Field(max_length=10_000)


class SliceQuery(Asked):
    """Which page."""

    page: int = 0
    size: int = 50


class FilteredQuery(SliceQuery):
    """A list in the same grammar as the list of tasks."""

    filter: list[str] = Field(default_factory=list, max_length=50, description="all must hold")
    q: str = Field("", max_length=1000, description="every word begins a word of it")
    sort: str | None = None
    after: str | None = Field(None, max_length=20_000, description="the `next` of a previous page")
    count: Literal["exact"] | None = None


class InstanceQuery(FilteredQuery):
    """Which process instances; filters as `instance.processName = Approval`."""

    state: Literal["RUNNING", "SUSPENDED", "FINISHED", "CANCELLED"] | None = None
    application: Application | None = None
    business_key: str | None = Field(None, alias="businessKey")


class EntryQuery(FilteredQuery):
    """Which data entries; filters as `data.state.state = Submitted` or `customer.city = Bonn`."""

    application: Application | None = None
    entry_type: str | None = Field(None, alias="entryType", max_length=100)
    entry_id: str | None = Field(None, alias="entryId", max_length=250)


class EntryPath(BaseModel):
    """A data entry's opaque id."""

    entry_id: str = Field(max_length=200)
