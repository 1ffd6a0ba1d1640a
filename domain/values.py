"""Plain data: what JSON and MongoDB can both carry, times as ISO-8601 UTC text, and names on the wire."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Any
from unicodedata import normalize

from domain.errors import InvalidValue

MAX_DEPTH = 90
_INT64 = 2**63


def iso(moment: datetime) -> str:
    """A moment as `2026-11-22T10:00:00.000Z`, so that text order is time order."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def fold(text: str) -> str:
    """As words are compared: without case, and composed alike (NFKC)."""
    if text.isascii():
        return text.lower()
    return normalize("NFKC", normalize("NFKC", text).casefold())


def is_address(text: str | None) -> bool:
    """Whether a person may be sent there: an http or https address, or a path of this server."""
    if not text or not text.isprintable() or "\\" in text or " " in text:
        return False
    return bool(re.match(r"https?://[^/]", text, re.IGNORECASE)) or (text.startswith("/") and text[1:2] != "/")


def parse_time(text: str) -> datetime:
    """Read ISO-8601 (offset with or without colon, naive means UTC); raises `ValueError`."""
    moment = datetime.fromisoformat(text)
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text[:60]!r} is beyond the calendar") from None


def check(value: object, where: str) -> None:
    """Refuse what MongoDB or JSON cannot carry, naming the field; raises `InvalidValue`."""
    # Nearly always all is well, and then nobody needs to know where.
    if not _plainly_fine(value, MAX_DEPTH):
        _check(value, where, 0)


def _plainly_fine(value: Any, depth: int) -> bool:
    """Fine at a glance; False only means that a closer look is needed."""
    kind = value.__class__
    if value is None or kind is bool:
        return True
    if kind is str:
        return bool(value.isascii())
    if kind is int:
        return bool(-_INT64 <= value < _INT64)
    if kind is dict:
        return depth > 0 and _fine_names(value) and _all_fine(value.values(), depth - 1)
    return (kind is list or kind is tuple) and depth > 0 and _all_fine(value, depth - 1)


def _all_fine(values: Iterable[Any], depth: int) -> bool:
    # A loop that calls as little as it can: this looks at every value of every event.
    for value in values:
        if value is None or (value.__class__ is str and value.isascii()):
            continue
        if not _plainly_fine(value, depth):
            return False
    return True


def _fine_names(value: dict[Any, Any]) -> bool:
    return all(name.__class__ is str and name.isascii() and "\0" not in name for name in value)


def _check(value: object, where: str, depth: int) -> None:  # noqa: C901 - one case per kind of JSON value
    if depth > MAX_DEPTH:
        raise InvalidValue(f"{where[:80]}: nested deeper than {MAX_DEPTH} levels")
    match value:
        case None | bool():
            return
        case int():
            if not -_INT64 <= value < _INT64:
                raise InvalidValue(f"{where}: the integer does not fit into 64 bits")
        case float():
            if not isfinite(value):
                raise InvalidValue(f"{where}: {value} is not a JSON number")
        case str():
            _check_text(value, where)
        case Mapping():
            for name, inner in value.items():
                _check_name(name, where)
                _check(inner, f"{where}.{name}", depth + 1)
        case list() | tuple():
            for index, inner in enumerate(value):
                _check(inner, f"{where}[{index}]", depth + 1)
        case _:
            raise InvalidValue(f"{where}: {type(value).__name__} is not plain data")


def _check_text(value: str, where: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise InvalidValue(f"{where}: the text holds a lone surrogate") from None


def _check_name(name: object, where: str) -> None:
    if not isinstance(name, str):
        raise InvalidValue(f"{where}: the name {name!r} is not text")
    if "\0" in name:
        raise InvalidValue(f"{where}: the name {name!r} holds a NUL")
    _check_text(name, where)
