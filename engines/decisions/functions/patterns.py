"""Regular expressions in linear time: all ways to match are followed at once, as Thompson and Pike have shown.

Python's `re` tries one way after another, and takes years for `(a+)+$`; a pattern is a text of whoever wrote the model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from engines.decisions.functions.pattern_grammar import Edge, Group, Holds, Malformed, One, Part, PatternReader
from engines.decisions.values import Impossible, Run, joined

Marks: TypeAlias = tuple[int | None, ...]
"""Where the whole and its groups begin and end."""
MAX_PROGRAM = 5_000
_FLAGS = set("smix")
_REFERENCE = re.compile(r"\$(\d)|\\([\\$])|([$\\])")


@dataclass(frozen=True, slots=True)
class _Step:
    """One instruction: a character, an edge, a mark, or where to go on, what is better first."""

    holds: Holds | None = None
    edge: str = ""
    mark: int | None = None
    targets: tuple[int, ...] = ()


Threads: TypeAlias = list[tuple[int, Marks]]


@lru_cache(512)
def compiled(pattern: str, flags: str) -> Pattern | None:
    """The pattern, or null when it is none."""
    if not set(flags) <= _FLAGS:
        return None
    reader = PatternReader(pattern, flags)
    try:
        tree = reader.read()
    except Malformed:
        return None
    return Pattern(_Compiler().program(tree), reader.groups)


class Pattern:
    """A program that looks for a pattern in a text."""

    def __init__(self, program: list[_Step], groups: int) -> None:
        self._program = program
        self._groups = groups

    def search(self, run: Run, text: str, start: int) -> Marks | None:
        """The leftmost place, and of those there the one preferred."""
        nothing: Marks = (None,) * (2 * self._groups + 2)
        current: Threads = []
        best: Marks | None = None
        for at in range(start, len(text) + 1):
            if best is None:
                self._follow(current, {counter for counter, _ in current}, (0, nothing), text, at)
            run.spend(1 + len(current))
            following: Threads = []
            seen: set[int] = set()
            for counter, marks in current:
                step = self._program[counter]
                if step.holds is None:
                    best = marks
                    break
                if at < len(text) and step.holds(text[at]):
                    self._follow(following, seen, (counter + 1, marks), text, at + 1)
            current = following
            if not current and best is not None:
                break
        return best

    def replaced(self, run: Run, text: str, replacement: str) -> str | None:
        """Every match replaced; null when the replacement refers to nothing."""
        if any(found[3] for found in _REFERENCE.finditer(replacement)):
            return None
        parts: list[str] = []
        last = 0
        for marks in self._all(run, text):
            begin, end = _ends(marks)
            parts += (text[last:begin], _filled(replacement, marks, text))
            last = end
        return joined([*parts, text[last:]])

    def split(self, run: Run, text: str) -> list[str]:
        """What stands between the matches."""
        parts: list[str] = []
        last = 0
        for marks in self._all(run, text):
            begin, end = _ends(marks)
            if end == begin and begin in (0, len(text)):
                continue
            parts.append(text[last:begin])
            last = end
        return [*parts, text[last:]]

    def _all(self, run: Run, text: str) -> Iterator[Marks]:
        at = 0
        while at <= len(text) and (found := self.search(run, text, at)) is not None:
            yield found
            begin, end = _ends(found)
            at = end + (end == begin)

    def _follow(self, threads: Threads, seen: set[int], thread: tuple[int, Marks], text: str, at: int) -> None:
        """Add a thread, and all that it can go on to without a character."""
        waiting = [thread]
        while waiting:
            counter, marks = waiting.pop()
            if counter in seen:
                continue
            seen.add(counter)
            step = self._program[counter]
            if step.mark is not None:
                waiting.append((counter + 1, (*marks[: step.mark], at, *marks[step.mark + 1 :])))
            elif step.edge:
                if _is_edge(step.edge, text, at):
                    waiting.append((counter + 1, marks))
            elif step.targets:
                waiting.extend((target, marks) for target in reversed(step.targets))
            else:
                threads.append((counter, marks))


class _Compiler:
    def __init__(self) -> None:
        self._steps: list[_Step] = []

    def program(self, tree: Group) -> list[_Step]:
        self._add(_Step(mark=0))
        self._group(tree)
        self._add(_Step(mark=1))
        self._add(_Step())
        return self._steps

    def _part(self, part: Part) -> None:
        if isinstance(part, One):
            self._add(_Step(holds=part.holds))
        elif isinstance(part, Edge):
            self._add(_Step(edge=part.symbol))
        elif isinstance(part, Group):
            self._group(part)
        else:
            for _ in range(part.least):
                self._part(part.part)
            if part.most is None:
                self._loop(part.part, greedy=part.greedy)
            for _ in range((part.most or 0) - part.least):
                self._maybe(part.part, greedy=part.greedy)

    def _group(self, group: Group) -> None:
        if group.number is not None:
            self._add(_Step(mark=2 * group.number))
        ends: list[int] = []
        for number, choice in enumerate(group.choices):
            split = None if number == len(group.choices) - 1 else self._add(_Step())
            for part in choice:
                self._part(part)
            if split is not None:
                ends.append(self._add(_Step()))
                self._steps[split] = _Step(targets=(split + 1, len(self._steps)))
        for end in ends:
            self._steps[end] = _Step(targets=(len(self._steps),))
        if group.number is not None:
            self._add(_Step(mark=2 * group.number + 1))

    def _loop(self, part: Part, *, greedy: bool) -> None:
        split = self._add(_Step())
        self._part(part)
        self._add(_Step(targets=(split,)))
        self._steps[split] = _split(split + 1, len(self._steps), greedy=greedy)

    def _maybe(self, part: Part, *, greedy: bool) -> None:
        split = self._add(_Step())
        self._part(part)
        self._steps[split] = _split(split + 1, len(self._steps), greedy=greedy)

    def _add(self, step: _Step) -> int:
        if len(self._steps) >= MAX_PROGRAM:
            raise Impossible("uses a pattern that repeats too much")
        self._steps.append(step)
        return len(self._steps) - 1


def _split(inside: int, after: int, *, greedy: bool) -> _Step:
    return _Step(targets=(inside, after) if greedy else (after, inside))


def _is_edge(symbol: str, text: str, at: int) -> bool:
    if symbol[0] == "^":
        return at == 0 or (symbol == "^m" and text[at - 1] == "\n")
    return at == len(text) or (symbol == "$m" and text[at] == "\n")


def _ends(marks: Marks) -> tuple[int, int]:
    return marks[0] or 0, marks[1] or 0


def _filled(replacement: str, marks: Marks, text: str) -> str:
    return _REFERENCE.sub(lambda found: _referred(found, marks, text), replacement)


def _referred(found: re.Match[str], marks: Marks, text: str) -> str:
    if found[2]:
        return found[2]
    number = 2 * int(found[1])
    if number >= len(marks) or marks[number] is None:
        return ""
    return text[marks[number] : marks[number + 1]]
