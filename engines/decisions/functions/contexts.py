"""Functions of FEEL over contexts, and those over any value."""

from __future__ import annotations

from typing import Any

from engines.decisions.functions.builtin import feel
from engines.decisions.values import Run, equal, kind


@feel("get value", "m: context, key: string", "context: context, key: string", "context: context, keys: list")
def _value(_run: Run, found: Any, name: Any) -> Any:
    for step in name if isinstance(name, list) else [name]:
        found = found.get(step) if isinstance(found, dict) and isinstance(step, str) else None
    return found


@feel("get entries", "m: context", "context: context")
def _entries(run: Run, m: dict[str, Any]) -> list[Any]:
    run.spend(len(m))
    return [{"key": name, "value": value} for name, value in m.items()]


@feel("context put", "context: context, key: string, value", "context: context, keys: list, value")
def _put(run: Run, context: dict[str, Any], name: Any, value: Any) -> Any:
    run.spend(len(context))
    if isinstance(name, str):
        return {**context, name: value}
    if not name or not all(isinstance(step, str) for step in name):
        return None
    first, *others = name
    if not others:
        return {**context, first: value}
    inner = context.get(first, {})
    changed = _put(run, inner, others, value) if isinstance(inner, dict) else None
    return None if changed is None else {**context, first: changed}


@feel("context merge", "contexts: list")
def _merge(run: Run, contexts: list[Any]) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    for context in contexts:
        if not isinstance(context, dict):
            return None
        run.spend(len(context))
        found.update(context)
    return found


@feel("context", "entries: list")
def _context(run: Run, entries: list[Any]) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    for entry in entries:
        run.spend()
        if not isinstance(entry, dict) or not isinstance(entry.get("key"), str) or "value" not in entry:
            return None
        if entry["key"] in found:
            return None
        found[entry["key"]] = entry["value"]
    return found


@feel("not", "negand: boolean")
def _not(_run: Run, negand: bool) -> bool:
    return not negand


@feel("is", "value1, value2")
def _is(run: Run, value1: Any, value2: Any) -> bool:
    if kind(value1) != kind(value2):
        return False
    if kind(value1) in ("time", "date and time") and value1.utcoffset() != value2.utcoffset():
        return False
    return equal(run, value1, value2) is True


@feel("get or else", "value, default")
def _or_else(_run: Run, value: Any, default: Any) -> Any:
    return default if value is None else value


@feel("is defined", "value")
def _is_defined(_run: Run, value: Any) -> bool:
    return value is not None
