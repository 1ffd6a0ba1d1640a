"""What operators ask."""

from __future__ import annotations

from pydantic import BaseModel, Field

from webapp.api.schemas import Application, Asked


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


class SessionQuery(Asked):
    """Which sessions."""

    user: str | None = Field(None, max_length=200)
    size: int = Field(50, ge=1, le=200)
    after: str | None = Field(None, max_length=1000, description="the `next` of a previous page")


class SessionPath(BaseModel):
    """A session's id."""

    session_id: str = Field(max_length=200)
