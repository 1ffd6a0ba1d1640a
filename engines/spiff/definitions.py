"""The processes of an application, as they are deployed, found and compiled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from domain.aggregates.process_definition import ProcessDefinition, RegisterDefinition
from domain.deployment import Deployed, StartEvent, Warned
from domain.errors import InvalidDefinition
from domain.identity import Key
from engines.decisions.model import read as read_decisions
from engines.documents import parsed, understood
from engines.forms import is_form
from engines.forms import read as read_form
from engines.protocol import Collect, EngineMemory, Meter, Services, StoredDefinition
from engines.spiff.checks import Known, look_at, strictly
from engines.spiff.compiled import ProcessCache
from engines.spiff.deployment import compile_source
from engines.spiff.run import Process
from engines.spiff.source import as_bpmn, is_decision, process_ids

_PROCESSES = ProcessCache()


class Definitions:
    """What one unit of work deploys and finds."""

    def __init__(  # noqa: PLR0917 - each is a collaborator of its own
        self,
        application: str,
        memory: EngineMemory,
        collect: Collect,
        services: Services,
        new_id: Callable[[], str],
        meter: Meter,
    ) -> None:
        self._application = application
        self._memory = memory
        self._collect = collect
        self._services = services
        self._new_id = new_id
        self._meter = meter

    def deploy(self, sources: Sequence[bytes], now: datetime, *, strict: bool, tenant: str | None) -> Deployed:
        """Parse, store and register what is in BPMN and DMN files and in forms; raises `InvalidDefinition`."""
        forms = [self._form(source) for source in sources if is_form(source)]
        with self._meter.spending(""):
            roots = [(source, parsed(source)) for source in sources if not is_form(source)]
        decisions = [made for source, root in roots if is_decision(root) for made in self._decisions(source)]
        definitions, warnings = list[ProcessDefinition](), list[Warned]()
        processes = [(source, as_bpmn(root)) for source, root in roots if not is_decision(root)]
        together = frozenset(name for _, root in processes for name in process_ids(root))
        for source, root in processes:
            with self._meter.spending(""), understood(root):
                tenants = frozenset(self._tenant(name, tenant) for name in process_ids(root))
                found = look_at(root, self._known(together, tenants))
                if strict and found:
                    raise strictly(found)
                warnings += found
                compiled = compile_source(self._application, source, root, self._memory, self._new_id, now)
            for stored, starts in compiled:
                owned = replace(stored, definition=self._owned(stored.definition, tenant))
                self._register(owned, starts)
                definitions.append(owned.definition)
        return Deployed(definitions, decisions, warnings, forms)

    def _owned(self, definition: ProcessDefinition, tenant: str | None) -> ProcessDefinition:
        """A process is for good of the first tenant that is said of it."""
        owner = self._tenant(definition.key, tenant)
        if tenant not in (None, owner):
            raise InvalidDefinition(f"the process {definition.key!r} belongs to another tenant, {owner!r}")
        return replace(definition, tenant_id=owner)

    def _register(self, stored: StoredDefinition, starts: Sequence[StartEvent]) -> None:
        self._memory.save_definition(stored)
        self._memory.starts(stored.definition.key, starts)
        key = Key(self._application, "process_definition", stored.definition.definition_id)
        self._collect(key, RegisterDefinition(stored.definition))

    def _decisions(self, source: bytes) -> list[tuple[str, int]]:
        with self._meter.spending(""):
            model = read_decisions(source)
        decisions = model.decisions.items()
        return [(key, self._memory.save_decision(key, one.version_tag, source)) for key, one in decisions]

    def _form(self, source: bytes) -> tuple[str, int]:
        with self._meter.spending(""):
            form = read_form(source)
        return form.key, self._memory.save_form(form.key, form.version_tag, source)

    def _tenant(self, key: str, tenant: str | None) -> str | None:
        """Whose a process is that is deployed for a tenant, or for all."""
        known = self._memory.latest(key)
        return (known.tenant_id if known else None) or tenant

    def _known(self, together: frozenset[str], tenants: frozenset[str | None]) -> Known:
        """What is there for processes of these tenants."""
        services, memory = self._services, self._memory

        def is_there(key: str) -> bool:
            process = memory.latest(key)
            return process is not None and process.tenant_id in (None, *tenants)

        return Known(
            lambda name, element: any(one in services.by_name or one in services.jobs for one in (name, element)),
            lambda name: name in services.by_name,
            lambda key: key in together or is_there(key),
            lambda key: memory.decision(key) is not None,
            lambda key: memory.form(key) is not None,
        )

    def latest(self, key: str) -> Process | None:
        """The newest version of a process, compiled."""
        return self._compiled(self._memory.latest(key))

    def by_id(self, definition_id: str) -> Process | None:
        """One version of a process, compiled."""
        found = _PROCESSES.get(self._application, definition_id)
        if found is None and (stored := self._memory.definition(definition_id)) is not None:
            found = _PROCESSES.put(self._application, stored)
        return found

    def hears(self, definition_id: str, element: str) -> bool:
        """Whether a user task has listeners."""
        process = self.by_id(definition_id)
        specs = (process.spec, *process.used.values()) if process else ()
        found = (one for spec in specs for one in spec.task_specs.values() if one.bpmn_id == element)
        return any((getattr(one, "extensions", None) or {}).get("taskListeners") for one in found)

    def bound(self, caller: Process, key: str, binding: str, version: str, tag: str) -> Process | None:
        """The version of a process that a call activity of another asks for."""
        if binding == "deployment":
            return self._compiled(self._memory.deployed_with(key, caller.definition.definition_id))
        if binding == "version":
            return self._compiled(self._memory.version(key, int(version)) if version.isdecimal() else None)
        if binding == "versionTag":
            return self._compiled(self._memory.tagged(key, tag))
        return self.latest(key)

    def _compiled(self, definition: ProcessDefinition | None) -> Process | None:
        return None if definition is None else self.by_id(definition.definition_id)
