"""What operators ask."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from webapp.api.schemas import NO_NUL, TIME, Application, Asked


class ParkedQuery(Asked):
    """Which parked aggregates."""

    application: Application | None = None
    fingerprint: str | None = Field(None, max_length=40, description="of the reason, the same for many")


class ParkedPath(BaseModel):
    """A parked aggregate's opaque id."""

    key: str = Field(max_length=200)


class IncidentQuery(Asked):
    """Which incidents."""

    application: Application | None = None


class IncidentPath(BaseModel):
    """An incident's id."""

    incident_id: str = Field(max_length=200)


class DeadPath(BaseModel):
    """A dead letter's id."""

    letter_id: str = Field(max_length=200)


class NoticeQuery(Asked):
    """Which notices."""

    state: Literal["failed", "waiting"] = Field("failed", description="given up, or not over")
    size: int = Field(50, ge=1, le=200)
    after: str | None = Field(None, max_length=1000, description="the `next` of a previous page")


class NoticePath(BaseModel):
    """A notice's id."""

    notice_id: str = Field(max_length=200)


class SessionQuery(Asked):
    """Which sessions."""

    user: str | None = Field(None, max_length=200)
    size: int = Field(50, ge=1, le=200)
    after: str | None = Field(None, max_length=1000, description="the `next` of a previous page")


class SessionPath(BaseModel):
    """A session's id."""

    session_id: str = Field(max_length=200)


class AuditQuery(Asked):
    """Which of what people did."""

    user: str | None = Field(None, min_length=1, max_length=200, pattern=NO_NUL)
    action: str | None = Field(None, min_length=1, max_length=100, pattern=NO_NUL, description="as answers name it")
    application: Application | None = None
    begin: str | None = Field(None, alias="from", description="ISO-8601; from then on", json_schema_extra=TIME)
    until: str | None = Field(None, description="ISO-8601; before then", json_schema_extra=TIME)
    size: int = Field(50, ge=1, le=200)
    after: str | None = Field(None, max_length=20_000, description="the `next` of a previous page")
