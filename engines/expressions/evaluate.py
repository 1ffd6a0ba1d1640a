"""Expressions in process models, JUEL and simple Python, parsed by our own grammar: there is nothing to break out of.

`${amount > 100 && approver != null}`, `prefix ${name} suffix`, `a = b + 1`: names, members of mappings, literals,
comparisons and bounded arithmetic. The only calls are `dateTime()`, `now()` and their `plusDays(2)` family.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, ClassVar, TypeAlias

from domain.errors import Refused
from domain.values import iso
from engines.expressions.grammar import Unreadable, parse, parse_assignments
from engines.expressions.meaning import Evaluate
from engines.expressions.moments import Moment
from engines.expressions.operations import Impossible, truth

Scope: TypeAlias = Mapping[str, Any]
Part: TypeAlias = str | Evaluate

MAX_TEXT = 4_000
_CACHED = 4_096


class ExpressionFailed(Refused):
    """An expression of the process cannot be evaluated with these variables."""

    status: ClassVar[int] = 422
    slug: ClassVar[str] = "expression-failed"


def value(text: str, scope: Scope, now: datetime) -> Any:
    """What an attribute says: plain text stands for itself, `${…}` for its value, a mixture is text."""
    parts = _run(text, lambda: template(text))
    if len(parts) == 1:
        return _evaluate(text, parts[0], scope, now)
    return "".join(_shown(_evaluate(text, part, scope, now)) for part in parts)


def condition(text: str, scope: Scope, now: datetime) -> bool:
    """Whether a condition holds; without `${…}` the whole text is the expression."""
    if "${" in text or "#{" in text:
        return truth(value(text, scope, now))
    return truth(result(text, scope, now))


def result(text: str, scope: Scope, now: datetime) -> Any:
    """The value of a bare expression."""
    return _evaluate(text, _run(text, lambda: _expression(text)), scope, now)


def assign(script: str, variables: dict[str, Any], scope: Scope, now: datetime) -> None:
    """Run a script of simple assignments, all or none; each line sees the ones before."""
    lines = _run(script, lambda: _assignments(script))
    new: dict[str, Any] = {}
    for name, expression in lines:
        found = _evaluate(script, expression, {**scope, **new}, now)
        new[name] = iso(found.at) if isinstance(found, Moment) else found
    variables.update(new)


@lru_cache(_CACHED)
def template(text: str) -> tuple[Part, ...]:
    """The plain texts and expressions a text is made of; raises `Unreadable`."""
    parts: list[Part] = []
    start = 0
    while (begin := _opening(text, start)) >= 0:
        if begin > start:
            parts.append(text[start:begin])
        expression, start = parse(_bounded(text), begin + 2, closed=True)
        parts.append(expression)
    if start < len(text) or not parts:
        parts.append(text[start:])
    return tuple(parts)


def _opening(text: str, start: int) -> int:
    found = [at for at in (text.find("${", start), text.find("#{", start)) if at >= 0]
    return min(found, default=-1)


@lru_cache(_CACHED)
def _expression(text: str) -> Evaluate:
    return parse(_bounded(text), 0, closed=False)[0]


@lru_cache(_CACHED)
def _assignments(script: str) -> tuple[tuple[str, Evaluate], ...]:
    return tuple(parse_assignments(_bounded(script)))


def _bounded(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise Unreadable(f"longer than {MAX_TEXT} characters")
    return text


def _run(text: str, read: Callable[[], Any]) -> Any:
    try:
        return read()
    except (Unreadable, RecursionError) as error:
        raise _failed(text, error) from error


def _evaluate(text: str, part: Part, scope: Scope, now: datetime) -> Any:
    if isinstance(part, str):
        return part
    try:
        return part(scope, now)
    except (Impossible, ArithmeticError, TypeError, ValueError, RecursionError) as error:
        raise _failed(text, error) from error


def _failed(text: str, error: Exception) -> ExpressionFailed:
    return ExpressionFailed(f"{text.strip()[:200]!r}: {error}", expression=text.strip()[:200])


def _shown(found: Any) -> str:
    if found is None:
        return ""
    if isinstance(found, bool):
        return "true" if found else "false"
    return iso(found.at) if isinstance(found, Moment) else str(found)
