"""What each form of FEEL means: functions of a scope, put together by the grammar."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engines.decisions import times
from engines.decisions.arithmetic import ARITHMETIC, negative, total
from engines.decisions.scope import Node, Scope
from engines.decisions.types import Type
from engines.decisions.values import Range, Run, equal, order, within


def constant(value: Any) -> Node:
    """A literal."""
    return lambda _scope: value


def variable(name: str) -> Node:
    """A variable, which must exist."""
    return lambda scope: scope.find(name)


def question(scope: Scope) -> Any:
    """The value that a unary test is about."""
    return scope.find("?")


def items(nodes: Sequence[Node]) -> Node:
    """A list."""

    def listed(scope: Scope) -> Any:
        scope.run.spend(len(nodes))
        return [node(scope) for node in nodes]

    return listed


def context(entries: Sequence[tuple[str, Node]]) -> Node:
    """A context, whose entries see those before them; two of one name are none."""
    names = {name for name, _ in entries}

    def made(scope: Scope) -> Any:
        found: dict[str, Any] = {}
        inner = scope.inner(found)
        scope.run.spend(len(entries))
        for name, node in entries:
            found[name] = node(inner)
        return dict(found) if len(names) == len(entries) else None

    return made


def span(low: Node, high: Node, *, low_included: bool, high_included: bool) -> Node:
    """A range, whose ends must be comparable."""

    def made(scope: Scope) -> Any:
        ends = low(scope), high(scope)
        found = None if None in ends else order(*ends)
        return None if found is None or found > 0 else Range(*ends, low_included, high_included)

    return made


def half_range(operator: str, end: Node) -> Node:
    """All values on one side, `(< 5)`."""
    included = operator in ("<=", ">=", "=")

    def made(scope: Scope) -> Any:
        limit = end(scope)
        if limit is None or operator == "!=":
            return None
        return Range(None if operator[0] == "<" else limit, None if operator[0] == ">" else limit, included, included)

    return made


def choice(condition: Node, yes: Node, no: Node) -> Node:
    """One of two; what is not true counts as false."""
    return lambda scope: yes(scope) if condition(scope) is True else no(scope)


def negated(node: Node) -> Node:
    """Unary minus."""
    compute = total(negative)
    return lambda scope: compute(node(scope))


def numeric(node: Node) -> Node:
    """Minus twice: the value, if it has a negative."""
    return negated(negated(node))


def _either(left: Node, right: Node) -> Node:
    def found(scope: Scope) -> Any:
        one = left(scope)
        if one is True:
            return True
        other = right(scope)
        return True if other is True else False if one is False and other is False else None

    return found


def _both(left: Node, right: Node) -> Node:
    def found(scope: Scope) -> Any:
        one = left(scope)
        if one is False:
            return False
        other = right(scope)
        return False if other is False else True if one is True and other is True else None

    return found


LOGIC: Mapping[str, Callable[[Node, Node], Node]] = {"or": _either, "and": _both}


def _unequal(run: Run, left: Any, right: Any) -> bool | None:
    found = equal(run, left, right)
    return None if found is None else not found


def _ordered(holds: Callable[[int], bool]) -> Callable[[Run, Any, Any], bool | None]:
    def compared(_run: Run, left: Any, right: Any) -> bool | None:
        found = order(left, right)
        return None if found is None else holds(found)

    return compared


_COMPARE: Mapping[str, Callable[[Run, Any, Any], bool | None]] = {
    "=": equal,
    "!=": _unequal,
    "<": _ordered(lambda found: found < 0),
    "<=": _ordered(lambda found: found <= 0),
    ">": _ordered(lambda found: found > 0),
    ">=": _ordered(lambda found: found >= 0),
}


def binary(operator: str, left: Node, right: Node) -> Node:
    """A comparison, or arithmetic."""
    if operator in _COMPARE:
        compare = _COMPARE[operator]
        return lambda scope: compare(scope.run, left(scope), right(scope))
    compute = ARITHMETIC[operator]
    return lambda scope: compute(left(scope), right(scope))


def between(value: Node, low: Node, high: Node) -> Node:
    """Not below the one and not above the other."""
    return _with_value(value, _both(binary(">=", question, low), binary("<=", question, high)))


def tested(value: Node, test: Node) -> Node:
    """Whether a value passes a test that speaks of `?`."""
    return _with_value(value, test)


def _with_value(value: Node, test: Node) -> Node:
    return lambda scope: test(scope.inner({"?": value(scope)}))


def any_of(tests: Sequence[Node]) -> Node:
    """Whether one of the tests holds; null when none does and one has no answer."""
    if len(tests) == 1:
        return tests[0]

    def found(scope: Scope) -> Any:
        answers = [test(scope) for test in tests]
        return True if True in answers else None if None in answers else False

    return found


def inverted(test: Node) -> Node:
    """The opposite; no answer stays none."""

    def found(scope: Scope) -> Any:
        answer = test(scope)
        return None if answer is None else not answer

    return found


def fits(node: Node, *, asks: bool = False) -> Node:
    """An expression as a test of `?`: equal to it, a range or list that has it, or true of it."""

    def found(scope: Scope) -> Any:
        expected = node(scope)
        if asks:
            return expected if isinstance(expected, bool) else _has(scope.run, scope.find("?"), expected)
        value = scope.find("?")
        if isinstance(expected, bool) and not isinstance(value, bool):
            return expected and value is not None
        return _has(scope.run, value, expected)

    return found


def _has(run: Run, value: Any, expected: Any) -> bool | None:
    if isinstance(expected, Range) and not isinstance(value, Range):
        return within(value, expected)
    if isinstance(expected, list):
        inside = (_has(run, value, item) if isinstance(item, Range) else equal(run, value, item) for item in expected)
        return any(answer is True for answer in inside) or equal(run, value, expected) is True
    return equal(run, value, expected)


def instance(node: Node, of: Type) -> Node:
    """Whether a value is of a type; null is of none."""

    def found(scope: Scope) -> Any:
        value = node(scope)
        if value is None:
            return of.kind == "null"
        return None if of.kind == "unknown" else of.holds(scope.run, value)

    return found


def path(owner: Node, name: str) -> Node:
    """A member of a context, of each item of a list, or of a date, duration or range."""

    def found(scope: Scope) -> Any:
        value = owner(scope)
        if isinstance(value, list):
            scope.run.spend(len(value))
            return [_member(item, name) for item in value]
        return _member(value, name)

    return found


_ENDS: Mapping[str, Callable[[Range], Any]] = {
    "start": lambda span: span.low,
    "end": lambda span: span.high,
    "start included": lambda span: span.low_included,
    "end included": lambda span: span.high_included,
}


def _member(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return value.get(name)
    if isinstance(value, Range):
        return _ENDS[name](value) if name in _ENDS else None
    return times.part(value, name)
