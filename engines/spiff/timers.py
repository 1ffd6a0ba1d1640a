"""Timers on the run's own clock; when one is due is fixed the first time it is asked."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.specs.event_definitions import timer

from domain.errors import ExecutionFailed
from domain.values import iso, parse_time
from engines.expressions import evaluate
from engines.expressions.moments import moment, parse_duration
from engines.spiff.run import Run, Task, run_of


def _timer(run: Run, my_task: Task, text: str) -> Any:
    found = evaluate.value(text.strip(), run.scope(my_task), run.now)
    return found.strip() if isinstance(found, str) else found


class _Once:
    expression: str

    def has_fired(self, my_task: Task) -> bool:
        """Whether the clock of the run has reached the moment, which is fixed when the timer is first asked."""
        run, kept = run_of(my_task), my_task.internal_data
        if kept.get("event_value") is None:
            try:
                kept["event_value"] = iso(moment(_timer(run, my_task, self.expression), run.now))
            except ValueError as error:
                raise ExecutionFailed(f"{my_task.task_spec.bpmn_id}: unreadable timer: {error}") from error
        if parse_time(kept["event_value"]) <= run.now:
            kept["event_fired"] = True
        return bool(kept.get("event_fired", False))


class AtDate(_Once, timer.TimeDateEventDefinition):  # type: ignore[misc]
    """A timer with a date."""


class AfterDuration(_Once, timer.DurationTimerEventDefinition):  # type: ignore[misc]
    """A timer with a duration."""


class EveryCycle(timer.CycleTimerEventDefinition):  # type: ignore[misc]
    """A repeating timer, `R3/PT10M`."""

    def cycle_complete(self, my_task: Task) -> bool:
        """Whether the next round has come."""
        run, kept = run_of(my_task), my_task.internal_data
        if kept.get("event_value") is None:
            kept["event_value"] = _cycle(_timer(run, my_task, self.expression), run, my_task)
        value = kept["event_value"]
        if value["cycles"] == 0:
            kept["event_fired"] = True
            return False
        if parse_time(value["next"]) > run.now:
            return False
        value["next"] = iso(parse_duration(value["duration"]).after(parse_time(value["next"])))
        value["cycles"] -= 1
        return True


def _cycle(text: str, run: Run, my_task: Task) -> dict[str, Any]:
    try:
        repeat, *start, duration = text.strip().split("/")
        if not repeat.startswith("R"):
            raise ValueError(f"{text!r} is not R[n]/[start/]duration")
        first = moment(start[0], run.now) if start else parse_duration(duration).after(run.now)
        return {"cycles": int(repeat[1:] or -1), "next": iso(first), "duration": duration}
    except (ValueError, AttributeError) as error:
        raise ExecutionFailed(f"{my_task.task_spec.bpmn_id}: unreadable timer cycle: {error}") from error
