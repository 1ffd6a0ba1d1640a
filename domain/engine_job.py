"""Work that an engine leaves to others: outside its transaction, at least once, its result applied once."""

from __future__ import annotations

from dataclasses import dataclass

EXTERNAL, JOB = "external", "job"


@dataclass(frozen=True, slots=True)
class EngineJob:
    """A job of an element: `external` ones are fetched by topic, others are done by the application's own code.

    `root_id` is the saved instance that holds it; `retries` how often it may be tried, None for as often as is usual.
    """

    job_id: str
    instance_id: str
    root_id: str
    definition_id: str
    definition_key: str
    business_key: str | None
    element: str
    topic: str
    kind: str
    priority: int = 0
    retries: int | None = None
