"""What SpiffWorkflow evaluates goes through our expressions; its own use of Python's `eval` is out of reach."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from SpiffWorkflow.bpmn.script_engine.python_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment

from domain.errors import ExecutionFailed
from engines.expressions import evaluate
from engines.expressions.failure import attempt
from engines.expressions.scripts import compile_script
from engines.expressions.tokens import Unreadable
from engines.spiff.feel import evaluate_feel
from engines.spiff.leniency import unless_lenient
from engines.spiff.run import Run, Task, run_of
from engines.spiff.source import SCRIPT

log = logging.getLogger(__name__)


class _NoEnvironment(BasePythonScriptEngineEnvironment):  # type: ignore[misc]
    """SpiffWorkflow falls back to its environment in places; ours evaluates nothing."""

    def evaluate(self, expression: str, _context: Any, _external: Any = None) -> Any:
        raise ExecutionFailed(f"{expression!r} cannot be evaluated here")

    def execute(self, script: str, _context: Any, _external: Any = None) -> Any:
        raise ExecutionFailed(f"{script!r} cannot be run here")


class RestrictedEngine(PythonScriptEngine):  # type: ignore[misc]
    """Conditions and scripts in our own grammar, on the variables of the run."""

    def __init__(self) -> None:
        super().__init__(environment=_NoEnvironment())

    def evaluate(self, task: Task, expression: str, external_context: Mapping[str, Any] | None = None) -> Any:
        """Whether a condition holds."""
        del external_context
        run, text = run_of(task), expression or ""
        element = task.task_spec.bpmn_id or task.task_spec.name
        return unless_lenient(
            *(run, task, lambda: _holds(run, task, text)),
            lambda: run.services.undecided(element, _written(text)),
        )


def _written(text: str) -> str:
    """A condition as its model has it."""
    return text.partition("\n")[2] if text.startswith(SCRIPT) else text


def _holds(run: Run, task: Task, text: str) -> bool:
    if text.startswith(SCRIPT):
        language, _, script = text.removeprefix(SCRIPT).partition("\n")
        return _decided(script, language, run.scope(task), run.now)
    return evaluate.condition(text, run.scope(task), run.now)


def _decided(script: str, language: str, scope: Mapping[str, Any], now: datetime) -> bool:
    """Whether the value of a script holds; what it sets is not kept."""
    result = compile_script(script, language).run(scope, now).result
    return attempt(script, lambda: evaluate.decided(result))  # type: ignore[no-any-return]


def run_script(
    run: Run, task: Task, language: str | None, script: str, said: Mapping[str, Any], *, is_local: bool = False
) -> Any:
    """Run a script; returns its value. What it sets is set all or none, and not at all where it is `is_local`."""
    if (language or "").lower() == "feel":
        found = evaluate_feel(script, run.scope(task), run.now)
        if name := said.get("resultVariable"):
            run.put(task, {name: found})
        return found
    try:
        stores = True if said.get("autoStoreVariables") == "true" else None
        outcome = compile_script(script or "", language, stores=stores).run(run.scope(task), run.now)
        if not is_local:
            run.put(task, outcome.variables)
        if name := said.get("resultVariable"):
            run.put(task, {name: outcome.result})
        return outcome.result
    except Unreadable as error:
        raise ExecutionFailed(f"{task.task_spec.bpmn_id}: {error}") from error
    except evaluate.ExpressionFailed as error:
        if not run.services.lenient:
            raise
        log.warning(
            "script_skipped",
            extra={"element": task.task_spec.bpmn_id, "reason": type(error.__cause__ or error).__name__},
        )
        return None
