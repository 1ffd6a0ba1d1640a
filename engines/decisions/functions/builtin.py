"""How the functions of FEEL are declared: their parameters and types, which are seen to before they are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engines.decisions.types import ANY, Type
from engines.decisions.values import Run

BUILTINS: dict[str, Builtin] = {}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; null does for any, for an optional one, and where it is said."""

    name: str
    type: Type
    optional: bool
    nullable: bool
    many: bool


@dataclass(frozen=True, slots=True)
class Builtin:
    """A function of FEEL, in its ways to be called."""

    forms: tuple[tuple[Parameter, ...], ...]
    compute: Callable[..., Any]

    def __call__(self, run: Run, positional: Sequence[Any], named: Mapping[str, Any]) -> Any:
        """Its value; null when no way to call it fits."""
        for form in self.forms:
            values = _named(form, named) if named else _positional(form, positional)
            fitted = None if values is None else _fitted(run, form, values)
            if fitted is not None:
                try:
                    return self.compute(run, *fitted)
                except (ArithmeticError, ValueError):
                    return None
        return None


def feel(name: str, *forms: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare a function: `string: string, length?: number, list...`; `?` may be left out, `|null` may be null."""

    def declare(compute: Callable[..., Any]) -> Callable[..., Any]:
        BUILTINS[name] = Builtin(tuple(_form(form) for form in forms), compute)
        return compute

    return declare


def _form(text: str) -> tuple[Parameter, ...]:
    return tuple(_parameter(part.strip()) for part in text.split(",") if part.strip())


def _parameter(text: str) -> Parameter:
    name, _, of = (part.strip() for part in text.partition(":"))
    of, _, null = of.partition("|")
    kind = Type.named(of) if of else ANY
    many = name.endswith("...")
    optional = name.endswith("?")
    return Parameter(name.rstrip(".?"), kind, optional, bool(null) or kind is ANY, many)


def _positional(form: Sequence[Parameter], values: Sequence[Any]) -> list[Any] | None:
    if form and form[-1].many:
        fixed = len(form) - 1
        rest = list(values[fixed:])
        if len(values) <= fixed:
            return None
        if fixed == 0 and len(rest) == 1 and isinstance(rest[0], list):
            rest = rest[0]
        return [*values[:fixed], rest]
    needed = sum(not parameter.optional for parameter in form)
    if not needed <= len(values) <= len(form):
        return None
    return list(values)


def _named(form: Sequence[Parameter], values: Mapping[str, Any]) -> list[Any] | None:
    names = [parameter.name for parameter in form]
    if not values.keys() <= set(names):
        return None
    if any(parameter.name not in values and not parameter.optional for parameter in form):
        return None
    last = max(names.index(name) for name in values)
    return [values.get(name) for name in names[: last + 1]]


def _fitted(run: Run, form: Sequence[Parameter], values: Sequence[Any]) -> list[Any] | None:
    found = []
    for parameter, value in zip(form, values, strict=False):
        kind = Type("list") if parameter.many else parameter.type
        fitted = kind.fitted(run, value)
        if fitted is None and (value is not None or not (parameter.nullable or parameter.optional)):
            return None
        found.append(fitted)
    return found
