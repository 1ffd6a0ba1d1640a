"""Regular expressions as a state machine: the time is linear in the text, whatever the pattern is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any, TypeAlias

from engines.expressions.data import Impossible

MAX_PATTERN = 200
MAX_STATES = 1_000
MAX_WORK = 30_000
_ONE: TypeAlias = Callable[[str], bool]
# A state takes one character and goes on, or goes on in two ways without taking one; the last state is the end.
_State: TypeAlias = tuple[_ONE | None, tuple[int, ...]]
_Node: TypeAlias = tuple[str, Any]
_SPECIAL = frozenset("\\[](){}.*+?^$|")
_CLASSES: dict[str, _ONE] = {
    "d": lambda char: "0" <= char <= "9",
    "w": lambda char: char == "_" or (char.isascii() and char.isalnum()),
    "s": lambda char: char in " \t\n\r\f\v",
}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "f": "\f"}
_COUNTS = {"*": (0, None), "+": (1, None), "?": (0, 1)}


def matches(text: str, pattern: str) -> bool:
    """Whether the whole text is of the pattern."""
    return len(text) in _ends(_machine(pattern), text, 0, [MAX_WORK])


def found(text: str, pattern: str) -> Iterator[tuple[int, int]]:
    """Where the pattern occurs, the longest from the left, empty ones left out."""
    if is_literal(pattern):
        yield from _occurrences(text, pattern)
        return
    machine, work, at = _machine(pattern), [MAX_WORK], 0
    while at < len(text):
        end = max(_ends(machine, text, at, work), default=at)
        if end > at:
            yield at, end
        at = max(end, at + 1)


def is_literal(pattern: str) -> bool:
    """Whether a pattern is only the text it spells."""
    return not set(pattern) & _SPECIAL


def _occurrences(text: str, part: str) -> Iterator[tuple[int, int]]:
    at = text.find(part) if part else -1
    while at >= 0:
        yield at, at + len(part)
        at = text.find(part, at + len(part))


def _ends(machine: list[_State], text: str, start: int, work: list[int]) -> list[int]:
    last, ends = len(machine) - 1, []
    states = _reached(machine, [0])
    for at in range(start, len(text) + 1):
        if last in states:
            ends.append(at)
        if at == len(text) or not states:
            break
        work[0] -= len(states)
        if work[0] < 0:
            raise Impossible("the text is too long for this pattern")
        states = _reached(machine, (machine[state][1][0] for state in states if _takes(machine[state], text[at])))
    return ends


def _takes(state: _State, char: str) -> bool:
    return state[0] is not None and state[0](char)


def _reached(machine: list[_State], starts: Iterable[int]) -> set[int]:
    states: set[int] = set()
    waiting = list(starts)
    while waiting:
        state = waiting.pop()
        if state not in states:
            states.add(state)
            if machine[state][0] is None:
                waiting += machine[state][1]
    return states


@lru_cache(256)
def _machine(pattern: str) -> list[_State]:
    if len(pattern) > MAX_PATTERN:
        raise Impossible("the pattern is too long")
    folded = pattern.startswith("(?i)")
    reader = _Pattern(pattern.removeprefix("(?i)").removeprefix("^"), folded)
    backwards: list[_State] = [(None, ())]
    start = _build(backwards, reader.whole(), 0)
    backwards.append((None, (start,)))
    last = len(backwards) - 1
    return [(take, tuple(last - to for to in onward)) for take, onward in reversed(backwards)]


def _build(states: list[_State], node: _Node, onward: int) -> int:
    """Add the states of a node that goes on to `onward`; the state it begins with."""
    kind, inner = node
    if len(states) > MAX_STATES:
        raise Impossible("the pattern is too large")
    if kind == "one":
        states.append((inner, (onward,)))
    elif kind == "all":
        for part in reversed(inner):
            onward = _build(states, part, onward)
        return onward
    elif kind == "any":
        states.append((None, tuple([_build(states, part, onward) for part in inner])))
    else:
        part, least, most = inner
        if most is None:
            loop = len(states)
            states.append((None, ()))
            states[loop] = (None, (_build(states, part, loop), onward))
            onward = loop
        for _ in range((most or least) - least):
            states.append((None, (_build(states, part, onward), onward)))
            onward = len(states) - 1
        for _ in range(least):
            onward = _build(states, part, onward)
        return onward
    return len(states) - 1


class _Pattern:
    """Reads a pattern: alternatives, groups, classes, counts; what needs backtracking is refused."""

    def __init__(self, text: str, folded: bool) -> None:
        self._text, self._at, self._folded, self._depth = text, 0, folded, 0

    def whole(self) -> _Node:
        node = self._alternatives()
        if self._at < len(self._text):
            raise self._refused()
        return node

    def _alternatives(self) -> _Node:
        self._depth += 1
        if self._depth > 20:  # noqa: PLR2004 - deeper than any pattern people write
            raise self._refused()
        parts = [self._sequence()]
        while self._skip("|"):
            parts.append(self._sequence())
        self._depth -= 1
        return parts[0] if len(parts) == 1 else ("any", parts)

    def _sequence(self) -> _Node:
        parts: list[_Node] = []
        while self._at < len(self._text) and self._text[self._at] not in "|)":
            if self._text[self._at :] == "$":
                self._at += 1
            else:
                parts.append(self._counted(self._atom()))
        return "all", parts

    def _counted(self, node: _Node) -> _Node:
        char = self._peek()
        if char in _COUNTS:
            self._at += 1
            least, most = _COUNTS[char]
        elif char == "{":
            least, most = self._bounds()
        else:
            return node
        self._skip("?")
        if self._peek() in ("+", "*", "{"):
            raise self._refused()
        return "count", (node, least, most)

    def _bounds(self) -> tuple[int, int | None]:
        inside, closed, _ = self._text[self._at + 1 :].partition("}")
        low, comma, high = inside.partition(",")
        if not closed or not all(part.isdecimal() and len(part) < 4 for part in (low, high or "0")):  # noqa: PLR2004
            raise self._refused()
        self._at += len(inside) + 2
        most = int(high) if high else None if comma else int(low)
        if most is not None and most < int(low):
            raise self._refused()
        return int(low), most

    def _atom(self) -> _Node:
        char = self._next()
        if char == "(":
            if self._skip("?") and not self._skip(":"):
                raise self._refused()
            node = self._alternatives()
            if not self._skip(")"):
                raise self._refused()
            return node
        if char == "[":
            return "one", self._class()
        if char == "\\":
            return "one", self._escaped()
        if char == ".":
            return "one", lambda one: one != "\n"
        if char in "*+?{^$":
            raise self._refused()
        return "one", self._literal(char)

    def _class(self) -> _ONE:
        refused = self._skip("^")
        parts: list[_ONE] = []
        while not self._skip("]") or not parts:
            char = self._next()
            if char == "[" or self._text[self._at : self._at + 2] == "&&":
                raise self._refused()
            one = self._escaped() if char == "\\" else self._literal(char)
            if self._peek() == "-" and self._text[self._at + 1 : self._at + 2] not in ("]", ""):
                self._at += 1
                one = self._between(char, self._next())
            parts.append(one)
        return lambda char: any(part(char) for part in parts) != refused

    def _escaped(self) -> _ONE:
        char = self._next()
        if char.lower() in _CLASSES:
            holds = _CLASSES[char.lower()]
            return holds if char.islower() else lambda one: not holds(one)
        if char.isalnum() and char not in _ESCAPES:
            raise self._refused()
        return self._literal(_ESCAPES.get(char, char))

    def _between(self, low: str, high: str) -> _ONE:
        if "\\" in (low, high) or low > high:
            raise self._refused()
        if self._folded:
            return lambda char: low <= char.lower() <= high or low <= char.upper() <= high
        return lambda char: low <= char <= high

    def _literal(self, char: str) -> _ONE:
        if self._folded:
            return lambda one: one.lower() == char.lower()
        return lambda one: one == char

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _next(self) -> str:
        char = self._peek()
        if not char:
            raise self._refused()
        self._at += 1
        return char

    def _skip(self, char: str) -> bool:
        skipped = self._peek() == char
        self._at += skipped
        return skipped

    def _refused(self) -> Impossible:
        return Impossible(f"the pattern {self._text[:60]!r} cannot be used here")
