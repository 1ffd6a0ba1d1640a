"""Functions of FEEL over texts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engines.decisions.functions import patterns
from engines.decisions.functions.builtin import feel
from engines.decisions.values import Run, joined, text, whole

_PAIR = "string: string, match: string"


@feel("substring", "string: string, start position: number, length?: number")
def _substring(_run: Run, string: str, start: Decimal, length: Decimal | None = None) -> str | None:
    first = whole(start.to_integral_value("ROUND_DOWN"))
    if not first or (length is not None and length < 1):
        return None
    begin = first - 1 if first > 0 else max(len(string) + first, 0)
    count = len(string) if length is None else int(min(length, Decimal(len(string))))
    return string[begin : begin + count]


@feel("string length", "string: string")
def _length(_run: Run, string: str) -> Decimal:
    return Decimal(len(string))


@feel("upper case", "string: string")
def _upper(_run: Run, string: str) -> str:
    return text(string.upper())


@feel("lower case", "string: string")
def _lower(_run: Run, string: str) -> str:
    return text(string.lower())


@feel("trim", "string: string")
def _trim(_run: Run, string: str) -> str:
    return string.strip()


@feel("substring before", _PAIR)
def _before(_run: Run, string: str, match: str) -> str:
    return string.partition(match)[0] if match and match in string else ""


@feel("substring after", _PAIR)
def _after(_run: Run, string: str, match: str) -> str:
    return string.partition(match)[2] if match else string


@feel("contains", _PAIR)
def _contains(_run: Run, string: str, match: str) -> bool:
    return match in string


@feel("starts with", _PAIR)
def _starts(_run: Run, string: str, match: str) -> bool:
    return string.startswith(match)


@feel("ends with", _PAIR)
def _ends(_run: Run, string: str, match: str) -> bool:
    return string.endswith(match)


@feel("string join", "list: list, delimiter?: string|null")
def _join(run: Run, items: list[Any], delimiter: str | None = None) -> str | None:
    run.spend(len(items))
    words = [item for item in items if item is not None]
    if not all(isinstance(word, str) for word in words):
        return None
    return joined(words, delimiter or "")


@feel("matches", "input: string, pattern: string, flags?: string|null")
def _matches(run: Run, string: str, pattern: str, flags: str | None = None) -> bool | None:
    found = patterns.compiled(pattern, flags or "")
    return None if found is None else found.search(run, string, 0) is not None


@feel("replace", "input: string, pattern: string, replacement: string, flags?: string|null")
def _replace(run: Run, string: str, pattern: str, replacement: str, flags: str | None = None) -> str | None:
    found = patterns.compiled(pattern, flags or "")
    return None if found is None else found.replaced(run, string, replacement)


@feel("split", "string: string, delimiter: string")
def _split(run: Run, string: str, delimiter: str) -> list[str] | None:
    found = patterns.compiled(delimiter, "")
    return None if found is None else found.split(run, string)
