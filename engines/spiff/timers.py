"""Timers on the run's own clock; when one is due is fixed the first time it is asked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from SpiffWorkflow.bpmn.specs.event_definitions import timer

from domain.errors import ExecutionFailed
from domain.values import iso, parse_time
from engines.expressions.moments import moment
from engines.spiff import cycles
from engines.spiff.feel import value_of
from engines.spiff.leniency import unless_lenient
from engines.spiff.run import Run, Task, run_of


def _said(run: Run, my_task: Task, text: str) -> Any:
    found = value_of(text.strip(), run.scope(my_task), run.now)
    return found.strip() if isinstance(found, str) else found


class _Timed:
    expression: str
    some = "PT1H"
    """What a trial takes for one that cannot be told."""

    def has_fired(self, my_task: Task) -> bool:
        """Whether the clock of the run has reached the moment, which is fixed when the timer is first asked."""
        run, kept = run_of(my_task), my_task.internal_data
        if kept.get("event_value") is None:
            kept["event_value"] = unless_lenient(
                *(run, my_task, lambda: self._read(run, my_task)), lambda: self.first(self.some, run.now)
            )
        if self.is_over(kept["event_value"], run.now):
            kept["event_fired"] = True
        return bool(kept.get("event_fired", False))

    def _read(self, run: Run, my_task: Task) -> Any:
        try:
            return self.first(_said(run, my_task, self.expression), run.now)
        except ValueError as error:
            raise ExecutionFailed(f"{my_task.task_spec.bpmn_id}: unreadable timer: {error}") from error

    def first(self, said: Any, now: datetime) -> Any:
        """What to remember of the moment it fires."""
        return iso(moment(said, now))

    def is_over(self, value: Any, now: datetime) -> bool:
        """Whether that moment has come."""
        return bool(parse_time(value) <= now)


class AtDate(_Timed, timer.TimeDateEventDefinition):  # type: ignore[misc]
    """A timer with a date."""


class AfterDuration(_Timed, timer.DurationTimerEventDefinition):  # type: ignore[misc]
    """A timer with a duration."""


class EveryCycle(_Timed, timer.TimerEventDefinition):  # type: ignore[misc]
    """A repeating timer, `R3/PT10M` or cron; each round is a token of its own, see `engines.spiff.repeated`."""

    some = "R1/PT1H"

    def first(self, said: Any, now: datetime) -> Any:
        """The first round."""
        return cycles.begin(said if isinstance(said, str) else str(said), now)

    def is_over(self, value: Any, now: datetime) -> bool:
        """Whether the round has come; there may be none left."""
        return value["cycles"] != 0 and bool(parse_time(value["next"]) <= now)
