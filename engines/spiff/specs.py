"""Our kinds of BPMN elements; shared by all instances, they keep nothing and find the run through the workflow."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.util.task import TaskState

from domain.errors import ExecutionFailed
from engines.spiff.calls import begin_inner
from engines.spiff.feel import value_of
from engines.spiff.history import end_within
from engines.spiff.leniency import unless_lenient
from engines.spiff.run import Run, Task, run_of
from engines.spiff.script import run_script
from engines.spiff.services import call
from engines.spiff.stops import FAULTS

# ruff: noqa: SLF001 - SpiffWorkflow's extension points are underscored


class HumanTask(defaults.UserTask):  # type: ignore[misc]
    """A user task; how it ended is seen from its state."""


class PassedTask(defaults.NoneTask):  # type: ignore[misc]
    """An abstract or manual task: nothing here waits for it."""

    def __init__(self, wf_spec: Any, bpmn_id: str, **kwargs: Any) -> None:
        super().__init__(wf_spec, bpmn_id, **kwargs)
        self.manual = False


class ServiceCall(defaults.ServiceTask):  # type: ignore[misc]
    """A service task: a function of the application by name, a job, an expression or a decision."""

    def _execute(self, task: Task) -> bool | None:
        return call(run_of(task), task)


class Script(defaults.ScriptTask):  # type: ignore[misc]
    """A script task."""

    def _execute(self, task: Task) -> bool:
        run_script(run_of(task), task, self.extensions.get("scriptFormat"), self.script, self.extensions)
        return True


SKIPPABLE = (HumanTask, ServiceCall, Script)
"""What a model may leave out by an expression."""


class Inner(defaults.SubWorkflowTask):  # type: ignore[misc]
    """An embedded sub-process: it sees the variables around it."""

    def start_workflow(self, my_task: Task) -> None:
        """Begin what is within."""
        begin_inner(my_task)

    def _on_subworkflow_completed(self, _subworkflow: Any, my_task: Task) -> None:
        if not my_task.has_state(TaskState.FINISHED_MASK):
            my_task._set_state(TaskState.READY)


class Transaction(Inner, defaults.TransactionSubprocess):  # type: ignore[misc]
    """A transaction sub-process."""


class Beside(Inner, defaults.EventSubprocess):  # type: ignore[misc]
    """An event sub-process."""


class StartingEvent(defaults.StartEvent):  # type: ignore[misc]
    """A start event that keeps who started the process, where the model asks for it."""

    def _update_hook(self, my_task: Task) -> Any:
        run, said = run_of(my_task), getattr(self, "extensions", {})
        wanted = run.start if my_task.workflow is run.workflow else None
        if wanted != self.bpmn_id and (wanted or said.get("notByName")):
            my_task.cancel()
            return None
        if name := said.get("initiator"):
            # who started it is known here; a start variable of that name must not forge it
            home = run.home(my_task)
            home.variables[name] = run.stored.start_user or home.variables.get(name)
        return super()._update_hook(my_task)


class _Each:
    """Multi-instance as Camunda does it: the item, `loopCounter` and the `nrOf…` counts are local to each instance."""

    extensions: dict[str, Any]

    def count(self, my_task: Task) -> int:
        my_task.internal_data["cardinality"] = len(self._items(my_task))
        self._tell_counts(my_task, 0)
        return _cardinality(my_task)

    def active(self, instances: int, completed: int) -> int:
        return instances - completed

    def _tell_counts(self, my_task: Task, completed: int) -> None:
        """As they are: whoever sets variables of these names changes no more than what is seen until the next."""
        instances = _cardinality(my_task)
        counts = {"nrOfInstances": instances, "nrOfCompletedInstances": completed}
        run_of(my_task).put_local(my_task, counts | {"nrOfActiveInstances": self.active(instances, completed)})

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
        self._tell_counts(child.parent, len(child.parent.internal_data["merged"]) + 1)
        self._collect(child)
        super().merge_child(workflow, child)  # type: ignore[misc]

    def check_completion_condition(self, my_task: Task) -> bool:
        try:
            return bool(super().check_completion_condition(my_task))  # type: ignore[misc]
        except FAULTS as error:
            # The instance that ended has ended; what comes after all of them is what has to wait.
            run_of(my_task).stop(my_task, error)
            return False

    def _on_cancel(self, my_task: Task) -> None:
        # SpiffWorkflow takes the instances out of the tree, and leaves running what is within them.
        end_within(my_task.workflow.top_workflow)
        super()._on_cancel(my_task)  # type: ignore[misc]

    def _collect(self, child: Task) -> None:
        """Keep what an instance gives for the list of all."""
        run, item = run_of(child), self.extensions.get("outputItem")
        if self.extensions.get("output") and item:
            text = item if "{" in item or item.startswith("=") else None
            found = value_of(text, run.scope(child), run.now) if text else run.visible(child).get(item)
            results = child.parent.internal_data.setdefault("results", [])
            results.append([child.internal_data["key_or_index"], found])

    def _on_complete_hook(self, my_task: Task) -> None:
        run = run_of(my_task)
        for task in (my_task, *my_task.children):
            run.local.pop(str(task.id), None)
        if name := self.extensions.get("output"):
            results = sorted(my_task.internal_data.pop("results", []), key=itemgetter(0))
            run.put(my_task, {name: [found for _, found in results]})
        super()._on_complete_hook(my_task)  # type: ignore[misc]
        # Who has ended is not asked again, and what is saved should not name thousands.
        my_task.internal_data.pop("merged", None)

    def _local(self, my_task: Task, index: int) -> dict[str, Any]:
        name, item = self.extensions.get("elementVariable"), self.extensions.get("outputItem")
        found = {"loopCounter": index} | ({name: self._items(my_task)[index]} if name else {})
        return found | ({item: None} if self.extensions.get("output") and item and item.isidentifier() else {})

    def _items(self, my_task: Task) -> list[Any] | range:
        return unless_lenient(run_of(my_task), my_task, lambda: self._found(my_task), lambda: [None])

    def _found(self, my_task: Task) -> list[Any] | range:
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


def _cardinality(my_task: Task) -> int:
    """How many instances there are to be; an older program kept it only where the model can change it."""
    kept = my_task.internal_data.get("cardinality")
    return int(run_of(my_task).local[str(my_task.id)]["nrOfInstances"] if kept is None else kept)


class Repeated(defaults.StandardLoopTask):  # type: ignore[misc]
    """An activity that is done again as long as its condition holds."""

    def merge_child(self, _workflow: Any, child: Task) -> None:
        """One time is over."""
        child.parent.internal_data["merged"].append(str(child.id))
        self.go_on(child.parent)

    def go_on(self, my_task: Task) -> None:
        """Once more, or on; where that cannot be told the loop has to wait, and not whoever has ended one time."""
        try:
            is_over = self.loop_complete(my_task)
        except FAULTS as error:
            run_of(my_task).stop(my_task, error)
            return
        if is_over:
            my_task._set_state(TaskState.READY)
        else:
            self.create_child(my_task)


def look_again(my_task: Task) -> None:
    """Whether several instances are over, where that could not be said before."""
    spec = my_task.task_spec
    if isinstance(spec, Repeated):
        spec.go_on(my_task)
    elif spec.check_completion_condition(my_task):
        for child in my_task.children:
            child.cancel()
        my_task._set_state(TaskState.READY)


def _named(run: Run, my_task: Task, text: str) -> Any:
    scope = run.scope(my_task)
    return value_of(text, scope, run.now) if "{" in text or text.startswith("=") else scope.get(text)


_DIGITS = 7
MAX_INSTANCES = 10_000


class EachAtOnce(_Each, defaults.ParallelMultiInstanceTask):  # type: ignore[misc]
    """A parallel multi-instance activity."""

    def create_children(self, my_task: Task) -> None:
        """Make all instances at once."""
        for index in range(self.count(my_task)):
            self.create_child(my_task, index)

    def children_complete(self, my_task: Task) -> bool:
        """Whether none is left, by counting instead of asking all of them after each."""
        return len(my_task.internal_data["merged"]) >= _cardinality(my_task)


class OneAfterAnother(_Each, defaults.SequentialMultiInstanceTask):  # type: ignore[misc]
    """A sequential multi-instance activity."""

    def _update_hook(self, my_task: Task) -> bool | None:
        BpmnTaskSpec._update_hook(self, my_task)
        my_task.internal_data.update(merged=[], current=0)
        self.count(my_task)
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
        return len(my_task.internal_data["merged"]) >= _cardinality(my_task)

    def active(self, _instances: int, _completed: int) -> int:
        """One at a time."""
        return 1
