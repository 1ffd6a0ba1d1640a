"""Regular expressions as RE2 reads them: the time is linear in the text, whatever the pattern is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import re2

from engines.expressions.data import Impossible

MAX_PATTERN = 200
_SPECIAL = frozenset("\\[](){}.*+?^$|")
_JAVA_CLASS = re.compile(r"\[[^\]]*(?:\[|&&)")
"""Unions and intersections of classes, which RE2 takes for characters."""


def matches(text: str, pattern: str) -> bool:
    """Whether the whole text is of the pattern."""
    return _compiled(pattern).fullmatch(text) is not None


def found(text: str, pattern: str) -> Iterator[tuple[int, int]]:
    """Where the pattern occurs, from the left, empty ones left out."""
    spans = (place.span() for place in _compiled(pattern).finditer(text))
    return ((start, end) for start, end in spans if end > start)


def is_literal(pattern: str) -> bool:
    """Whether a pattern is only the text it spells."""
    return not set(pattern) & _SPECIAL


@lru_cache(256)
def _compiled(pattern: str) -> Any:
    if len(pattern) > MAX_PATTERN and not is_literal(pattern):
        raise Impossible("the pattern is too long")
    options = re2.Options()
    options.log_errors = False
    try:
        if not _JAVA_CLASS.search(pattern):
            return re2.compile(pattern, options)
    except re2.error:
        pass
    raise Impossible(f"the pattern {pattern[:60]!r} cannot be used here")
