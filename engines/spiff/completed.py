"""What an instance keeps of activities that have completed and can be compensated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Completed:
    """One activity of a scope; `times` in a row where nothing tells its executions apart.

    `local` is what only it has seen, as it was when it completed, and `inner` what has completed within it. `outward`
    is how many event sub-processes are between it and what compensates it.
    """

    element: str
    local: Mapping[str, Any] = field(default_factory=dict)
    inner: tuple[Completed, ...] = ()
    times: int = 1
    outward: int = 0


def added(before: Iterable[Completed], *more: Completed) -> list[Completed]:
    """The same with more that has completed after it."""
    found = list(before)
    for one in more:
        if found and replace(found[-1], times=1) == replace(one, times=1):
            found[-1] = replace(one, times=found[-1].times + one.times)
        else:
            found.append(one)
    return found


def last(found: list[Completed]) -> Completed:
    """Take the execution that has completed last."""
    one = found.pop()
    if one.times > 1:
        found.append(replace(one, times=one.times - 1))
    return replace(one, times=1)


def as_saved(found: Iterable[Completed]) -> list[Any]:
    """Plain data: a name where there is no more to say."""
    return [one.element if one == Completed(one.element) else _full(one) for one in found]


def as_loaded(saved: Iterable[Any]) -> list[Completed]:
    """What `as_saved` has made plain."""
    return [Completed(one) if isinstance(one, str) else _loaded(one) for one in saved]


def _full(one: Completed) -> dict[str, Any]:
    said = {"element": one.element, "local": dict(one.local), "inner": as_saved(one.inner)}
    return {name: value for name, value in said.items() if value} | {"times": one.times, "outward": one.outward}


def _loaded(said: Mapping[str, Any]) -> Completed:
    inner = tuple(as_loaded(said.get("inner", ())))
    return Completed(said["element"], said.get("local", {}), inner, said["times"], said["outward"])
