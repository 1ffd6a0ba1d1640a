"""Decide: a decision of a model, with those it needs, about variables; and what a process takes of the result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from domain.errors import Refused
from engines.decisions import logic, tables
from engines.decisions.coercion import coerced, is_moment
from engines.decisions.definitions import Decision, DecisionModel, Table
from engines.decisions.feel import bounded
from engines.decisions.functions.conversions import shown
from engines.decisions.scope import Scope
from engines.decisions.values import Impossible, Run, given


class DecisionFailed(Refused):
    """The decision cannot be made with these variables."""

    status: ClassVar[int] = 422
    slug: ClassVar[str] = "decision-failed"


@dataclass(frozen=True, slots=True)
class Result:
    """The rows that a decision answers, and what they are in FEEL: one value, a context, or a list; all plain data."""

    rows: tuple[Mapping[str, Any], ...]
    value: Any


def decide(model: DecisionModel, decision_id: str, variables: Mapping[str, Any], now: datetime) -> Result:
    """Make a decision; raises `DecisionFailed` with decision, rule and reason."""
    if decision_id not in model.decisions:
        raise DecisionFailed(f"there is no decision {decision_id!r}", decision=decision_id)
    return _Deciding(model, variables, now).result(model.decisions[decision_id])


def mapped(result: Result, how: str) -> Any:
    """The result as Camunda's `mapDecisionResult` says; raises `DecisionFailed` when it has another form."""
    if how == "resultList":
        return [dict(row) for row in result.rows]
    if how == "collectEntries":
        return [_entry(row, how) for row in result.rows]
    if how not in ("singleEntry", "singleResult"):
        raise DecisionFailed(f"there is no decision result mapping {how!r}")
    if not result.rows:
        return None
    if len(result.rows) > 1:
        raise DecisionFailed(f"{how} needs one row at most, the decision has {len(result.rows)}")
    return dict(result.rows[0]) if how == "singleResult" else _entry(result.rows[0], how)


def _entry(row: Mapping[str, Any], how: str) -> Any:
    if len(row) > 1:
        raise DecisionFailed(f"{how} needs a single output, the decision has {', '.join(map(repr, row))}")
    return next(iter(row.values()), None)


class _Deciding:
    """One evaluation; what a decision needs is decided before, once."""

    def __init__(self, model: DecisionModel, variables: Mapping[str, Any], now: datetime) -> None:
        self._model = model
        self._run = Run(now)
        self._names: dict[str, Any] = {}
        self._scope = Scope(self._run, self._names, plain=variables)
        self._done: set[str] = set()
        for knowledge in model.knowledge:
            self._names[knowledge.name] = logic.function(knowledge.function, self._scope, model.types)

    def result(self, decision: Decision) -> Result:
        self._take_inputs(decision)
        for required in decision.decisions:
            self._require(self._model.decisions[required])
        try:
            rows, value = bounded(lambda: self._made(decision))
            return Result(tuple(self._plain(row) for row in rows), self._plain(value))
        except (Impossible, tables.Undecided) as error:
            raise self._failed(decision, error) from error

    def _take_inputs(self, decision: Decision) -> None:
        """Dates and durations come as texts, and are declared to be more."""
        for expected in self._model.inputs:
            if not self._scope.has(expected.name) or not is_moment(expected.type, self._model.types):
                continue
            try:
                found = coerced(self._run, self._scope.find(expected.name), expected.type, self._model.types)
            except Impossible as error:
                raise self._failed(decision, Impossible(f"input {expected.name!r}: {error}")) from error
            self._names[expected.name] = found

    def _require(self, decision: Decision) -> None:
        if decision.id in self._done:
            return
        for required in decision.decisions:
            self._require(self._model.decisions[required])
        try:
            rows, value = bounded(lambda: self._made(decision))
        except (Impossible, tables.Undecided) as error:
            raise self._failed(decision, error) from error
        for name in rows[0] if rows else ():
            self._names[name] = rows[0][name] if len(rows) == 1 else [row[name] for row in rows]
        self._names[decision.variable] = value
        self._done.add(decision.id)

    def _made(self, decision: Decision) -> tuple[list[tables.Row], Any]:
        types = self._model.types
        if decision.logic is None:
            raise Impossible("has no logic")
        if isinstance(decision.logic, Table):
            rows = tables.rows(decision.logic, self._scope, types)
            return rows, tables.value(decision.logic, rows)
        value = coerced(self._run, logic.value(decision.logic, self._scope, types), decision.type, types)
        return [{decision.variable: value}], value

    def _plain(self, value: Any) -> Any:
        return bounded(lambda: given(self._run, value, lambda found: shown(self._run, found)))

    def _failed(self, decision: Decision, error: Exception) -> DecisionFailed:
        return DecisionFailed(f"decision {decision.name!r}: {error}", decision=decision.id)
