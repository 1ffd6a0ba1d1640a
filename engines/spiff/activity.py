"""What an element does beside its own work: input and output parameters, and listeners."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask

from engines.spiff.context import said_of
from engines.spiff.dialects import plain_name
from engines.spiff.feel import value_of
from engines.spiff.leniency import unless_lenient
from engines.spiff.listeners import listen
from engines.spiff.run import Run, Task
from engines.spiff.script import run_script
from engines.spiff.stops import border

ENTERED = "entered"
"""Mark of a task whose inputs are set and whose start listeners have run."""
DONE = "done"
"""Mark of a user task that a person has completed while what comes with that has failed."""
SHOWN = "shown"
"""Mark of a user task that is ready for a person."""


_SKIPPING = ("_ACTIVITI_SKIP_EXPRESSION_ENABLED", "_FLOWABLE_SKIP_EXPRESSION_ENABLED")
PASSED = "passed"
"""Mark of a task whose border was crossed."""


def is_held(run: Run, task: Task) -> bool:
    """Whether a transaction ends before this task, as its model draws it; then the instance has stopped there."""
    said, before = said_of(task), said_of(task.parent) if task.parent else {}
    if "true" not in (said.get("asyncBefore"), said.get("async"), before.get("asyncAfter")):
        return False
    if PASSED in task.internal_data:
        return False
    element = task.task_spec.bpmn_id or task.task_spec.name
    run.stops[str(task.id)] = border(element, run.home(task).instance_id, run.now)
    return True


def is_skipped(run: Run, task: Task) -> bool:
    """Whether a task is left out, as Activiti does it: where a variable allows that and its expression says so."""
    text, seen = said_of(task).get("skipExpression"), run.visible(task)
    if not text or not any(seen.get(name) is True for name in _SKIPPING):
        return False
    return value_of(text, run.scope(task), run.now) is True


def enter(run: Run, task: Task) -> None:
    """Before an element acts, once: its input parameters, then its start listeners."""
    said = said_of(task)
    if not said or task.internal_data.get(ENTERED):
        return
    inputs, listeners = said.get("inputs"), said.get("listeners")
    if not inputs and not listeners:
        return
    undo = run.restorer(task)
    try:
        for parameter in inputs or ():
            run.put_local(task, _given(run, task, parameter))
        listen(run, task, listeners or (), "start")
    except Exception:
        undo()
        raise
    task.internal_data[ENTERED] = True


def leave(run: Run, task: Task) -> None:
    """After an element has acted: its end listeners, then its output parameters; what was local to it is gone."""
    said, name = said_of(task) or {}, str(task.id)
    listen(run, task, said.get("listeners") or (), "end")
    found = {name: one for given in said.get("outputs") or () for name, one in _given(run, task, given).items()}
    if task.parent is None or not isinstance(task.parent.task_spec, LoopTask):
        run.local.pop(name, None)
    for one in (*said.get("inputs", ()), *said.get("fields", ())):
        # Of one of several instances the rest stays until the list of what they give is made of it.
        run.local.get(name, {}).pop(one["name"], None)
    if not run.local.get(name, True):
        del run.local[name]
    if found:
        run.put(task, found)


def _given(run: Run, task: Task, parameter: Mapping[str, Any]) -> dict[str, Any]:
    """A parameter by its name; in a trial, what nobody gives takes the place of nothing."""
    found = unless_lenient(run, task, lambda: value(run, task, parameter["value"]), lambda: None)
    return {} if found is None and run.services.lenient else {parameter["name"]: found}


def value(run: Run, task: Task, said: Mapping[str, Any]) -> Any:
    """A parameter: text with expressions, a script, a list or a map of these."""
    if "list" in said:
        return [value(run, task, one) for one in said["list"]]
    if "map" in said:
        return {name: value(run, task, one) for name, one in said["map"].items()}
    if "script" in said:
        return run_script(run, task, said.get("format"), said["script"], {}, is_local=True)
    text, scope = said.get("text") or "", run.scope(task)
    # In Camunda 8 a mapping of what is not there gives null.
    return None if (name := plain_name(text)) and name not in scope else value_of(text, scope, run.now)
