"""A place in a text of FEEL: what comes next, and the small forms that need no meaning."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from engines.decisions.tokens import Token, Unreadable, tokens
from engines.decisions.types import Type
from engines.decisions.values import MAX_DEPTH

MAX_TEXT = 10_000
Read = TypeVar("Read")


class Cursor:
    """Goes through the words of one text."""

    def __init__(self, source: str, names: Iterable[str]) -> None:
        if len(source) > MAX_TEXT:
            raise Unreadable(f"longer than {MAX_TEXT} characters")
        self.source = source
        self.tokens = tokens(source, names)
        self.at = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        """The next word."""
        return self.tokens[self.at]

    @property
    def following(self) -> Token:
        """The word after the next."""
        return self.tokens[min(self.at + 1, len(self.tokens) - 1)]

    def deeper(self) -> None:
        """Go one level down; raises `Unreadable` when that is too deep."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Unreadable(f"nested deeper than {MAX_DEPTH}")

    def name(self) -> str:
        """One or more words."""
        words: list[str] = []
        while self.token.kind in ("word", "known") and (not words or "?" not in (words[0], self.token.text)):
            words.append(self.take().text)
        if not words:
            raise self.surprised("a name")
        return " ".join(words)

    def type(self) -> Type:
        """A type, perhaps with others inside."""
        name = self.take().text if self.token.kind == "keyword" else self.name()
        if not self.skip("<"):
            return Type.named(name)
        inner = [] if self.token.text == ">" else [self._member_type()]
        while self.skip(","):
            inner.append(self._member_type())
        self.expect(">")
        if self.skip("->"):
            self.type()
        return Type.made(name, inner)

    def _member_type(self) -> tuple[str, Type]:
        self.deeper()
        mark = self.at
        name = self.take().text if self.token.kind == "keyword" else self.name()
        if not self.skip(":"):
            self.at, name = mark, ""
        found = self.type()
        self.depth -= 1
        return name, found

    def list_of(self, end: str, read: Callable[[], Read]) -> list[Read]:
        """What stands between commas, up to this end."""
        found: list[Read] = []
        while not self.skip(end):
            if found:
                self.expect(",")
            found.append(read())
        return found

    def take(self) -> Token:
        """The next word, which must be there."""
        token = self.token
        if token.kind == "end":
            raise self.surprised("more")
        self.at += 1
        return token

    def skip(self, text: str) -> bool:
        """Go past this word, if it is the next one."""
        token = self.token
        if token.text != text or token.kind not in ("symbol", "keyword"):
            return False
        self.at += 1
        return True

    def expect(self, text: str) -> None:
        """Go past this word, which must be the next one."""
        if not self.skip(text):
            raise self.surprised(repr(text))

    def surprised(self, expected: str) -> Unreadable:
        """The error for a word that does not belong here."""
        token = self.token
        if token.kind == "end":
            return Unreadable(f"ends at {token.begin}, where {expected} was expected")
        return Unreadable(f"{token.text[:40]!r} at {token.begin} was not expected, but {expected}")
