"""The expressions of scripts: those of the grammar, and each language's own lists, mappings and texts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from engines.expressions import meaning
from engines.expressions.grammar import MAX_DEPTH, Reader
from engines.expressions.meaning import Evaluate
from engines.expressions.scripting.language import Language
from engines.expressions.scripting.methods import MADE
from engines.expressions.scripting.words import words_of
from engines.expressions.tokens import Token, Unreadable, unquoted

PRINTS = frozenset({"print", "println", "printf"})
_LOGS = ("console", "System", "log", "logger", "LOG", "LOGGER")
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("==", "!=", "===", "!==", "is", "is not"),
    ("<", ">", "<=", ">=", "in", "not in"),
    ("<<",),
    ("+", "-"),
    ("*", "/", "%", "//"),
)
# What stands for a value in a text; `open` is what only looks so.
_DOLLARS = r"\\.|\$\{(?P<inner>[^{}]*)\}|(?P<open>\$\{)"
_PARTS = {
    "javascript": re.compile(_DOLLARS, re.DOTALL),
    "groovy": re.compile(rf"{_DOLLARS}|\$(?P<path>[^\W\d]\w*(?:\.[^\W\d]\w*)*)", re.DOTALL),
    "python": re.compile(r"\\.|\{(?P<inner>[^{}:!]*)\}|(?P<open>[{}])", re.DOTALL),
}
_REFUSED = frozenset(
    {
        *("function", "class", "import", "from", "try", "catch", "throw", "throws", "lambda", "async", "await"),
        *("yield", "with", "assert", "switch", "do", "del", "instanceof", "typeof", "raise", "global"),
    }
)
# Words that a name may follow without being declared by them.
NO_TYPES = _REFUSED | PRINTS | {"new", "return"}


class Target(NamedTuple):
    """What can be assigned to: a name, or a member of something; and the words it spans."""

    name: str | None
    owner: Evaluate | None
    key: Evaluate | None
    begin: int
    end: int


class ScriptReader(Reader):
    """Reads the expressions of one language."""

    levels = _LEVELS
    language: Language

    def __init__(self, words: Sequence[Token], language: Language, depth: int = 0) -> None:
        self.list_of_words = words
        self.target: Target | None = None
        super().__init__(lambda at: words[min(at, len(words) - 1)], 0, language)
        self._depth = depth

    def surprised(self, expected: str) -> Unreadable:
        """What is said of the word at hand."""
        if self.token.kind in ("newline", "end"):
            return Unreadable(f"it ends where {expected} is expected", self.token.begin)
        return Unreadable(f"`{self.token.raw}` is not understood here, {expected} is expected", self.token.begin)

    def ternary(self) -> Evaluate:
        """A whole expression; `a ?: b` and `a ?? b` are the first that is something."""
        first = super().ternary()
        if self.skip("?:"):
            return self.language.choice(first, first, self.ternary())
        if self.skip("??"):
            other = self.ternary()
            return lambda scope, now: found if (found := first(scope, now)) is not None else other(scope, now)
        return first

    def _binary(self, level: int) -> Evaluate:
        if level == 0 and self.token.text == "not" and self.token.raw == "not":
            self._depth += 1
            if self._depth > MAX_DEPTH:
                raise Unreadable("nested too deep", self.token.begin)
            self.advance()
            inner = self._binary(0)
            self._depth -= 1
            return self.language.signed("not", inner, None)
        return super()._binary(level)

    def _operator(self, level: int) -> str | None:
        operator = super()._operator(level)
        if operator == "is" and self.skip("not"):
            return "is not"
        if operator is not None and operator != "<<" and operator not in self.language.operations:
            raise Unreadable(f"`{operator}` is not of this language", self.token.begin)
        return operator

    def _member(self) -> tuple[Evaluate, str | None]:
        begin = self.token.next
        root = self.token.text if self.token.kind == "name" else None
        if self._logs():
            return meaning.constant(None), None
        found, bare = self.primary()
        self.target = Target(bare, None, None, begin, self.token.next) if bare else None
        for _ in range(MAX_DEPTH):
            if self.token.text in (".", "?.") and self.token.kind == "symbol":
                found = self._named_member(found, bare, root, begin)
            elif self.skip("["):
                owner, key = found, self.ternary()
                self.expect("]")
                found = self.language.item(owner, key)
                self.target = Target(None, owner, key, begin, self.token.next)
            else:
                return found, bare
            bare = None
        raise Unreadable("too many members", self.token.begin)

    def _named_member(self, owner: Evaluate, bare: str | None, root: str | None, begin: int) -> Evaluate:
        safe = self.token.text == "?."
        self.advance()
        name = self.token.raw
        found = self._dotted(owner, bare, root)
        called = self.list_of_words[self.token.next - 2].text == ")"
        self.target = None if called else Target(None, owner, meaning.constant(name), begin, self.token.next)
        if safe:
            return lambda scope, now: None if owner(scope, now) is None else found(scope, now)
        return found

    def _logs(self) -> bool:
        """Pass over what is only printed: `println(x)`, `console.log(x)`, `System.out.println(x)`."""
        words = self.list_of_words
        at = self.token.next - 1
        if self.token.kind != "name" or (self.token.text not in _LOGS and self.token.text not in PRINTS):
            return False
        if self.token.text in _LOGS:
            while words[at + 1].text == "." and words[at + 2].kind == "name":
                at += 2
            if at == self.token.next - 1 or words[at].text in ("currentTimeMillis", "getenv", "exit"):
                return False
        if words[at + 1].text != "(":
            return False
        self.token = words[at + 1]
        self.expect("(")
        self.listed(")", self.ternary)
        return True

    def primary(self) -> tuple[Evaluate, str | None]:
        """A value without operators, and its name when it is only that."""
        token = self.token
        if token.kind == "text":
            self.advance()
            return self._text(token), None
        if token.kind == "name" and token.text in _REFUSED:
            raise Unreadable(f"`{token.text}` is not understood", token.begin)
        if token.kind == "name" and token.text == "new":
            return self._made(), None
        return super().primary()

    def _made(self) -> Evaluate:
        self.advance()
        name = self.take("name", "what is made").text
        while self.skip("."):
            name = self.take("name", "a name").text
        if self.token.text == "<":
            raise Unreadable("types in `<>` are not understood", self.token.begin)
        arguments = self.listed(")", self.ternary) if self.skip("(") else []
        if name not in MADE:
            raise Unreadable(f"`new {name}` is not understood", self.token.begin)
        make = MADE[name]
        return lambda scope, now: make(scope, now, [argument(scope, now) for argument in arguments])

    def _text(self, token: Token) -> Evaluate:
        raw = token.text
        prefixed = raw[0] in "fF"
        raw = raw[1:] if prefixed else raw
        if prefixed and not self.language.indented:
            raise Unreadable(f"`{token.text[:60]}` is not understood", token.begin)
        language = "python" if prefixed else "javascript" if raw[0] == "`" else self.language.name
        raw = raw[2:-2] if len(raw) >= 6 and raw[:3] in ('"""', "'''") else raw  # noqa: PLR2004 - two marks of three
        if prefixed or raw[0] == "`" or (raw[0] == '"' and language == "groovy"):
            return self._templated(raw, _PARTS[language], token)
        return meaning.constant(unquoted(raw))

    def _templated(self, raw: str, shape: re.Pattern[str], token: Token) -> Evaluate:
        parts: list[str | Evaluate] = []
        at = 1
        for found in shape.finditer(raw, 1, len(raw) - 1):
            groups = found.groupdict()
            if groups["open"] is not None:
                raise Unreadable("what stands in this text is not understood", token.begin)
            inner = groups["inner"] if groups["inner"] is not None else groups.get("path")
            if inner is not None:
                parts += [unquoted(f'"{raw[at : found.start()]}"'), self._inner(inner, token)]
                at = found.end()
        return self.language.templated([*parts, unquoted(f'"{raw[at:-1]}"')])

    def _inner(self, text: str, token: Token) -> Evaluate:
        try:
            words = words_of(text, indented=False, python=self.language.indented)
            reader = ScriptReader(words, self.language, depth=self._depth + 1)
            found = reader.ternary()
        except Unreadable as error:
            raise Unreadable(f"in the text: {error}", token.begin) from None
        reader.skip_lines()
        if reader.token.kind != "end":
            raise Unreadable(f"`{text[:60]}` in the text is not understood", token.begin)
        return found

    def bracketed(self, token: Token) -> Evaluate:
        """Lists, mappings (`{a: 1}`, Groovy's `[a: 1]`) and expressions in brackets."""
        if token.kind != "symbol" or token.text not in ("[", "{"):
            return super().bracketed(token)
        if token.text == "{":
            return self._mapped("}", token)
        here = self.list_of_words[self.token.next :][:1]
        if self.skip(":"):
            self.expect("]")
            return self.language.mapped([])
        if self.token.kind in ("name", "text") and here and here[0].text == ":":
            return self._mapped("]", token)
        return self.language.listed(self.listed("]", self.ternary))

    def _mapped(self, end: str, token: Token) -> Evaluate:
        if self.language.name == "groovy" and end == "}":
            raise Unreadable("closures are not understood", token.begin)
        return self.language.mapped(self.listed(end, self._entry))

    def _entry(self) -> tuple[Evaluate, Evaluate]:
        key = self.token
        if self.language.indented and key.kind != "text":
            raise self.surprised("a name in quotes")
        if key.kind not in ("name", "text", "word", "number"):
            raise self.surprised("a name")
        self.advance()
        name = unquoted(key.text) if key.kind == "text" else key.raw
        if key.kind == "name" and self.token.text in (",", "}") and not self.language.indented:
            return meaning.constant(name), meaning.variable(name)
        self.expect(":")
        return meaning.constant(name), self.ternary()

    def listed(self, end: str, read: Any) -> list[Any]:
        """Things between commas, on as many lines as they take; a comma may end them."""
        items: list[Any] = []
        self.skip_lines()
        while not self.skip(end):
            if items:
                self.expect(",")
                self.skip_lines()
                if self.skip(end):
                    break
            items.append(read())
            self.skip_lines()
        return items

    def skip_lines(self) -> None:
        """Pass over line ends."""
        while self.token.kind == "newline":
            self.advance()
