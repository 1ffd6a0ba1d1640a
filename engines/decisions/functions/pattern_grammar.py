"""Regular expressions as XPath writes them, read into a tree; what needs to go back in the text is refused."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from engines.decisions.values import MAX_DEPTH, Impossible

Holds: TypeAlias = Callable[[str], bool]
MAX_PATTERN = 1_000
MAX_REPEAT = 1_000
_PLAIN_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_SPECIAL = ".\\?*+{}()[]|^$-"
_QUANTIFIERS = "?*+{"
_BLANKS = re.compile(r"(\[(?:[^\]\\]|\\.)*\])|\s+", re.DOTALL)


class Malformed(Exception):
    """The pattern is none."""


@dataclass(frozen=True, slots=True)
class One:
    """One character for which this holds."""

    holds: Holds


@dataclass(frozen=True, slots=True)
class Edge:
    """The beginning or the end."""

    symbol: str


@dataclass(frozen=True, slots=True)
class Group:
    """Alternatives, each a sequence; numbered when its text is kept."""

    choices: tuple[tuple[Part, ...], ...]
    number: int | None


@dataclass(frozen=True, slots=True)
class Repeat:
    """A part several times; greedy takes as many as it can."""

    part: Part
    least: int
    most: int | None
    greedy: bool


Part: TypeAlias = One | Edge | Group | Repeat


class PatternReader:
    """Reads one pattern; raises `Malformed`, or `Impossible` for back references."""

    def __init__(self, source: str, flags: str) -> None:
        if len(source) > MAX_PATTERN:
            raise Impossible(f"uses a pattern of more than {MAX_PATTERN} characters")
        self._source = _BLANKS.sub(lambda found: found[1] or "", source) if "x" in flags else source
        self._flags = flags
        self._at = 0
        self._depth = 0
        self.groups = 0

    def read(self) -> Group:
        """The whole pattern."""
        found = Group(self._choices(), None)
        if self._at < len(self._source):
            raise Malformed
        return found

    def _choices(self) -> tuple[tuple[Part, ...], ...]:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Impossible("uses a pattern nested too deep")
        found = [self._sequence()]
        while self._skip("|"):
            found.append(self._sequence())
        self._depth -= 1
        return tuple(found)

    def _sequence(self) -> tuple[Part, ...]:
        found: list[Part] = []
        while self._peek() not in ("", "|", ")"):
            found.append(self._repeated(self._atom()))
        return tuple(found)

    def _repeated(self, part: Part) -> Part:
        sign = self._peek()
        if not sign or sign not in _QUANTIFIERS:
            return part
        self._at += 1
        least, most = {"?": (0, 1), "*": (0, None), "+": (1, None)}.get(sign) or self._counts()
        greedy = not self._skip("?")
        if self._peek() and self._peek() in _QUANTIFIERS:
            raise Malformed
        return Repeat(part, least, most, greedy)

    def _counts(self) -> tuple[int, int | None]:
        inside, closed, _ = self._source[self._at :].partition("}")
        low, comma, high = inside.partition(",")
        if not closed or not low.isdecimal() or not (not high or high.isdecimal()):
            raise Malformed
        self._at += len(inside) + 1
        least = int(low[:6])
        most = least if not comma else int(high[:6]) if high else None
        if max(least, most or 0) > MAX_REPEAT:
            raise Impossible(f"uses a pattern that repeats more than {MAX_REPEAT} times")
        if most is not None and most < least:
            raise Malformed
        return least, most

    def _atom(self) -> Part:
        char = self._take()
        if char in "^$":
            return Edge(char + ("m" if "m" in self._flags else ""))
        if char == "(":
            return self._group()
        if char == ".":
            return One((lambda _found: True) if "s" in self._flags else lambda found: found not in "\n\r")
        if char == "[":
            return One(self._class())
        if char == "\\":
            return One(self._escape())
        if char in "?*+{}]":
            raise Malformed
        return One(self._cased(lambda found: found == char))

    def _group(self) -> Group:
        number = None
        if self._skip("?"):
            if not self._skip(":"):
                raise Malformed
        else:
            self.groups += 1
            number = self.groups
        found = Group(self._choices(), number)
        if not self._skip(")"):
            raise Malformed
        return found

    def _class(self) -> Holds:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Impossible("uses a pattern nested too deep")
        inverted = self._skip("^")
        tests: list[Holds] = []
        without: Holds | None = None
        while not self._skip("]") or not tests:
            if tests and self._source.startswith("-[", self._at):
                self._at += 2
                without = self._class()
                if not self._skip("]"):
                    raise Malformed
                break
            tests.append(self._span())
        self._depth -= 1
        inside: Holds = lambda found: any(test(found) for test in tests) != inverted  # noqa: E731
        if without is None:
            return inside
        outside = without
        return lambda found: inside(found) and not outside(found)

    def _span(self) -> Holds:
        char = self._take()
        if char == "[":
            raise Malformed
        if char == "\\":
            if self._peek() not in _SPECIAL and self._peek() not in _PLAIN_ESCAPES:
                return self._escape()
            char = _PLAIN_ESCAPES.get(self._peek(), self._peek())
            self._at += 1
        following = self._source[self._at + 1 : self._at + 2]
        if self._peek() != "-" or following in ("]", "[", ""):
            return self._cased(lambda found: found == char)
        self._at += 1
        last = self._take()
        if last == "\\":
            last = _PLAIN_ESCAPES.get(self._peek(), self._take())
        if last < char:
            raise Malformed
        return self._cased(lambda found: char <= found <= last)

    def _escape(self) -> Holds:
        char = self._take()
        if char in _SPECIAL or char in _PLAIN_ESCAPES:
            plain = _PLAIN_ESCAPES.get(char, char)
            return lambda found: found == plain
        if char.isdecimal():
            raise Impossible("uses a back reference in a pattern, which is not supported")
        holds = self._category() if char in "pP" else _CLASSES.get(char.lower())
        if holds is None:
            raise Malformed
        test = holds
        return (lambda found: not test(found)) if char.isupper() else test

    def _category(self) -> Holds:
        inside, closed, _ = self._source[self._at :].partition("}")
        if not inside.startswith("{") or not closed:
            raise Malformed
        self._at += len(inside) + 1
        name = inside[1:]
        if name.startswith("Is"):
            raise Impossible(f"uses a pattern with the block {name!r}, which is not supported")
        if not name or name[0] not in "LMNPZSC":
            raise Malformed
        return lambda found: unicodedata.category(found).startswith(name)

    def _cased(self, holds: Holds) -> Holds:
        if "i" not in self._flags:
            return holds
        return lambda found: holds(found) or holds(found.lower()) or holds(found.upper())

    def _peek(self) -> str:
        return self._source[self._at : self._at + 1]

    def _skip(self, char: str) -> bool:
        if self._peek() != char:
            return False
        self._at += 1
        return True

    def _take(self) -> str:
        char = self._peek()
        if not char:
            raise Malformed
        self._at += 1
        return char


def _is_word(found: str) -> bool:
    return unicodedata.category(found)[0] not in "PZC"


_CLASSES: dict[str, Holds] = {
    "d": lambda found: unicodedata.category(found) == "Nd",
    "w": _is_word,
    "s": lambda found: found in " \t\n\r",
    "i": lambda found: found.isalpha() or found in "_:",
    "c": lambda found: found.isalnum() or found in "_:.-",
}
