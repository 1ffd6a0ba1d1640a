"""The types of FEEL: what `instance of`, parameters and columns name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from engines.decisions.values import Function, Range, Run, kind

_SIMPLE = {
    **{name: name for name in ("number", "string", "boolean", "date", "time", "date and time", "list", "context")},
    **{name: name for name in ("days and time duration", "years and months duration", "function", "range")},
    "Any": "",
    "Null": "null",
    "any": "",
    "dateTime": "date and time",
    "date_and_time": "date and time",
    "dayTimeDuration": "days and time duration",
    "yearMonthDuration": "years and months duration",
    "days_and_time_duration": "days and time duration",
    "years_and_months_duration": "years and months duration",
}


@dataclass(frozen=True, slots=True)
class Type:
    """A kind of value, of list items, of context entries, or of parameters; no kind is any."""

    kind: str
    inner: tuple[tuple[str, Type], ...] = ()

    @staticmethod
    def named(name: str) -> Type:
        """The type of that name; one nobody knows holds nothing."""
        return Type(_SIMPLE.get(name, "unknown"))

    @staticmethod
    def made(name: str, inner: Sequence[tuple[str, Type]]) -> Type:
        """A type with others inside, such as `list<number>`."""
        return Type(Type.named(name).kind, tuple(inner))

    def holds(self, run: Run, value: Any) -> bool:
        """Whether a value, not null, is of this type."""
        run.spend()
        if not self.kind or kind(value) != self.kind:
            return not self.kind and value is not None
        return not self.inner or self._holds_inside(run, value)

    def _holds_inside(self, run: Run, value: Any) -> bool:
        if isinstance(value, list):
            return all(item is None or self.inner[0][1].holds(run, item) for item in value)
        if isinstance(value, dict):
            return all(name in value and (value[name] is None or of.holds(run, value[name])) for name, of in self.inner)
        if isinstance(value, Range):
            ends = [end for end in (value.low, value.high) if end is not None]
            return all(self.inner[0][1].holds(run, end) for end in ends)
        return isinstance(value, Function) and len(value.parameters) == len(self.inner)

    def fitted(self, run: Run, value: Any) -> Any:
        """The value as this type: one item for a list of one and the other way round; null for what does not fit."""
        if not self.kind or value is None or self.holds(run, value):
            return value
        if self.kind == "list":
            found = [value]
        elif isinstance(value, list) and len(value) == 1:
            found = value[0]
        elif self.kind == "date and time" and kind(value) == "date":
            return datetime.combine(value, time(), UTC)
        else:
            return None
        return found if self.holds(run, found) else None


ANY = Type("")
