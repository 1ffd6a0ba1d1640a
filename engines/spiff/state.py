"""What is stored of an instance: its variables and tasks; its specification only by name."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition

from domain.values import iso
from engines.protocol import StoredInstance
from engines.spiff.alternatives import earliest
from engines.spiff.compiled import dump_workflow, load_workflow
from engines.spiff.completed import as_loaded, as_saved
from engines.spiff.definitions import Definitions
from engines.spiff.event_subprocesses import reconnect
from engines.spiff.events import waits
from engines.spiff.history import prune
from engines.spiff.listeners import timeouts
from engines.spiff.places import remember_places
from engines.spiff.run import Home, Process, Run, Workflow
from engines.spiff.script import RestrictedEngine
from engines.spiff.stops import Stop
from engines.spiff.tokens import adopt

_ENGINE = RestrictedEngine()
CALLED = json.dumps({"variables": {}, "local": {}, "open": [], "called": {}, "workflow": None})
"""What is stored of a called process, which is saved with the instance that called it."""


def begin(run: Run, definitions: Definitions) -> None:
    """A new workflow at its start."""
    used = _Used(run, definitions)
    workflow = BpmnWorkflow(run.process.spec, used, script_engine=_ENGINE)
    remember_places(workflow)
    _attach(run, workflow)


def load(run: Run, definitions: Definitions) -> None:
    """The workflow as it was stored; a finished instance has none."""
    kept = json.loads(run.stored.state)
    run.root.variables.update(kept["variables"])
    run.local, run.open, run.called = kept["local"], kept["open"], kept["called"]
    # Older programs, which may still save it between two steps, say nothing of tenants.
    run.tenant = kept.get("tenant", run.process.definition.tenant_id)
    run.untold = set(kept.get("untold", ()))
    run.stops = {name: Stop(**said) for name, said in kept.get("stops", {}).items()}
    run.jobs = {name: (kind, topic) for name, (kind, topic) in kept.get("jobs", {}).items()}
    run.rounds = kept.get("rounds", 0)
    run.completed = {name: as_loaded(found) for name, found in kept.get("completed", {}).items()}
    run.undoing = {name: as_loaded(found) for name, found in kept.get("undoing", {}).items()}
    for name, said in kept.get("calls", {}).items():
        process = definitions.by_id(said["definition_id"])
        if process is None:
            raise KeyError(said["definition_id"])
        run.calls[name] = Home(said["instance_id"], process, said["business_key"], said["variables"], said["caller"])
    if not run.stored.finished:
        used = _Used(run, definitions)
        _attach(run, load_workflow(kept["workflow"], run.process.spec, used))
        reconnect(run.workflow)
        if not kept.get("pruned"):
            for workflow in (run.workflow, *run.workflow.subprocesses.values()):
                adopt(workflow)
            # Its history may be deeper than SpiffWorkflow finds tasks in.
            prune(run)
        run.waited, run.jobbed = waits(run), frozenset(run.jobs)
        run.incidents = {stop.instance_id + stop.element: stop for stop in run.stops.values() if stop.is_incident}


def dump(run: Run) -> StoredInstance:
    """What to store of a run."""
    finished = run.stored.finished
    kept = {
        "tenant": run.tenant,
        "variables": run.variables,
        "local": run.local,
        "open": run.open,
        "untold": sorted(run.untold.intersection(run.open)),
        "called": run.called,
        "calls": {name: _called(home) for name, home in run.calls.items()},
        "stops": {name: asdict(stop) for name, stop in run.stops.items()},
        "jobs": run.jobs,
        "completed": {} if finished else {name: as_saved(found) for name, found in run.completed.items()},
        "undoing": {} if finished else {name: as_saved(found) for name, found in run.undoing.items()},
        "pruned": True,
        "rounds": run.rounds,
        "workflow": None if finished else dump_workflow(run.workflow),
    }
    return replace(run.stored, state=json.dumps(kept, separators=(",", ":")), due=None if finished else _due(run))


def is_due(run: Run) -> bool:
    """Whether a timer of a running instance has come."""
    due = None if run.stored.finished else _due(run)
    return due is not None and due <= iso(run.now)


def finish(run: Run) -> None:
    """Nothing more can happen to this instance."""
    run.stored = replace(run.stored, finished=True)


def _called(home: Home) -> dict[str, Any]:
    return {
        "instance_id": home.instance_id,
        "definition_id": home.process.definition.definition_id,
        "key": home.process.definition.key,
        "business_key": home.business_key,
        "variables": home.variables,
        "caller": home.caller,
    }


class _Used(dict[str, Any]):
    """The specifications a saved instance uses: each process has its own, whatever its parts are called."""

    def __init__(self, run: Run, definitions: Definitions) -> None:
        super().__init__()
        self._run, self._definitions = run, definitions

    def find(self, caller: Process, key: str, binding: str, *, version: str, tag: str) -> Process | None:
        """The process that a call activity asks for; what is of another tenant is not there."""
        found = self._definitions.bound(caller, key, binding, version, tag)
        return found if found and found.definition.tenant_id in (None, self._run.tenant) else None

    def spec_of(self, task: Any) -> Any:
        """The specification of what runs within a task."""
        if (home := self._run.calls.get(str(task.id))) is not None:
            return home.process.spec
        name = task.task_spec.spec
        home = self._run.home(task)
        if (found := home.process.used.get(name)) is not None:
            return found
        return self._shared(name)

    def _shared(self, key: str) -> Any:
        """As older programs have saved it: called processes by key, as they were at the first call."""
        for pinned in self._run.called.values():
            found = self._definitions.by_id(pinned)
            if found is not None and found.definition.key == key:
                return found.spec
            if found is not None and key in found.used:
                return found.used[key]
        raise KeyError(key)

    def __bool__(self) -> bool:
        return True  # SpiffWorkflow would replace what is false by a mapping of its own

    def get(self, key: str, default: Any = None) -> Any:
        """Event sub-processes of the saved instance, as older programs have compiled it."""
        return self._run.process.used.get(key, default)


def _attach(run: Run, workflow: Workflow) -> None:
    workflow.script_engine = _ENGINE
    workflow.run = run
    workflow.task_removed_event.connect(_end_within)
    run.workflow = workflow


def _end_within(workflow: Workflow, task: Any) -> None:
    """What is cancelled takes its children out of the tree: what runs within them ends, too."""
    top = workflow.top_workflow
    top.event_manager.remove_task(task)
    if (inner := top.subprocesses.pop(task.id, None)) is not None:
        top.cancel(inner)


def _due(run: Run) -> str | None:
    waiting = [task for name, task in run.workflow.event_manager.tasks.items() if str(name) not in run.stops]
    times: list[Any] = [_timer_due(task) for task in waiting]
    times += [stop.due for stop in run.stops.values()]
    times += timeouts(run)
    return min((due for due in times if due is not None), default=None)


def _timer_due(task: Any) -> str | None:
    if not isinstance(task.task_spec.event_definition, TimerEventDefinition | MultipleEventDefinition):
        return None
    return earliest(task)
