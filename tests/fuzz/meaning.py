"""Small programs whose outcome is known, written in each language: all have to come to it."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from math import isclose, isfinite
from typing import Any, TypeAlias

from hypothesis import strategies as st

Tree: TypeAlias = tuple[Any, ...]
LIMIT = 2**63
VALUES: Mapping[str, Any] = {"a": 7, "b": -3, "c": 2.5, "yes": True, "no": False, "who": "Ann", "where": "Bonn"}
_NUMBERS, _TRUTHS, _TEXTS = ("a", "b", "c"), ("yes", "no"), ("who", "where")
_COMPUTE: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_BRACED = {"and": "({} && {})", "or": "({} || {})", "not": "(!{})", "if": "({0} ? {1} : {2})"}
_WORDED = {"and": "({} and {})", "or": "({} or {})", "not": "(not {})", "if": "({1} if {0} else {2})"}
FORMS: Mapping[str, Mapping[str, str]] = {
    "juel": _BRACED,
    "juel in words": {**_WORDED, "if": "({0} ? {1} : {2})", "==": "({} eq {})", "<": "({} lt {})", "/": "({} div {})"},
    "javascript": _BRACED,
    "groovy": _BRACED,
    "python": _WORDED,
    "feel": {**_WORDED, "not": "not({})", "if": "(if {0} then {1} else {2})", "==": "({} = {})"},
}


class Undefined(Exception):
    """A division by zero, or a number that is too large."""


def trees() -> st.SearchStrategy[Tree]:
    """Expressions that give a number, a truth value or a text."""
    return st.one_of(_numbers(), _truths(), _texts())


def _numbers() -> st.SearchStrategy[Tree]:
    leaves = st.one_of(
        st.integers(0, 1_000).map(lambda value: ("value", value)),
        st.sampled_from([0.5, 2.25, 100.125]).map(lambda value: ("value", value)),
        st.sampled_from(_NUMBERS).map(lambda name: ("name", name)),
    )
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.tuples(st.sampled_from("+-*/"), inner, inner),
            st.tuples(st.just("if"), st.tuples(st.sampled_from(["<", "=="]), inner, inner), inner, inner),
        ),
        max_leaves=8,
    )


def _texts() -> st.SearchStrategy[Tree]:
    leaves = st.one_of(
        st.sampled_from(["x", "y z", "É"]).map(lambda value: ("value", value)),
        st.sampled_from(_TEXTS).map(lambda name: ("name", name)),
    )
    return st.recursive(leaves, lambda inner: st.tuples(st.just("+"), inner, inner), max_leaves=4)


def _truths() -> st.SearchStrategy[Tree]:
    compared = st.sampled_from(["<", ">", "<=", ">=", "==", "!="])
    leaves = st.one_of(
        st.booleans().map(lambda value: ("value", value)),
        st.sampled_from(_TRUTHS).map(lambda name: ("name", name)),
        st.tuples(compared, _numbers(), _numbers()),
        st.tuples(compared, _texts(), _texts()),
    )
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.tuples(st.sampled_from(["and", "or"]), inner, inner),
            st.tuples(st.just("not"), inner),
            st.tuples(st.just("if"), inner, inner, inner),
        ),
        max_leaves=6,
    )


def outcome(tree: Tree, names: Mapping[str, Any] = VALUES) -> Any:  # noqa: PLR0911 - one for each form
    """What it comes to; raises `Undefined`."""
    match tree:
        case ("value", value):
            return value
        case ("name", name):
            return names[name]
        case ("not", inner):
            return not outcome(inner, names)
        case ("and", left, right):
            return outcome(left, names) and outcome(right, names)
        case ("or", left, right):
            return outcome(left, names) or outcome(right, names)
        case ("if", test, yes, no):
            return outcome(yes if outcome(test, names) else no, names)
        case (sign, left, right):
            return _computed(str(sign), outcome(left, names), outcome(right, names))
    raise AssertionError(tree)


def _computed(sign: str, left: Any, right: Any) -> Any:
    try:
        found = _COMPUTE[sign](left, right)
    except (ZeroDivisionError, OverflowError):
        raise Undefined from None
    if isinstance(found, int | float) and not (isfinite(found) and -LIMIT < found < LIMIT):
        raise Undefined
    return found


def written(tree: Tree, language: str) -> str:
    """The same in a language."""
    forms = FORMS[language]
    match tree:
        case ("value", bool(value)):
            return str(value) if language == "python" else str(value).lower()
        case ("value", str(value)):
            return f'"{value}"'
        case ("value", value) | ("name", value):
            return str(value)
        case (sign, *parts):
            form = forms.get(str(sign), f"({{}} {sign} {{}})")
            return form.format(*(written(part, language) for part in parts))
    raise AssertionError(tree)


def alike(one: Any, other: Any) -> bool:
    """Whether two outcomes are the same; FEEL's decimals are rounded elsewhere than floats are."""
    if isinstance(one, bool) or isinstance(other, bool) or isinstance(one, str):
        return one is other if isinstance(one, bool) else bool(one == other)
    return isinstance(other, int | float) and isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
