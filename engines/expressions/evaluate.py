"""Expressions in process models, JUEL and simple Python, parsed by our own grammar: there is nothing to break out of.

`${amount > 100 && approver != null}`, `prefix ${name} suffix`, `a = b + 1`: names, members of mappings, literals,
comparisons and bounded arithmetic, and the methods that data has in Java, as `${name.startsWith('A')}`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeAlias

from engines.expressions.data import MAX_LENGTH, Impossible, given, shown
from engines.expressions.exposed import Exposed
from engines.expressions.failure import FAILURES, ExpressionFailed, attempt, failed
from engines.expressions.grammar import Parsed, parse
from engines.expressions.meaning import Evaluate
from engines.expressions.moments import Moment
from engines.expressions.operations import truth
from engines.expressions.scripts import assign
from engines.expressions.spin import Node
from engines.expressions.tokens import Unreadable

__all__ = ["ExpressionFailed", "Unreadable", "assign", "condition", "decided", "result", "template", "value"]

Scope: TypeAlias = Mapping[str, Any]
Part: TypeAlias = str | Evaluate
OtherLanguage: TypeAlias = Callable[[str, Scope, datetime], Any]

MAX_TEXT = 4_000
_CACHED = 4_096
# What reads conditions that begin with a mark of their own; FEEL's `=` is entered by the room that knows FEEL.
LANGUAGES: dict[str, OtherLanguage] = {}
# What reads them without evaluating, and raises `Unreadable`.
CHECKS: dict[str, Callable[[str], object]] = {}


def value(text: str, scope: Scope, now: datetime) -> Any:
    """What an attribute says: plain text stands for itself, `${…}` for its value, a mixture is text."""
    try:
        parts = template(text)
        return _evaluated(parts[0], scope, now) if len(parts) == 1 else _joined(parts, scope, now)
    except FAILURES as error:
        raise failed(text, error) from error


def condition(text: str, scope: Scope, now: datetime) -> bool:
    """Whether a condition holds; without `${…}` the whole text is the expression, after `=` it is FEEL."""
    try:
        found = _decision(text)(scope, now)
        return found if found is True or found is False else decided(found)
    except FAILURES as error:
        raise failed(text, error) from error


def result(text: str, scope: Scope, now: datetime) -> Any:
    """The value of a bare expression."""
    return attempt(text, lambda: outside(parsed(text).evaluate(scope, now)))


def is_other(text: str) -> bool:
    """Whether a condition is of another language."""
    return text.lstrip()[:1] == "="


def opens(text: str) -> bool:
    """Whether an expression stands in the text."""
    return _opening(text, 0) >= 0


@lru_cache(_CACHED)
def template(text: str) -> tuple[Part, ...]:
    """The plain texts and expressions a text is made of; raises `Unreadable`."""
    return tuple(part if isinstance(part, str) else part.evaluate for part in parts_of(text))


def parts_of(text: str) -> list[str | Parsed]:
    """The plain texts and expressions a text is made of, as they are read; raises `Unreadable`."""
    parts: list[str | Parsed] = []
    start = 0
    while (begin := _opening(text, start)) >= 0:
        if begin > start:
            parts.append(text[start:begin])
        expression = parse(_bounded(text), begin + 2, closed=True)
        parts.append(expression)
        start = expression.end
    if start < len(text) or not parts:
        parts.append(text[start:])
    return parts


@lru_cache(_CACHED)
def parsed(text: str) -> Parsed:
    """A bare expression as it is read; raises `Unreadable`."""
    return parse(_bounded(text), 0, closed=False)


def _opening(text: str, start: int) -> int:
    found = [at for at in (text.find("${", start), text.find("#{", start)) if at >= 0]
    return min(found, default=-1)


def _bounded(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise Unreadable(f"longer than {MAX_TEXT} characters")
    return text


@lru_cache(_CACHED)
def _decision(text: str) -> Evaluate:
    written = text.strip()
    if is_other(written):
        return lambda scope, now: _other(written, scope, now)
    if not opens(written):
        return parsed(written).evaluate
    parts = template(written)
    if len(parts) > 1:
        return lambda scope, now: _joined(parts, scope, now)
    return lambda scope, now: _evaluated(parts[0], scope, now)


def _evaluated(part: Part, scope: Scope, now: datetime) -> Any:
    return part if isinstance(part, str) else outside(part(scope, now))


def outside(found: Any) -> Any:
    """A value as those see it who asked for it: JSON nodes are data again, and objects of the engine stay within."""
    if isinstance(found, Exposed):
        raise Impossible("an object is no value")
    if isinstance(found, Moment):
        return found
    return given(found.as_data() if isinstance(found, Node) else found)


def _joined(parts: tuple[Part, ...], scope: Scope, now: datetime) -> str:
    texts = [shown(_evaluated(part, scope, now)) for part in parts]
    if sum(map(len, texts)) > MAX_LENGTH:
        raise Impossible("the text is too long")
    return "".join(texts)


def decided(found: Any) -> bool:
    """Only what says yes or no decides: Camunda refuses everything else."""
    if isinstance(found, str) and found.strip().lower() not in ("", "true", "false"):
        raise Impossible(f"a condition gives true or false, and this gives the text {found[:60]!r}")
    return truth(found.strip() if isinstance(found, str) else found)


def _other(text: str, scope: Scope, now: datetime) -> Any:
    if "=" not in LANGUAGES:
        raise Impossible("expressions after `=` are FEEL, which is not available here")
    return LANGUAGES["="](text, scope, now)
