"""Call activities: the called process is an instance of its own, which sees and gives back only what is mapped."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, cast
from uuid import uuid4

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.util.task import TaskState

from domain.errors import ExecutionFailed
from engines.spiff.feel import value_of
from engines.spiff.leniency import unless_lenient
from engines.spiff.places import know_place
from engines.spiff.run import Home, Process, Run, Task, Workflow, run_of

# ruff: noqa: SLF001 - SpiffWorkflow's extension points are underscored

log = logging.getLogger(__name__)

MAX_DEPTH = 50
"""How deep a process may call processes that call processes."""


class CalledProcess(defaults.CallActivity):  # type: ignore[misc]
    """A call activity."""

    extensions: dict[str, Any]

    def _update_hook(self, my_task: Task) -> Any:
        found = super()._update_hook(my_task)
        # Where nothing was begun, as is allowed to those who only try, it is over at once.
        return found if my_task.id in my_task.workflow.top_workflow.subprocesses else True

    def start_workflow(self, my_task: Task) -> None:
        """Begin an instance of the called process; raises `ExecutionFailed` where there is none, or too deep."""
        run = run_of(my_task)
        if my_task.workflow.depth >= MAX_DEPTH:
            raise ExecutionFailed(f"{self.bpmn_id}: processes call each other more than {MAX_DEPTH} deep")
        process = self._process(run, my_task)
        if process is None:
            return
        mappings = self.extensions.get("in", ())
        variables, key = mapped(run, my_task, mappings, run.visible(my_task)), _business_key(run, my_task, mappings)
        home = Home(str(uuid4()), process, key, variables, run.home(my_task).instance_id)
        run.calls[str(my_task.id)] = home
        run.begun.append(home)
        begin_inner(my_task)

    def _on_subworkflow_completed(self, _subworkflow: Any, my_task: Task) -> None:
        if not my_task.has_state(TaskState.FINISHED_MASK):
            my_task._set_state(TaskState.READY)

    def _run_hook(self, my_task: Task) -> Any:
        """Take back what the model maps."""
        run, mappings = run_of(my_task), self.extensions.get("out", ())
        home = run.calls.get(str(my_task.id))
        if home is None:
            _share(run, my_task, mappings)
            return True
        run.put(my_task, mapped(run, my_task, mappings, home.variables))
        run.ended.append(run.calls.pop(str(my_task.id)))
        return True

    def _process(self, run: Run, my_task: Task) -> Process | None:
        said = self.extensions
        key = _text(run, my_task, self.spec)
        binding = said.get("calledElementBinding", "latest")
        found = run.workflow.subprocess_specs.find(
            run.home(my_task).process,
            key,
            binding,
            version=_text(run, my_task, said.get("calledElementVersion")),
            tag=_text(run, my_task, said.get("calledElementVersionTag")),
        )
        if found is None and run.services.lenient:
            log.warning("service_skipped", extra={"service": key, "element": self.bpmn_id})
            return None
        if found is None:
            bound = "" if binding in ("latest", "deployment") else f" in the {binding} that is asked for"
            raise ExecutionFailed(f"{self.bpmn_id}: the process {key!r} that is called here is not deployed{bound}")
        return cast("Process", found)


def begin_inner(my_task: Task) -> None:
    """Begin what runs within a task."""
    inner_of(my_task).get_next_task(spec_name="Start").run()


def inner_of(my_task: Task) -> Workflow:
    """A new workflow within a task, before its start."""
    top = my_task.workflow.top_workflow
    know_place(my_task)
    inner = BpmnSubWorkflow(top.subprocess_specs.spec_of(my_task), parent_task_id=my_task.id, top_workflow=top)
    top.subprocesses[my_task.id] = inner
    inner.completed_event.connect(my_task.task_spec._on_subworkflow_completed, my_task)
    return inner


def _text(run: Run, task: Task, text: str | None) -> str:
    if text is None or not ("{" in text or text.startswith("=")):
        return text or ""
    found = unless_lenient(run, task, lambda: value_of(text, run.scope(task), run.now), lambda: None)
    return "" if found is None else str(found)


def mapped(run: Run, task: Task, mappings: list[dict[str, str]], source: Mapping[str, Any]) -> dict[str, Any]:
    """What `in` hands over or `out` takes back; a variable that is not there is null."""
    found: dict[str, Any] = {}
    for mapping in mappings:
        target, name = mapping.get("target"), mapping.get("source")
        if mapping.get("variables") == "all":
            found.update(deepcopy(dict(source)))
        elif target and name:
            found[target] = deepcopy(source.get(name))
        elif target and (text := mapping.get("sourceExpression")) is not None:
            found[target] = _computed(run, task, text, source)
    return {name: value for name, value in found.items() if value is not None} if run.services.lenient else found


def _computed(run: Run, task: Task, text: str, source: Mapping[str, Any]) -> Any:
    scope = {**run.scope(task), **source}
    return unless_lenient(run, task, lambda: value_of(text, scope, run.now), lambda: None)


def _business_key(run: Run, task: Task, mappings: list[dict[str, str]]) -> str | None:
    said = next((mapping["businessKey"] for mapping in mappings if mapping.get("businessKey")), None)
    return _text(run, task, said) or None if said else None


def _share(run: Run, task: Task, mappings: list[dict[str, str]]) -> None:
    """As it was begun by an older program: all variables are shared."""
    run.put(task, mapped(run, task, [one for one in mappings if one.get("variables") != "all"], run.scope(task)))
