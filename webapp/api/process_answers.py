"""What answers about processes look like: definitions, instances, variables."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import RootModel

from webapp.api.answers import Answer, CommandAnswer, FormField, FormReference, Scalars


class Definition(Answer):
    """The newest version of a process."""

    id: str
    application: str
    key: str
    version: int
    name: str | None
    description: str | None
    version_tag: str | None
    form_key: str | None
    form_url: str | None
    startable: bool
    candidate_starter_users: list[str]
    candidate_starter_groups: list[str]
    form_fields: list[FormField] | None
    form_ref: FormReference | None
    tenant_id: str | None


class DefinitionList(Answer):
    """Processes the asker may start."""

    items: list[Definition]


class Started(Answer):
    """A new instance, by its engine's own id."""

    process_instance_id: str


class Deployed(Answer):
    """What a deployment has made."""

    definitions: list[Scalars]
    decisions: list[Scalars]
    forms: list[Scalars]
    warnings: list[Scalars]


class Instance(Answer):
    """A process instance; `incidents` is null while its store is away."""

    id: str
    process_instance_id: str
    application: str
    process_definition_key: str | None
    process_definition_id: str | None
    process_name: str | None
    business_key: str | None
    state: Literal["RUNNING", "SUSPENDED", "FINISHED", "CANCELLED"]
    start_user: str | None
    start_time: str | None
    end_time: str | None
    super_instance_id: str | None
    delete_reason: str | None
    revision: int
    tenant_id: str | None
    incidents: int | None


class Variable(Answer):
    """A process variable; `value` is any JSON value, of the kind that `valueType` names."""

    name: str
    value: Any
    value_type: Literal["null", "boolean", "number", "string", "list", "object"]
    revision: int


class VariableList(Answer):
    """The mirrored variables of an instance, by name."""

    items: list[Variable]


class InstanceOrCommand(RootModel[Instance | CommandAnswer]):
    """The instance as it is now."""


class InstancePage(Answer):
    """A page of instances."""

    items: list[Instance]
    total: int
    total_is_at_least: bool
    page: int
    size: int
    next: str | None
