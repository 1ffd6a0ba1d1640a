"""Another version of its process for a running instance: where it stands must be there, too, and of the same kind."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from SpiffWorkflow.bpmn.specs.control import BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent
from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import SubWorkflowTask
from SpiffWorkflow.bpmn.specs.mixins.unstructured_join import UnstructuredJoin
from SpiffWorkflow.util.task import TaskState

from domain.errors import CannotMigrate
from engines.spiff import state
from engines.spiff.completed import as_loaded
from engines.spiff.definitions import Definitions
from engines.spiff.run import Home, Process, Run, Task
from engines.spiff.tokens import CONSUMED

# ruff: noqa: SLF001 - the tree has no other seam

_LIVE = TaskState.READY | TaskState.WAITING | TaskState.STARTED
_EXPECTED = TaskState.PREDICTED_MASK | TaskState.FUTURE
Saved = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Part:
    """A process or sub-process of a saved instance, as it is specified before and after."""

    tasks: dict[str, Saved]
    before: Any
    after: Any


def obstacles(run: Run, instance_id: str, after: Process) -> list[str]:
    """Why an instance cannot be one of another version, in words; nothing where it can. Raises `CannotMigrate`."""
    call, home = _home(run, instance_id)
    if after.definition.key != home.process.definition.key:
        raise CannotMigrate(f"{after.definition.definition_id!r} is a version of another process")
    kept = json.loads(state.dump(run).state)
    found = dict.fromkeys(_obstacles(kept, home.process, after, call))
    if after.definition.tenant_id not in (None, run.tenant):
        return [f"version {after.definition.version} is of another tenant, {after.definition.tenant_id!r}", *found]
    return list(found)


def become(run: Run, instance_id: str, after: Process, definitions: Definitions) -> Run:
    """The same saved instance brought to life anew, as one of another version; there are no `obstacles`."""
    call, home = _home(run, instance_id)
    kept = json.loads(state.dump(run).state)
    _rewrite(kept, home.process, after, call)
    if call:
        kept["calls"][call]["definition_id"] = after.definition.definition_id
    root = run.root.process if call else after
    stored = replace(run.stored, state=json.dumps(kept), definition_id=root.definition.definition_id)
    moved = Run(stored, replace(run.root, process=root, variables={}), run.services, run.now)
    state.load(moved, definitions)
    moved.begun, moved.ended = run.begun, run.ended
    moved.waited, moved.jobbed, moved.incidents = run.waited, run.jobbed, run.incidents
    _expect(moved, instance_id)
    return moved


def _home(run: Run, instance_id: str) -> tuple[str, Home]:
    """The task that has called an instance, which is empty for the saved one, and its place."""
    called = ((name, home) for name, home in run.calls.items() if home.instance_id == instance_id)
    return next(called, ("", run.root))


def _rewrite(kept: Saved, before: Process, after: Process, call: str) -> None:
    for part in _parts(kept, before, after, call):
        for name in [name for name, task in part.tasks.items() if not _is_token(kept, name, task)]:
            if part.tasks[name]["state"] & _EXPECTED:
                _drop(part.tasks, name)
        for task in part.tasks.values():
            if _kind(part.before, task["task_spec"]) != _kind(part.after, task["task_spec"]):
                # It has ended, and only its place in the tree is looked at.
                starts = part.before.bpmn_start_events
                was_start = any(one.name == task["task_spec"] for one in starts)
                others = part.after.bpmn_start_events if was_start else ()
                task["task_spec"] = others[0].name if others else part.after.start.name


def _expect(run: Run, instance_id: str) -> None:
    """What comes next by the new version, and events that are new on the boundary of what is waited at."""
    for workflow in (run.workflow, *run.workflow.subprocesses.values()):
        if run.home_of(workflow).instance_id != instance_id:
            continue
        for task in [task for task in workflow.tasks.values() if task.has_state(_LIVE)]:
            if all(child.triggered for child in task.children):
                task.task_spec._predict_hook(task)
            _watch_boundary(task)


def _obstacles(kept: Mapping[str, Any], before: Process, after: Process, call: str) -> Iterator[str]:
    for part in _parts(kept, before, after, call):
        if part.after is None:
            continue  # told of the element around it
        version = after.definition.version
        for element in _undoable(kept, part):
            if not _is_undone(part.after, element):
                yield f"{element!r} has completed and is not compensated in version {version}"
        for task_id, task in part.tasks.items():
            name = task["task_spec"]
            old, new = part.before.task_specs[name], part.after.task_specs.get(name)
            if _is_token(kept, task_id, task) and _kind(part.before, name) != _kind(part.after, name):
                missing = "is not there" if new is None else "is of another kind"
                yield f"{old.bpmn_id or name!r} {missing} in version {version}"
            elif _has_arrived(part, task) and part.tasks[task["parent"]]["task_spec"] not in _inputs(new):
                yield f"a token has come to {name!r} over a flow that is gone in version {version}"


def _undoable(kept: Mapping[str, Any], part: _Part) -> set[str]:
    """What has completed in it and may still be compensated."""
    scopes = {*part.tasks, *(task["parent"] for task in part.tasks.values())}
    ways = (kept.get("completed", {}), kept.get("undoing", {}))
    return {one.element for way in ways for scope in scopes & way.keys() for one in as_loaded(way[scope])}


def _is_undone(spec: Any, element: str) -> bool:
    activity = spec.task_specs.get(f"{element} [child]", spec.task_specs.get(element))
    return getattr(activity, "extensions", {}).get("compensation") in spec.task_specs


def _parts(kept: Mapping[str, Any], before: Process, after: Process, call: str) -> Iterator[_Part]:
    """The process, and the sub-processes it is in; what it has called is on its own."""
    workflow = kept["workflow"]
    inner: Mapping[str, Saved] = workflow.get("subprocesses") or {}
    left = [(inner[call] if call else workflow, before.spec, after.spec)]
    while left:
        part, old, new = left.pop()
        yield _Part(part["tasks"], old, new)
        for name, task in part["tasks"].items():
            if name not in inner or name in kept.get("calls", {}) or not _is_token(kept, name, task):
                continue
            found = new and new.task_specs.get(task["task_spec"])
            spec = found.spec if isinstance(found, SubWorkflowTask) else ""
            left.append((inner[name], before.used[old.task_specs[task["task_spec"]].spec], after.used.get(spec)))


def _is_token(kept: Mapping[str, Any], task_id: str, task: Saved) -> bool:
    return bool(task["state"] & _LIVE) or task_id in kept.get("stops", {})


def _kind(specs: Any, name: str) -> tuple[Any, ...] | None:
    spec = specs.task_specs.get(name)
    if spec is None:
        return None
    return type(spec), type(getattr(spec, "event_definition", None)), getattr(spec, "cancel_activity", None)


def _has_arrived(part: _Part, task: Saved) -> bool:
    is_join = isinstance(part.before.task_specs[task["task_spec"]], UnstructuredJoin)
    if not is_join or not part.before.task_specs[task["task_spec"]].bpmn_id:
        return False
    is_over = task["state"] & (TaskState.COMPLETED | _EXPECTED) or CONSUMED in task["internal_data"]
    parent = part.tasks.get(task["parent"] or "")
    return not is_over and parent is not None and parent["state"] == TaskState.COMPLETED


def _inputs(spec: Any) -> set[str]:
    return {one.name for one in spec.inputs} if spec is not None else set()


def _drop(tasks: dict[str, Saved], name: str) -> None:
    task = tasks.pop(name)
    if task["parent"] in tasks:
        tasks[task["parent"]]["children"].remove(name)


def _watch_boundary(task: Task) -> None:
    split = next((one for one in task.task_spec.inputs if isinstance(one, BoundaryEventSplit)), None)
    if split is None or isinstance(task.task_spec, BoundaryEvent):
        return
    before = task.parent
    if before.task_spec is not split:
        above = before._add_child(split, TaskState.FUTURE)
        above._set_state(TaskState.COMPLETED)
        before._children.remove(task.id)
        above._children.append(task.id)
        task._parent = above.id
        before = above
    known = {child.task_spec.name for child in before.children}
    for spec in split.outputs:
        if isinstance(spec, BoundaryEvent) and spec.name not in known:
            event = before._add_child(spec, TaskState.WAITING)
            event.task_spec._update(event)
