"""Service tasks: the function of the application, the job or the decision that an element names, and what it gives."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from domain.engine_job import EXTERNAL, JOB
from domain.errors import BpmnError, ExecutionFailed, InvalidValue, Permanent, Refused
from domain.values import check
from engines.expressions import evaluate
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


def call(run: Run, task: Task, attributes: Mapping[str, Any] | None = None) -> bool | None:
    """Do what the element says and merge its result into the variables; None where a job does it later.

    Raises `ServiceFailed` where a service fails, which may pass, and `ExecutionFailed` where there is none.
    Whatever a service says, our own "try again later" included, is its failure: nothing of ours was away.
    """
    said: Mapping[str, Any] = task.task_spec.extensions if attributes is None else attributes
    if (topic := topic_of(said)) and name_of(said, task.task_spec.bpmn_id) not in run.services.by_name:
        run.jobs[str(task.id)] = (EXTERNAL, topic)
        return None
    if said.get("decisionRef") and name_of(said, task.task_spec.bpmn_id) not in run.services.by_name:
        decide_at(run, task, said)
        return True
    name = name_of(said, task.task_spec.bpmn_id)
    service = run.services.by_name.get(name) or run.services.by_name.get(task.task_spec.bpmn_id)
    if service is None:
        if job := next((one for one in (name, task.task_spec.bpmn_id) if one in run.services.jobs), None):
            run.jobs[str(task.id)] = (JOB, job)
            return None
        _without_service(run, task, name, said)
        return True
    result = _called(name, service, run, task)
    if said.get("resultVariable") and (not isinstance(result, Mapping) or "expression" in said):
        _keep(run, task, name, {said["resultVariable"]: result})
    elif isinstance(result, Mapping):
        _keep(run, task, name, result)
    return True


def topic_of(said: Mapping[str, Any]) -> str | None:
    """The topic under which an external task is fetched."""
    return str(said.get("topic") or "") or None if said.get("type") == "external" else None


def name_of(said: Mapping[str, Any], element: str) -> str:
    """`${delegate}`, `#{bean.method(argument)}` and `plain` name a service; else it is called as its element."""
    found = next((said[name] for name in _CODE if said.get(name)), None)
    if found is None:
        return element
    return str(found).strip().removeprefix("${").removeprefix("#{").removesuffix("}").partition("(")[0].strip()


def _called(name: str, service: Any, run: Run, task: Task) -> Any:
    try:
        with run.services.savepoint():
            return service(deepcopy(run.visible(task)))
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
    if text := said.get("expression"):
        evaluated(run, task, text, said.get("resultVariable"))
        return
    if not run.services.lenient and not any(said.get(naming) for naming in NAMING):
        raise ExecutionFailed(f"nothing says what {task.task_spec.bpmn_id!r} does: it names no service")
    if not run.services.lenient:
        raise ExecutionFailed(f"the service {name!r} of {task.task_spec.bpmn_id!r} is not registered", service=name)
    log.warning("service_skipped", extra={"service": name, "element": task.task_spec.bpmn_id})


def evaluated(run: Run, task: Task, text: str, result_variable: str | None) -> None:
    """Evaluate an expression for what it does, and keep its value where that is asked for."""
    try:
        value = value_of(text, run.scope(task), run.now)
    except evaluate.ExpressionFailed:
        if not run.services.lenient:
            raise
        log.warning("service_skipped", extra={"service": text[:200], "element": task.task_spec.bpmn_id})
        return
    if result_variable:
        _keep(run, task, text, {result_variable: value})
