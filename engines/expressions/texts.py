"""What methods do with texts, within bounds."""

from __future__ import annotations

from engines.expressions import patterns
from engines.expressions.data import MAX_LENGTH, Impossible


def joined(text: str, other: str) -> str:
    """Two texts as one."""
    if len(text) + len(other) > MAX_LENGTH:
        raise Impossible("the text is too long")
    return text + other


def char_at(text: str, at: int) -> str:
    """One character."""
    return within(text, at, at + 1)


def within(text: str, start: int, end: int | None = None) -> str:
    """A part of a text; raises `Impossible` beyond its ends, as Java does."""
    end = len(text) if end is None else end
    if not 0 <= start <= end <= len(text):
        raise Impossible(f"the text has no part from {start} to {end}, its length is {len(text)}")
    return text[start:end]


def replaced(text: str, old: str, new: str) -> str:
    """Every occurrence replaced."""
    if len(text) + text.count(old) * (len(new) - len(old)) > MAX_LENGTH:
        raise Impossible("the text is too long")
    return text.replace(old, new)


def all_replaced(text: str, pattern: str, new: str) -> str:
    """Everything of a pattern replaced."""
    if "$" in new or "\\" in new:
        raise Impossible("the replacement may not name groups")
    parts, at = [], 0
    for start, end in patterns.found(text, pattern):
        parts += [text[at:start], new]
        at = end
    if sum(map(len, parts)) > MAX_LENGTH:
        raise Impossible("the text is too long")
    return "".join([*parts, text[at:]])


def split(text: str, pattern: str) -> list[str]:
    """The parts between what matches; empty ones at the end are left out."""
    parts, at = [], 0
    for start, end in patterns.found(text, pattern):
        if end > at and (start or end > start):
            parts.append(text[at:start])
            at = end
    parts.append(text[at:])
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    return parts


def repeated(text: str, times: int) -> str:
    """A text several times."""
    if times < 0 or len(text) * times > MAX_LENGTH:
        raise Impossible("the text is too long")
    return text * times
