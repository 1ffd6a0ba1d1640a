"""What is stored of an instance: its variables and tasks; its specification only by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition

from domain.values import iso
from engines.protocol import StoredInstance
from engines.spiff.compiled import dump_workflow, load_workflow
from engines.spiff.event_subprocesses import reconnect
from engines.spiff.history import prune
from engines.spiff.run import Process, Run
from engines.spiff.script import RestrictedEngine
from engines.spiff.tokens import adopt

Find: TypeAlias = Callable[[str], Process | None]
_ENGINE = RestrictedEngine()


def begin(run: Run, latest: Find) -> None:
    """A new workflow at its start."""
    used = _Used(run, latest, latest)
    _attach(run, BpmnWorkflow(run.process.spec, used, script_engine=_ENGINE))


def load(run: Run, latest: Find, by_id: Find) -> None:
    """The workflow as it was stored; a finished instance has none."""
    kept = json.loads(run.stored.state)
    run.variables, run.local, run.open, run.called = kept["variables"], kept["local"], kept["open"], kept["called"]
    run.jobs = kept.get("jobs", [])
    if not run.stored.finished:
        used = _Used(run, latest, by_id)
        _attach(run, load_workflow(kept["workflow"], run.process.spec, used))
        reconnect(run.workflow)
        if not kept.get("pruned"):
            for workflow in (run.workflow, *run.workflow.subprocesses.values()):
                adopt(workflow)
            # Its history may be deeper than SpiffWorkflow finds tasks in.
            prune(run)


def dump(run: Run) -> StoredInstance:
    """What to store of a run."""
    finished = run.stored.finished
    kept = {
        "variables": run.variables,
        "local": run.local,
        "open": run.open,
        "called": run.called,
        "jobs": run.jobs,
        "pruned": True,
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


class _Used(dict[str, Any]):
    """The specifications a process uses: its own, and processes of other deployments as they were at the first call."""

    def __init__(self, run: Run, latest: Find, by_id: Find) -> None:
        super().__init__(run.process.used)
        self._run, self._latest, self._by_id = run, latest, by_id

    def __missing__(self, key: str) -> Any:
        pinned = self._run.called.get(key)
        found = self._by_id(pinned) if pinned else self._latest(key)
        if found is None:
            raise KeyError(key)
        self._run.called[key] = found.definition.definition_id
        self.update({name: spec for name, spec in found.used.items() if name not in self})
        self[key] = found.spec
        return found.spec

    def __bool__(self) -> bool:
        return True  # SpiffWorkflow would replace what is false by a mapping of its own

    def __contains__(self, key: object) -> bool:
        return self.get(str(key)) is not None

    def get(self, key: str, default: Any = None) -> Any:
        """Like `[]`, which looks further than this mapping."""
        try:
            return self[key]
        except KeyError:
            return default


def _attach(run: Run, workflow: Any) -> None:
    workflow.script_engine = _ENGINE
    workflow.run = run
    run.workflow = workflow


def _due(run: Run) -> str | None:
    waiting = run.workflow.event_manager.tasks.values()
    return min((due for task in waiting if (due := _timer_due(task)) is not None), default=None)


def _timer_due(task: Any) -> str | None:
    if not isinstance(task.task_spec.event_definition, TimerEventDefinition | MultipleEventDefinition):
        return None
    value = task.internal_data.get("event_value")
    if isinstance(value, dict):
        return value["next"] if value["cycles"] != 0 else None
    return value if isinstance(value, str) else None
