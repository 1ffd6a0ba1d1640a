"""What answers look like; the OpenAPI document is made from these, and tests hold the answers against them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel
from pydantic.alias_generators import to_camel

Scalars = dict[str, Any]


class Answer(BaseModel):
    """Members in camel case, as all of the API's are."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Me(Answer):
    """Who the asker is."""

    username: str
    groups: list[str]
    roles: list[str]


class InFlight(Answer):
    """A command on its way."""

    command_id: str
    action: str
    user: str


class FormField(Answer):
    """A question of the task's form."""

    model_config = ConfigDict(extra="allow")

    id: str


class FormReference(Answer):
    """A form that is drawn as its modeller drew it; without a version it stands in the model itself."""

    key: str
    version: int | None


class DrawnForm(FormReference):
    """Such a form whole: `schema` is the JSON of form-js, or a JSON Schema."""

    schema_: Scalars = Field(alias="schema")


class Unresolved(Answer):
    """An attribute of the model that could not be made out; told to operators only, with the task itself."""

    attribute: str
    raw: str
    reason: str


class EntryState(Answer):
    """How far the work on a data entry is."""

    processing_type: Literal["PRELIMINARY", "IN_PROGRESS", "COMPLETED", "CANCELLED", "UNDEFINED", "DELETED"]
    state: str | None


class Entry(Answer):
    """A data entry; null: unknown, or none."""

    id: str
    application: str
    entry_type: str
    entry_id: str
    type: str | None
    name: str | None
    description: str | None
    payload: Scalars | None
    payload_omitted: bool
    correlations: list[Scalars]
    state: EntryState
    authorized_users: list[str]
    authorized_groups: list[str]
    form_key: str | None
    form_url: str | None
    revision: int
    tenant_id: str | None


class EntryPage(Answer):
    """A page of data entries."""

    items: list[Entry]
    total: int
    total_is_at_least: bool
    page: int
    size: int
    next: str | None


class EntryLine(Answer):
    """One thing that was done to a data entry."""

    id: str
    type: str
    time: str
    revision: int
    log: Scalars | None
    state: EntryState


class EntryHistory(Answer):
    """What was done, the newest first."""

    items: list[EntryLine]
    page: int
    size: int


class Task(Answer):
    """A task; null: unknown, or none."""

    id: str
    engine_task_id: str
    application: str
    name: str | None
    description: str | None
    task_definition_key: str | None
    process_definition_key: str | None
    process_definition_id: str | None
    process_name: str | None
    process_instance_id: str | None
    business_key: str | None
    form_key: str | None
    form_url: str | None
    state: Literal["open", "completed", "deleted"]
    assignee: str | None
    owner: str | None
    candidate_users: list[str]
    candidate_groups: list[str]
    priority: int | None
    create_time: str | None
    due_date: str | None
    follow_up_date: str | None
    payload: Scalars | None
    payload_omitted: bool
    partly_searched: bool
    correlations: list[Scalars]
    revision: int
    tenant_id: str | None
    parent_task_id: str | None
    delegation_state: Literal["PENDING", "RESOLVED"] | None
    suspended: bool
    excluded_users: list[str]
    form_fields: list[FormField] | None
    form_ref: FormReference | None
    end_time: str | None
    completed_by: str | None
    pending: InFlight | None
    data_entries: list[Entry] | None
    warnings: list[Unresolved] | None


class Begun(Answer):
    """That the asker has filled in something and not sent it."""

    time: str


class OneTask(Task):
    """A task asked for by itself; with a draft there is `GET /tasks/{id}/draft`."""

    draft: Begun | None


class TaskPage(Answer):
    """A page of tasks, and the position from which changes to the list can be followed."""

    items: list[Task]
    total: int
    total_is_at_least: bool
    page: int
    size: int
    next: str | None
    cursor: str


class Total(Answer):
    """A number of tasks, exact up to 10,000."""

    total: int
    total_is_at_least: bool


class FacetCount(Answer):
    """A value of a field, null for none, and how many tasks of the scope have it.

    `isAbout`: they are too many to be counted, and were told by a share of them.
    """

    value: str | int | None
    count: int
    is_about: bool | None = None


class Counts(Answer):
    """How many tasks every scope has, and those of the scope asked for by the values of fields, at most 100 each."""

    scopes: dict[str, Total]
    facets: dict[str, list[FacetCount]]


class Attribute(Answer):
    """Something one can filter by, as filters name it, and the kinds of its values."""

    name: str
    types: list[Literal["text", "number", "boolean", "time", "list"]]


class AttributeList(Answer):
    """What one can filter by: of payloads, what some of the asker's tasks have."""

    items: list[Attribute]


class AttributeValues(Answer):
    """Values that tasks of the asker have, the most frequent first."""

    items: list[Any]


class Person(Answer):
    """Somebody who can sign in."""

    username: str
    groups: list[str]


class PersonList(Answer):
    """By name, at most 50."""

    items: list[Person]


class Comment(Answer):
    """What somebody said about a task."""

    id: str
    user: str
    text: str
    time: str


class CommentList(Answer):
    """Oldest first."""

    items: list[Comment]


class Draft(Answer):
    """What the asker has filled in so far."""

    variables: dict[str, Any]
    time: str


class SavedFilter(Answer):
    """A kept question; `own` may be forgotten by the asker; `total` is what it finds now, where that was asked for."""

    id: str
    name: str
    user: str
    groups: list[str]
    query: Scalars
    position: int
    description: str | None
    color: Literal["gray", "red", "orange", "yellow", "green", "blue", "purple"] | None
    own: bool
    total: int | None = None
    total_is_at_least: bool = False


class SavedFilterList(Answer):
    """The asker's own and those of their groups, by position and name."""

    items: list[SavedFilter]


class TaskChanges(Answer):
    """What happened since a cursor; on `reset` the list must be read again."""

    cursor: str
    reset: bool
    entered: list[Task]
    updated: list[Task]
    left: list[str]


class HistoryLine(Answer):
    """One thing that happened to a task."""

    id: str
    type: str
    time: str
    revision: int
    changes: Scalars | None
    assignee: str | None
    by: str | None
    """Who did it; null: an engine, or not known."""


class TaskHistory(Answer):
    """What happened, oldest first."""

    items: list[HistoryLine]


class CommandAnswer(Answer):
    """A command whose outcome is not shown here, or not known yet."""

    command_id: str
    status: str


class BulkItem(Answer):
    """What became of one task's part; `commandId` is null where nothing was sent."""

    id: str
    status: Literal["pending", "accepted", "rejected", "failed", "expired"]
    command_id: str | None
    problem: Scalars | None


class BulkAnswer(Answer):
    """What became of each, in the order asked for, a repeated id once."""

    items: list[BulkItem]


class TaskOrCommand(RootModel[Task | CommandAnswer]):
    """The task as it is now; only the command where a repeat comes after the right to read the task has gone."""


class Command(CommandAnswer):
    """A command and what became of it."""

    status: Literal["pending", "accepted", "rejected", "failed", "expired"]
    action: str | None
    produced: list[Scalars]
    problem: Scalars | None = None
    result: Scalars | None = None
    task: Task | None = None
