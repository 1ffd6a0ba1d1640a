"""Service tasks: which function of the application a BPMN element names, and what its result changes."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from domain.engine_job import JobKind
from domain.errors import ExecutionFailed, InvalidValue, Permanent, Refused
from domain.values import check
from engines.expressions import evaluate
from engines.spiff.run import Run, Task

log = logging.getLogger(__name__)

_NAMING = ("service", "delegateExpression", "topic", "class", "expression", "decisionRef", "type")


def outside(run: Run, task: Task) -> tuple[JobKind, str] | None:
    """Of which kind and topic the job is that this task waits for, if it does."""
    attributes: Mapping[str, str] = task.task_spec.extensions
    if attributes.get("type") == "external" and "topic" in attributes:
        return "external", attributes["topic"]
    name = next((_name(attributes[found]) for found in _NAMING if found in attributes), task.task_spec.bpmn_id)
    return ("job", name) if name in run.services.jobs else None


def call(run: Run, task: Task) -> None:
    """Call the service and merge its result into the variables; raises `ExecutionFailed` naming the service.

    Whatever a service says, our own "try again later" included, is its failure: nothing of ours was away.
    """
    attributes: Mapping[str, str] = task.task_spec.extensions
    name = next((_name(attributes[found]) for found in _NAMING if found in attributes), task.task_spec.bpmn_id)
    service = run.services.by_name.get(name) or run.services.by_name.get(task.task_spec.bpmn_id)
    if service is None:
        _without_service(run, task, name)
        return
    result = _called(name, service, run, task)
    if isinstance(result, Mapping):
        _keep(run, name, result)
    elif result is not None and "resultVariable" in attributes:
        _keep(run, name, {attributes["resultVariable"]: result})


def _name(text: str) -> str:
    """`${delegate}`, `#{bean.method(argument)}` and `plain` name a service."""
    return text.strip().removeprefix("${").removeprefix("#{").removesuffix("}").partition("(")[0].strip()


def _called(name: str, service: Any, run: Run, task: Task) -> Any:
    try:
        return service(deepcopy(run.visible(task)))
    except (Permanent, Refused):
        raise
    except Exception as error:
        raise ExecutionFailed(f"service {name!r} failed: {type(error).__name__}: {error}", service=name) from error


def _keep(run: Run, name: str, result: Mapping[str, Any]) -> None:
    try:
        check(result, name)
    except InvalidValue as error:
        raise ExecutionFailed(f"service {name!r} returned what cannot be kept: {error}", service=name) from error
    run.variables.update(result)


def _without_service(run: Run, task: Task, name: str) -> None:
    attributes = task.task_spec.extensions
    if "expression" in attributes and "resultVariable" in attributes:
        try:
            value = evaluate.value(attributes["expression"], run.scope(task), run.now)
        except evaluate.ExpressionFailed:
            value = None
        else:
            _keep(run, name, {attributes["resultVariable"]: value})
            return
    if not run.services.lenient:
        raise ExecutionFailed(f"the service {name!r} of {task.task_spec.bpmn_id!r} is not registered", service=name)
    log.warning("service_skipped", extra={"service": name, "element": task.task_spec.bpmn_id})
