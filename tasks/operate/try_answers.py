"""Answers that a form would take and a model asks about: the first in the first play, others in others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from random import Random
from typing import Any

from domain.requests.forms import Field, is_read_only

Values = Mapping[str, Sequence[Any]]


_STEADY = 10
"""How often a play gives the same answer, so that what goes round ends."""


class Answers:
    """What one play answers: play 0 the first values, play 1 the second, 2 and 3 both in turns, those after it the
    third, the fourth and so on, and then any.
    """  # noqa: D205 - the turns are the sentence

    def __init__(self, values: Values, forms: Container[str], play: int) -> None:
        self._values, self._forms, self._play = values, forms, play
        self._random = Random(play)  # noqa: S311 - to repeat, not to hide
        self._places: dict[str, int] = {}
        self._asked: Counter[str] = Counter()

    def variables(self, fields: Sequence[Field]) -> dict[str, Any]:
        """Something for every variable that no form of the model asks for, and for every field that can be filled."""
        found: dict[str, Any] = {}
        for name, values in sorted(self._values.items()):
            if name not in self._forms:
                _put(found, name.split("."), self._one(name, values))
        read_only = {str(field["id"]) for field in fields if is_read_only(field)}
        for field in fields:
            name = str(field["id"])
            found[name] = self._one(name, list(self._fitting(field)))
        return {name: value for name, value in found.items() if name not in read_only}

    def _one(self, name: str, values: Sequence[Any]) -> Any:
        self._asked[name] += 1
        if len(values) == 1:
            return values[0]
        place = self._places.setdefault(name, len(self._places))
        if self._play and self._asked[name] > _STEADY:
            return self._random.choice(values)
        wanted = (0, 1, place % 2, 1 - place % 2)
        if self._play < len(wanted):
            return values[min(wanted[self._play], len(values) - 1)]
        further = self._play - len(wanted) + 2
        return values[further] if further < len(values) else self._random.choice(values)

    def _fitting(self, field: Field) -> Iterator[Any]:
        """Values of the field's type, within its limits; those that conditions ask about first."""
        asked, limits = self._values.get(str(field["id"]), ()), field.get("constraints") or {}
        match field.get("type"):
            case "boolean":
                yield from (True, False)
            case "enum":
                yield from [one["id"] for one in field.get("values") or ()] or [None]
            case "date":
                yield "2026-12-01"
            case "long" | "integer" | "double":
                yield from _numbers(asked, limits, whole=field.get("type") != "double")
            case _:
                yield from _texts(asked, limits)


def _numbers(asked: Sequence[Any], limits: Mapping[str, Any], *, whole: bool) -> list[Any]:
    least, most = limits.get("min", float("-inf")), limits.get("max", float("inf"))
    given = [int(one) if whole else one for one in asked if isinstance(one, int | float) and not isinstance(one, bool)]
    fitting = [one for one in given if least <= one <= most]
    return fitting or [limits.get("min", limits.get("max", 1))]


def _texts(asked: Sequence[Any], limits: Mapping[str, Any]) -> list[str]:
    least, most = limits.get("minlength", 0), limits.get("maxlength", 10_000)
    fitting = [one for one in asked if isinstance(one, str) and least <= len(one) <= most]
    return fitting or ["text".ljust(least, ".")[:most]]


def _put(found: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for name in path[:-1]:
        inner = found.get(name)
        found[name] = inner if isinstance(inner, dict) else {}
        found = found[name]
    if not isinstance(found.get(path[-1]), dict):
        found[path[-1]] = value


class Choices:
    """What one play takes for conditions that cannot be told: of the ways out of an element one, each time the next."""

    def __init__(self, conditions: Mapping[str, Sequence[str | None]], play: int) -> None:
        self._conditions, self._play = conditions, play
        self._chosen: dict[str, int] = {}

    def holds(self, element: str, condition: str) -> bool:
        """Whether a condition holds; the first of an element's that is asked about begins another choice."""
        ways = self._conditions.get(element.removesuffix("_flows"), ())
        if condition not in ways:
            return self._play % 2 == 0
        undecided = [way for way in ways if way]
        if condition == undecided[0]:
            self._chosen[element] = self._chosen.get(element, self._play - 1) + 1
        return ways[self._chosen.get(element, self._play) % len(ways)] == condition
