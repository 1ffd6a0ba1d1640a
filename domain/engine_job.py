"""Work that an engine waits for and somebody else does: an outside worker, or a job of the application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

EXTERNAL: Final = "external"
JOB: Final = "job"
JobKind: TypeAlias = Literal["external", "job"]


@dataclass(frozen=True, slots=True)
class EngineJob:
    """One such wait. `instance_id` is the process instance it belongs to, `root_id` the stored instance that holds it.

    `element` is the BPMN id, `retries` the tries that are left; None where none has failed and the model says nothing.
    """

    job_id: str
    instance_id: str
    root_id: str
    definition_id: str
    definition_key: str
    business_key: str | None
    element: str
    topic: str
    kind: JobKind
    priority: int = 0
    retries: int | None = None
