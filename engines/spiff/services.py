"""Service tasks: the function of the application, the job or the decision that an element names, and what it gives."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from domain.engine_job import EXTERNAL, JOB
from domain.errors import BpmnError, ExecutionFailed, InvalidValue, Permanent, Refused
from domain.values import check
from engines.expressions.evaluate import ExpressionFailed
from engines.spiff.decided import decide_at
from engines.spiff.feel import value_of
from engines.spiff.run import Run, Task
from engines.spiff.stops import ServiceFailed

log = logging.getLogger(__name__)

NAMING = (
    "service",
    "delegateExpression",
    "connector",
    "class",
    "decisionRef",
    "operation",
    "topic",
    "type",
    "implementation",
)
_CODE = ("expression", *NAMING)


def call(run: Run, task: Task) -> bool | None:
    """Do what a service element says and merge its result into the variables; None where a job does it later.

    Raises `ServiceFailed` where a service fails, which may pass, and `ExecutionFailed` where there is none.
    Whatever a service says, our own "try again later" included, is its failure: nothing of ours was away.
    """
    said, element = task.task_spec.extensions, task.task_spec.bpmn_id
    name = name_of(said, element)
    if (registered := next((one for one in (name, element) if one in run.services.by_name), None)) is not None:
        _serve(run, task, registered, said)
    elif topic := topic_of(said):
        run.jobs[str(task.id)] = (EXTERNAL, topic)
        run.put_local(task, _injected(run, task, said))
        return None
    elif said.get("decisionRef"):
        decide_at(run, task, said)
    elif (job := next((one for one in (name, element) if one in run.services.jobs), None)) is not None:
        run.jobs[str(task.id)] = (JOB, job)
        run.put_local(task, _injected(run, task, said))
        return None
    else:
        _without_service(run, task, name, said)
    return True


def notify(run: Run, task: Task, listener: Mapping[str, Any]) -> None:
    """Do what a listener says that is no script, if anything: a service or an expression; raises as `call`."""
    name = name_of(listener, "")
    if name in run.services.by_name:
        _serve(run, task, name, listener)
    elif name:
        _without_service(run, task, name, listener)


def topic_of(said: Mapping[str, Any]) -> str | None:
    """The topic under which an external task is fetched."""
    return str(said.get("topic") or "") or None if said.get("type") == "external" else None


def name_of(said: Mapping[str, Any], element: str) -> str:
    """`${delegate}`, `#{bean.method(argument)}` and `plain` name a service; else it is called as its element."""
    found = next((said[name] for name in _CODE if said.get(name)), None)
    if found is None:
        return element
    return str(found).strip().removeprefix("${").removeprefix("#{").removesuffix("}").partition("(")[0].strip()


def _serve(run: Run, task: Task, name: str, said: Mapping[str, Any]) -> None:
    result, kept = _called(name, run, task, _injected(run, task, said)), said.get("resultVariable")
    if kept and (not isinstance(result, Mapping) or "expression" in said):
        _keep(run, task, name, {kept: result})
    elif isinstance(result, Mapping):
        _keep(run, task, name, result)


def _injected(run: Run, task: Task, said: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a service or a listener, which only it sees."""
    return {
        one["name"]: value_of(one["expression"], run.scope(task), run.now) if "expression" in one else one["text"]
        for one in said.get("fields", ())
    }


def _called(name: str, run: Run, task: Task, fields: Mapping[str, Any]) -> Any:
    try:
        with run.services.savepoint():
            return run.services.by_name[name](deepcopy({**run.visible(task), **fields}))
    except (Permanent, Refused, BpmnError):
        raise
    except Exception as error:
        raise ServiceFailed(f"service {name!r} failed: {type(error).__name__}: {error}", service=name) from error


def _keep(run: Run, task: Task, name: str, result: Mapping[str, Any]) -> None:
    try:
        check(result, name)
    except InvalidValue as error:
        raise ExecutionFailed(f"service {name!r} returned what cannot be kept: {error}", service=name) from error
    run.put(task, result)


def _without_service(run: Run, task: Task, name: str, said: Mapping[str, Any]) -> None:
    element, text = task.task_spec.bpmn_id, said.get("expression")
    try:
        if text:
            value = value_of(text, run.scope(task), run.now)
            if kept := said.get("resultVariable"):
                _keep(run, task, text, {kept: value})
        elif any(said.get(naming) for naming in NAMING):
            raise ExecutionFailed(f"the service {name!r} of {element!r} is not registered", service=name)
        else:
            raise ExecutionFailed(f"nothing says what {element!r} does: it names no service")
    except (ExecutionFailed, ExpressionFailed):
        if not run.services.lenient:
            raise
        log.warning("service_skipped", extra={"service": (text or name)[:200], "element": element})
