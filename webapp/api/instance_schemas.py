"""What requests about process instances, messages and signals look like."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from webapp.api.schemas import OBJECT, Application, Strict

Name = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00]+$")]
Reason = Annotated[str | None, Field(max_length=2000, pattern=r"^[^\x00]*$")]
VARIABLES = Field(None, description="variable name to value", json_schema_extra=OBJECT)


class ReasonBody(Strict):
    """Why it is done; kept with the instance."""

    reason: Reason = None


class VariablesBody(ReasonBody):
    """Which variables have other values from now on, and which are gone."""

    variables: Any = VARIABLES
    removed: list[Name] = Field(default_factory=list, max_length=500)


class MoveBody(ReasonBody):
    """Elements by their ids in the model; without `to` it goes on behind the one it was at."""

    source: Name = Field(alias="from", description="where it is now")
    target: Name | None = Field(None, alias="to", description="before what in the same (sub)process it goes on")


class MigrateBody(ReasonBody):
    """Definitions by their ids; `dryRun` only says what would be."""

    target: Name = Field(alias="to")
    dry_run: bool = Field(default=False, alias="dryRun", strict=True)


class MigrationsBody(MigrateBody):
    """All running instances of `from`, a hundred at a time; `after` is the `next` of the answer before."""

    source: Name = Field(alias="from")
    after: Annotated[str | None, Field(max_length=500, pattern=r"^[^\x00]*$")] = None


class SignalBody(Strict):
    """A signal to all that wait for it; without an application, to those of all that the asker may act for."""

    application: Application | None = None
    name: Name
    variables: Any = VARIABLES


class MessageBody(Strict):
    """A message to the one instance that waits for it and is meant, or to the process it starts."""

    application: Application
    name: Name
    business_key: str | None = Field(None, alias="businessKey", max_length=1000, pattern=r"^[^\x00]*$")
    correlation: Any = Field(None, description="variables that the instance has", json_schema_extra=OBJECT)
    instance_id: Name | None = Field(None, alias="processInstanceId", description="its engine's own id")
    variables: Any = VARIABLES
