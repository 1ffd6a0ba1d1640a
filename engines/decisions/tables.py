"""Decision tables: which rules match, and what the hit policy makes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from engines.decisions.arithmetic import ARITHMETIC
from engines.decisions.coercion import coerced
from engines.decisions.definitions import Formula, Input, Output, Rule, Table
from engines.decisions.scope import Scope
from engines.decisions.values import Impossible, equal, key, kind, order

Row: TypeAlias = dict[str, Any]
_SINGLE = ("UNIQUE", "FIRST", "PRIORITY", "ANY")


class Undecided(Exception):
    """A part of a decision has no answer; says which."""


def rows(table: Table, scope: Scope, types: Mapping[str, str]) -> list[Row]:
    """What the table answers, a row for every rule that counts; raises `Undecided`."""
    columns = [(column, _input(column, scope, types)) for column in table.inputs]
    matched = []
    for rule in table.rules:
        if _matches(rule, columns, scope):
            matched.append(rule)
            if table.hit_policy == "FIRST":
                break
    if not matched:
        return _nothing(table, scope, types)
    if table.hit_policy == "UNIQUE" and len(matched) > 1:
        raise Undecided(f"rules {_numbers(matched)} match, but the hit policy is UNIQUE")
    found = [_outputs(rule, table.outputs, scope, types) for rule in matched]
    return _HIT_POLICIES[table.hit_policy](table, matched, found, scope)


def value(table: Table, found: Sequence[Row]) -> Any:
    """What the table stands for in FEEL: one answer or a list, of values or of contexts."""
    if table.aggregation is not None or table.hit_policy in _SINGLE:
        return _one(table, found[0]) if found else None
    return [_one(table, row) for row in found]


def _one(table: Table, row: Row) -> Any:
    return dict(row) if len(table.outputs) > 1 else next(iter(row.values()))


def _input(column: Input, scope: Scope, types: Mapping[str, str]) -> Any:
    return _at(f"input {column.label!r}", lambda: coerced(scope.run, column.formula.within(scope), column.type, types))


def _matches(rule: Rule, columns: Sequence[tuple[Input, Any]], scope: Scope) -> bool:
    for (column, given), tests in zip(columns, rule.tests, strict=True):
        scope.run.spend()
        inner = scope.inner({column.variable: given})
        if not _at(f"rule {rule.number}, {column.label!r}", lambda: tests.within(given, inner)):  # noqa: B023 - called at once
            return False
    return True


def _outputs(rule: Rule, outputs: Sequence[Output], scope: Scope, types: Mapping[str, str]) -> Row:
    return {
        output.name: _result(f"rule {rule.number}, output {output.name!r}", result, output, scope, types)
        for output, result in zip(outputs, rule.results, strict=True)
    }


def _result(where: str, formula: Formula | None, output: Output, scope: Scope, types: Mapping[str, str]) -> Any:
    if formula is None:
        return None
    return _at(where, lambda: coerced(scope.run, formula.within(scope), output.type, types))


def _nothing(table: Table, scope: Scope, types: Mapping[str, str]) -> list[Row]:
    if any(output.default is not None for output in table.outputs):
        return [
            {
                output.name: _result(f"default of output {output.name!r}", output.default, output, scope, types)
                for output in table.outputs
            }
        ]
    return [{table.outputs[0].name: Decimal(0)}] if table.aggregation == "COUNT" else []


def _as_they_come(_table: Table, _rules: Sequence[Rule], found: list[Row], _scope: Scope) -> list[Row]:
    return found


def _any(_table: Table, rules: Sequence[Rule], found: list[Row], scope: Scope) -> list[Row]:
    if any(equal(scope.run, row, found[0]) is not True for row in found[1:]):
        raise Undecided(f"rules {_numbers(rules)} match with different outputs, but the hit policy is ANY")
    return found[:1]


def _by_output(table: Table, _rules: Sequence[Rule], found: list[Row], scope: Scope) -> list[Row]:
    """Sorted by the place of each output among its values; what is not among them comes last."""
    places = [
        (output.name, _places(output, output.values, scope)) for output in table.outputs if output.values is not None
    ]

    def rank(row: Row) -> list[int]:
        return [place.get(key(scope.run, row[name]), len(place)) for name, place in places]

    return sorted(found, key=rank)


def _places(output: Output, values: Formula, scope: Scope) -> dict[Any, int]:
    listed = _at(f"values of output {output.name!r}", lambda: values.within(scope))
    return {key(scope.run, item): place for place, item in enumerate(listed if isinstance(listed, list) else [])}


def _highest(table: Table, rules: Sequence[Rule], found: list[Row], scope: Scope) -> list[Row]:
    return _by_output(table, rules, found, scope)[:1]


def _collect(table: Table, _rules: Sequence[Rule], found: list[Row], _scope: Scope) -> list[Row]:
    if table.aggregation is None:
        return found
    name = table.outputs[0].name
    values = [row[name] for row in found if row[name] is not None]
    if table.aggregation == "COUNT":
        return [{name: Decimal(len(values))}]
    if not values:
        return []
    result = values[0]
    for item in values[1:]:
        result = _AGGREGATIONS[table.aggregation](result, item)
        if result is None:
            raise Undecided(f"{table.aggregation} makes no sense of a {kind(item)} in output {name!r}")
    return [{name: result}]


def _least(one: Any, other: Any) -> Any:
    found = order(one, other)
    return None if found is None else one if found <= 0 else other


def _most(one: Any, other: Any) -> Any:
    found = order(one, other)
    return None if found is None else one if found >= 0 else other


_AGGREGATIONS: Mapping[str, Callable[[Any, Any], Any]] = {"SUM": ARITHMETIC["+"], "MIN": _least, "MAX": _most}
_HIT_POLICIES: Mapping[str, Callable[[Table, Sequence[Rule], list[Row], Scope], list[Row]]] = {
    "UNIQUE": _as_they_come,
    "FIRST": _as_they_come,
    "RULE ORDER": _as_they_come,
    "ANY": _any,
    "PRIORITY": _highest,
    "OUTPUT ORDER": _by_output,
    "COLLECT": _collect,
}


def _numbers(rules: Sequence[Rule]) -> str:
    return ", ".join(str(rule.number) for rule in rules[:10])


def _at(where: str, evaluate: Callable[[], Any]) -> Any:
    try:
        return evaluate()
    except Impossible as error:
        raise Undecided(f"{where}: {error}") from error
