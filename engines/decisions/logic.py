"""What the logic of a decision makes of a scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engines.decisions import tables
from engines.decisions.coercion import coerced
from engines.decisions.definitions import Context, Invocation, Items, Lambda, Logic, Relation, Table, Text
from engines.decisions.scope import Scope
from engines.decisions.values import Function, Impossible, Run

Types = Mapping[str, str]


def value(logic: Logic, scope: Scope, types: Types) -> Any:  # noqa: PLR0911 - one for each form
    """Its value as FEEL has it; raises `Impossible` or `Undecided`."""
    scope.run.spend()
    if isinstance(logic, Text):
        return logic.formula.within(scope)
    if isinstance(logic, Table):
        return tables.value(logic, tables.rows(logic, scope, types))
    if isinstance(logic, Context):
        return _context(logic, scope, types)
    if isinstance(logic, Invocation):
        return _invoked(logic, scope, types)
    if isinstance(logic, Items):
        return [value(item, scope, types) for item in logic.items]
    if isinstance(logic, Relation):
        rows = ([value(cell, scope, types) for cell in row] for row in logic.rows)
        return [dict(zip(logic.columns, row, strict=True)) for row in rows]
    return function(logic, scope, types)


def function(logic: Lambda, scope: Scope, types: Types) -> Function:
    """A function that sees the scope it stands in."""
    names = tuple(name for name, _ in logic.parameters)

    def call(run: Run, values: Sequence[Any]) -> Any:
        fitted = [coerced(run, given, of, types) for given, (_, of) in zip(values, logic.parameters, strict=True)]
        inner = scope.inner(dict(zip(names, fitted, strict=True)))
        return scope.deeper(lambda: value(logic.body, inner, types))

    return Function(names, call)


def _context(logic: Context, scope: Scope, types: Types) -> Any:
    found: dict[str, Any] = {}
    inner = scope.inner(found)
    for name, of, entry in logic.entries:
        result = coerced(scope.run, value(entry, inner, types), of, types)
        if name is None:
            return result
        found[name] = result
    return dict(found)


def _invoked(logic: Invocation, scope: Scope, types: Types) -> Any:
    callee = logic.callee.within(scope)
    if not isinstance(callee, Function):
        raise Impossible(f"{logic.callee.text!r} is no function")
    given = {name: value(argument, scope, types) for name, argument in logic.bindings}
    return callee.call(scope.run, [given.get(name) for name in callee.parameters])
