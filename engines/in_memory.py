"""An engine's memory without a database: for trying models, and for tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from domain.aggregates.process_definition import ProcessDefinition
from domain.errors import Transient
from engines.protocol import EngineJob, FormFile, StartEvent, StoredDefinition, StoredInstance, Wait

Files: TypeAlias = dict[tuple[str, int], tuple[str | None, bytes]]
"""Version tag and bytes by key and version."""


class ConcurrentUpdate(Transient):
    """The version has moved on."""


class InMemory:
    """`EngineMemory` in dictionaries."""

    def __init__(self) -> None:
        self.definitions: dict[str, StoredDefinition] = {}
        self.instances: dict[str, StoredInstance] = {}
        self.waited: dict[Wait, None] = {}
        self.kept: list[tuple[Wait, Mapping[str, Any]]] = []
        self.start_events: dict[str, list[StartEvent]] = {}
        self.decisions: Files = {}
        self.forms: Files = {}
        self.incidents: dict[tuple[str, str], tuple[Mapping[str, Any], int]] = {}
        self.jobs: dict[str, EngineJob] = {}
        self.job_incidents: dict[str, tuple[Mapping[str, Any], int]] = {}
        self.saved = 0

    def next_version(self, key: str) -> int:
        """Count deployments of this process key: the next one is version 1, 2, 3 and so on."""
        return 1 + sum(stored.definition.key == key for stored in self.definitions.values())

    def save_definition(self, definition: StoredDefinition) -> None:
        """Keep a new definition."""
        self.definitions[definition.definition.definition_id] = definition

    def definition(self, definition_id: str) -> StoredDefinition | None:
        """A definition by its id."""
        return self.definitions.get(definition_id)

    def latest(self, key: str) -> ProcessDefinition | None:
        """The newest version of a process."""
        return self._newest(key, lambda _: True)

    def version(self, key: str, version: int) -> ProcessDefinition | None:
        """One version of a process."""
        return self._newest(key, lambda stored: stored.definition.version == version)

    def tagged(self, key: str, tag: str) -> ProcessDefinition | None:
        """The newest version of a process with this version tag."""
        return self._newest(key, lambda stored: stored.definition.version_tag == tag)

    def deployed_with(self, key: str, definition_id: str) -> ProcessDefinition | None:
        """A process of the file of this definition; the newest, where the file was deployed again."""
        known = self.definitions.get(definition_id)
        return self._newest(key, lambda stored: known is not None and stored.source == known.source)

    def _newest(self, key: str, is_it: Callable[[StoredDefinition], bool]) -> ProcessDefinition | None:
        found = (one.definition for one in self.definitions.values() if one.definition.key == key and is_it(one))
        return max(found, key=lambda definition: definition.version, default=None)

    def load(self, instance_id: str) -> StoredInstance | None:
        """Lock and read an instance; of one that was called, the instance it is saved with."""
        found = self.instances.get(instance_id)
        return self.instances.get(found.root_id) if found and found.root_id else found

    def save_called(self, called: StoredInstance) -> None:
        """Insert or update what is known of an instance that is saved with another, its `root_id`."""
        known = self.instances.get(called.instance_id)
        self.instances[called.instance_id] = (
            replace(known, finished=called.finished) if known else replace(called, version=1)
        )

    def waits(self, root_id: str, waits: frozenset[Wait]) -> None:
        """Replace what a saved instance waits for; what it goes on waiting for keeps its place."""
        kept = {wait: None for wait in self.waited if wait.root_id != root_id or wait in waits}
        new = sorted(waits - kept.keys(), key=lambda one: (one.kind, one.name, one.instance_id))
        self.waited = kept | dict.fromkeys(new)
        if not waits:
            self.owed(root_id)

    def waiting(
        self, kind: str, name: str, business_key: str | None = None, instance_id: str | None = None
    ) -> list[Wait]:
        """Who waits for a message or signal, the longest waiting first; of one business key, or one instance alone."""
        waiting = [wait for wait in self.waited if (wait.kind, wait.name) == (kind, name)]
        awake = [wait for wait in waiting if not self.instances[wait.root_id].suspended]
        meant = [wait for wait in awake if business_key in (None, wait.business_key)]
        return [wait for wait in meant if instance_id in (None, wait.instance_id)]

    def owe(self, waits: Sequence[Wait], variables: Mapping[str, Any], now: str) -> None:
        """Keep what has come for these, whose saved instances are due."""
        for wait in waits:
            self.kept.append((wait, dict(variables)))
            known = self.instances[wait.root_id]
            self.instances[wait.root_id] = replace(known, due=min(known.due or now, now))

    def owed(self, root_id: str) -> list[tuple[Wait, Mapping[str, Any]]]:
        """Take what is kept for a saved instance, in the order in which it came."""
        found = [one for one in self.kept if one[0].root_id == root_id]
        self.kept = [one for one in self.kept if one[0].root_id != root_id]
        return found

    def starts(self, key: str, starts: Sequence[StartEvent]) -> None:
        """Replace what starts a process beside people."""
        self.start_events.pop(key, None)
        self.start_events[key] = list(starts)

    def started_by(self, kind: str, name: str) -> list[StartEvent]:
        """What a message or signal starts."""
        found = [one for starts in self.start_events.values() for one in starts]
        return [one for one in found if (one.kind, one.name) == (kind, name)]

    def save_decision(self, key: str, tag: str | None, source: bytes) -> int:
        """Keep the DMN file of a decision as its next version."""
        return _save(self.decisions, key, tag, source)

    def decision(self, key: str, version: int | None = None, tag: str | None = None) -> bytes | None:
        """The DMN file of a decision: of one version, of the newest with a tag, or of the newest."""
        found = _newest(self.decisions, key, version, tag)
        return None if found is None else found[1]

    def save_form(self, key: str, tag: str | None, source: bytes) -> int:
        """Keep the file of a form as its next version."""
        return _save(self.forms, key, tag, source)

    def form(self, key: str, version: int | None = None, tag: str | None = None) -> FormFile | None:
        """The file of a form: of one version, of the newest with a tag, or of the newest."""
        found = _newest(self.forms, key, version, tag)
        return None if found is None else FormFile(*found)

    def open_incident(
        self, instance_id: str, element: str, problem: Mapping[str, Any], tries: int, kind: str = "element"
    ) -> None:
        """Set an element, or its `job` of which the problem names the id, aside for operators, unless it is."""
        known = self.instances.get(instance_id)
        if known is None or known.finished:
            return
        if kind == "element":
            self.incidents.setdefault((instance_id, element), (problem, tries))
        else:
            self.job_incidents.setdefault(str(problem.get("job")), (problem, tries))

    def open_incidents(self, instance_id: str) -> frozenset[str]:
        """The elements of an instance that are set aside and that nobody has decided about."""
        return frozenset(element for known, element in self.incidents if known == instance_id)

    def close_incident(self, instance_id: str, element: str) -> None:
        """Nothing is to be decided about this element any more."""
        self.incidents.pop((instance_id, element), None)

    def rebind(self, instance_id: str, definition_id: str) -> None:
        """An instance is one of another version of its process from now on, and so are its jobs."""
        self.instances[instance_id] = replace(self.instances[instance_id], definition_id=definition_id)
        for name, job in self.jobs.items():
            if job.instance_id == instance_id:
                self.jobs[name] = replace(job, definition_id=definition_id)

    def open_job(self, job: EngineJob) -> None:
        """Insert a job, unless it is there."""
        self.jobs.setdefault(job.job_id, job)

    def close_job(self, job_id: str) -> None:
        """Take a job away, and its incident; one that is not there is ignored."""
        self.jobs.pop(job_id, None)
        self.job_incidents.pop(job_id, None)

    def save(self, instance: StoredInstance) -> None:
        """Insert (version 0) or update an instance; raises `ConcurrentUpdate` when its version has moved on."""
        known = self.instances.get(instance.instance_id)
        if (known.version if known else 0) != instance.version:
            raise ConcurrentUpdate(instance.instance_id)
        new = replace(instance, version=instance.version + 1)
        kept = known or replace(new, root_id=None, suspended=False)
        if kept.due and any(wait.root_id == instance.instance_id for wait, _ in self.kept):
            new = replace(new, due=kept.due)
        self.instances[instance.instance_id] = replace(new, root_id=kept.root_id, suspended=kept.suspended)
        self.saved += 1


def _save(files: Files, key: str, tag: str | None, source: bytes) -> int:
    version = 1 + sum(known == key for known, _ in files)
    files[key, version] = (tag, source)
    return version


def _newest(files: Files, key: str, version: int | None, tag: str | None) -> tuple[int, bytes] | None:
    found = [
        (number, source)
        for (known, number), (tagged, source) in files.items()
        if known == key and version in (None, number) and tag in (None, tagged)
    ]
    return max(found, default=None)
