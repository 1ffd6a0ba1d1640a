"""An engine's memory without a database."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engines.protocol import EngineJob, StoredDefinition, StoredInstance


class ConcurrentUpdate(Exception):
    """The version has moved on."""


class InMemory:
    """`EngineMemory` in dictionaries."""

    def __init__(self) -> None:
        self.definitions: dict[str, StoredDefinition] = {}
        self.instances: dict[str, StoredInstance] = {}
        self.jobs: dict[str, EngineJob] = {}
        self.incidents: list[tuple[str, str, str | None, Any, int]] = []
        self.saved = 0

    def next_version(self, key: str) -> int:
        return 1 + sum(stored.definition.key == key for stored in self.definitions.values())

    def save_definition(self, definition: StoredDefinition) -> None:
        self.definitions[definition.definition.definition_id] = definition

    def definition(self, definition_id: str) -> StoredDefinition | None:
        return self.definitions.get(definition_id)

    def latest(self, key: str) -> StoredDefinition | None:
        found = [stored for stored in self.definitions.values() if stored.definition.key == key]
        return max(found, key=lambda stored: stored.definition.version, default=None)

    def load(self, instance_id: str) -> StoredInstance | None:
        return self.instances.get(instance_id)

    def save(self, instance: StoredInstance) -> None:
        known = self.instances.get(instance.instance_id)
        if (known.version if known else 0) != instance.version:
            raise ConcurrentUpdate(instance.instance_id)
        self.instances[instance.instance_id] = replace(instance, version=instance.version + 1)
        self.saved += 1

    def open_job(self, job: EngineJob) -> None:
        self.jobs.setdefault(job.job_id, job)

    def close_job(self, job_id: str) -> None:
        self.jobs.pop(job_id, None)

    def open_incident(self, instance_id: str, kind: str, element: str | None, problem: Any, tries: int) -> bool:
        self.incidents.append((instance_id, kind, element, problem, tries))
        return True
