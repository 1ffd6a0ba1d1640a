"""The functions that jBPM's editor writes into conditions: `KieFunctions.equalsTo(kind, "a")`."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from engines.expressions.data import shown, to_number
from engines.expressions.functions import Function, number, static
from engines.expressions.methods import anything

_OWNER = "KieFunctions"


def _equals(value: Any, text: Any) -> bool:
    """The other is a text: it stands for a number where the value is one."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return bool(value == to_number(text))
    return value is not None and shown(value) == shown(text)


def _between(value: float, least: float, most: float) -> bool:
    return least <= value <= most


def _compared(compare: Callable[[Any, Any], bool], name: str) -> Function:
    return static(name, compare, number, number)


def _in_text(test: Callable[[str, str], bool], name: str) -> Function:
    return static(name, test, shown, shown)


STATICS: Mapping[tuple[str, str], Function] = {
    (_OWNER, "isNull"): static("isNull", lambda value: value is None, anything),
    (_OWNER, "isEmpty"): static("isEmpty", lambda value: not value, anything),
    (_OWNER, "isTrue"): static("isTrue", lambda value: value is True, anything),
    (_OWNER, "isFalse"): static("isFalse", lambda value: value is False, anything),
    (_OWNER, "equals"): static("equals", operator.eq, anything, anything),
    (_OWNER, "equalsTo"): static("equalsTo", _equals, anything, anything),
    (_OWNER, "between"): static("between", _between, number, number, number),
    (_OWNER, "greaterThan"): _compared(operator.gt, "greaterThan"),
    (_OWNER, "greaterOrEqualThan"): _compared(operator.ge, "greaterOrEqualThan"),
    (_OWNER, "lessThan"): _compared(operator.lt, "lessThan"),
    (_OWNER, "lessOrEqualThan"): _compared(operator.le, "lessOrEqualThan"),
    (_OWNER, "contains"): _in_text(operator.contains, "contains"),
    (_OWNER, "startsWith"): _in_text(str.startswith, "startsWith"),
    (_OWNER, "endsWith"): _in_text(str.endswith, "endsWith"),
}
