"""Our kinds of BPMN elements; shared by all instances, they keep nothing and find the run through the workflow."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.util.task import TaskState

from domain.errors import ExecutionFailed
from engines.expressions import evaluate
from engines.spiff.run import Run, Task, run_of
from engines.spiff.services import call, outside

# ruff: noqa: SLF001 - SpiffWorkflow's extension points are underscored


MAX_DEPTH = 50
"""How deep a process may call processes that call processes."""


class HumanTask(defaults.UserTask):  # type: ignore[misc]
    """A user task that says when it is ready; how it ended is seen from its state."""

    def _on_ready_hook(self, my_task: Task) -> None:
        super()._on_ready_hook(my_task)
        run_of(my_task).ready.append(my_task)


class PassedTask(defaults.NoneTask):  # type: ignore[misc]
    """An abstract or manual task: nothing here waits for it."""

    def __init__(self, wf_spec: Any, bpmn_id: str, **kwargs: Any) -> None:
        super().__init__(wf_spec, bpmn_id, **kwargs)
        self.manual = False


class ServiceCall(defaults.ServiceTask):  # type: ignore[misc]
    """A service task: a function of the application, by name."""

    def _execute(self, task: Task) -> bool | None:
        if outside(run_of(task), task):
            return None
        call(run_of(task), task)
        return True


class StartingEvent(defaults.StartEvent):  # type: ignore[misc]
    """A start event that keeps who started the process, where the model asks for it."""

    def _run_hook(self, my_task: Task) -> Any:
        run = run_of(my_task)
        if name := getattr(self, "extensions", {}).get("initiator"):
            # who started it is known here; a start variable of that name must not forge it
            run.variables[name] = run.stored.start_user or run.variables.get(name)
        return super()._run_hook(my_task)


class CalledProcess(defaults.CallActivity):  # type: ignore[misc]
    """A call activity; the called process shares the instance's variables, `in` and `out` copy them to other names."""

    def start_workflow(self, my_task: Task) -> None:
        """Hand over what the model maps, then start; raises `ExecutionFailed` where calls are nested too deeply."""
        if my_task.workflow.depth >= MAX_DEPTH:
            raise ExecutionFailed(f"{my_task.task_spec.bpmn_id}: processes call each other more than {MAX_DEPTH} deep")
        self._copy(my_task, "in")
        super().start_workflow(my_task)

    def update_data(self, my_task: Task, _subworkflow: Any) -> None:
        """Take back what the model maps."""
        self._copy(my_task, "out")

    def get_missing_subworkflow_error(self, _my_task: Task) -> str:
        """Say which process is missing."""
        return f"the process {self.spec!r} that is called here is not deployed"

    def _copy(self, my_task: Task, direction: str) -> None:
        run = run_of(my_task)
        for mapping in getattr(self, "extensions", {}).get(direction, ()):
            target, source = mapping.get("target"), mapping.get("source")
            if target and source:
                run.variables[target] = deepcopy(run.scope(my_task).get(source))
            elif target and "sourceExpression" in mapping:
                run.variables[target] = evaluate.value(mapping["sourceExpression"], run.scope(my_task), run.now)


class _Each:
    """Multi-instance as Camunda does it: the item, `loopCounter` and the `nrOf…` counts are local to each instance."""

    extensions: dict[str, Any]

    def count(self, my_task: Task) -> int:
        items = self._items(my_task)
        run_of(my_task).local[str(my_task.id)] = {
            "nrOfInstances": len(items),
            "nrOfCompletedInstances": 0,
            "nrOfActiveInstances": len(items),
        }
        return len(items)

    def create_child(self, my_task: Task, index: int, _key: int | None = None) -> None:
        spec = my_task.workflow.spec.task_specs[self.task_spec]  # type: ignore[attr-defined]
        merge = self.merge_child
        if not spec.completed_event.is_connected(merge):
            spec.completed_event.connect(merge)
        child = my_task._add_child(spec, TaskState.WAITING)
        child.triggered = True
        child.internal_data["key_or_index"] = index
        run_of(my_task).local[str(child.id)] = self._local(my_task, index)
        spec._update(child)

    def merge_child(self, workflow: Any, child: Task) -> None:
        counts = run_of(child).local[str(child.parent.id)]
        counts["nrOfCompletedInstances"] += 1
        counts["nrOfActiveInstances"] = counts["nrOfInstances"] - counts["nrOfCompletedInstances"]
        super().merge_child(workflow, child)  # type: ignore[misc]

    def _on_complete_hook(self, my_task: Task) -> None:
        for task in (my_task, *my_task.children):
            run_of(my_task).local.pop(str(task.id), None)
        super()._on_complete_hook(my_task)  # type: ignore[misc]

    def _local(self, my_task: Task, index: int) -> dict[str, Any]:
        name = self.extensions.get("elementVariable")
        return {"loopCounter": index} | ({name: self._items(my_task)[index]} if name else {})

    def _items(self, my_task: Task) -> list[Any] | range:
        run, text = run_of(my_task), self.extensions["collection"]
        found = text if text.isdecimal() else _named(run, my_task, text)
        if isinstance(found, str) and found.isdecimal() and len(found) < _DIGITS:
            found = range(int(found))
        elif isinstance(found, int) and 0 <= found <= MAX_INSTANCES:
            found = range(found)
        if isinstance(found, list | tuple | range) and len(found) <= MAX_INSTANCES:
            return found if isinstance(found, range) else list(found)
        raise ExecutionFailed(
            f"{my_task.task_spec.bpmn_id}: {text!r} is neither a list nor a number of at most {MAX_INSTANCES}"
        )


def _named(run: Run, my_task: Task, text: str) -> Any:
    scope = run.scope(my_task)
    return evaluate.value(text, scope, run.now) if "{" in text else scope.get(text)


_DIGITS = 7
MAX_INSTANCES = 10_000


class EachAtOnce(_Each, defaults.ParallelMultiInstanceTask):  # type: ignore[misc]
    """A parallel multi-instance activity."""

    def create_children(self, my_task: Task) -> None:
        """Make all instances at once."""
        for index in range(self.count(my_task)):
            self.create_child(my_task, index)


class OneAfterAnother(_Each, defaults.SequentialMultiInstanceTask):  # type: ignore[misc]
    """A sequential multi-instance activity."""

    def _update_hook(self, my_task: Task) -> bool | None:
        BpmnTaskSpec._update_hook(self, my_task)
        my_task.internal_data.update(merged=[], current=0, cardinality=self.count(my_task))
        if self.children_complete(my_task):
            return True
        my_task._set_state(TaskState.STARTED)
        self.add_next_child(my_task)
        return None

    def add_next_child(self, my_task: Task) -> None:
        """Make the next instance."""
        index = my_task.internal_data["current"]
        my_task.internal_data["current"] = index + 1
        self.create_child(my_task, index)

    def children_complete(self, my_task: Task) -> bool:
        """Whether no instance is left."""
        merged = len(my_task.internal_data["merged"])
        return bool(merged >= my_task.internal_data["cardinality"])
