"""The statements of scripts: branches and loops, in braces or by indentation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from engines.expressions import meaning
from engines.expressions.grammar import Call
from engines.expressions.meaning import Evaluate
from engines.expressions.scripting.frame import Frame
from engines.expressions.scripting.language import Language
from engines.expressions.scripting.lines import LineReader
from engines.expressions.scripting.statements import (
    Statement,
    each,
    looped,
    sequence,
)
from engines.expressions.scripting.words import words_of
from engines.expressions.tokens import Token, Unreadable

MAX_BLOCKS: Final = 25
_WORDS_PER_STEP = 8


def read_script(text: str, language: Language) -> tuple[Statement, list[Call]]:
    """Read a whole script; raises `Unreadable`."""
    words = words_of(text, indented=language.indented, python=language.name == "python")
    reader = StatementReader(words, language)
    return reader.script(), reader.calls


class StatementReader(LineReader):
    """Reads statements; what differs between braces and indentation is how a block is written."""

    def __init__(self, words: Sequence[Token], language: Language) -> None:
        super().__init__(words, language)
        self._blocks = 0

    def script(self) -> Statement:
        """All statements up to the end."""
        statements = []
        self.skip_ends()
        while self.token.kind != "end":
            statements.append(self._statement())
            self.skip_ends()
        return sequence(statements)

    def _statement(self) -> Statement:
        begin = self.token.next
        self._blocks += 1
        if self._blocks > MAX_BLOCKS:
            raise Unreadable("blocks are nested too deep", self.token.begin)
        done = self._compound() if self.token.kind in ("name", "word", "symbol") else None
        if done is None:
            done = self.simple()
        self._blocks -= 1
        steps = self._steps_since(begin)

        def act(frame: Frame, now: datetime) -> str | None:
            frame.spend(steps)
            return done(frame, now)

        return act

    def _steps_since(self, begin: int) -> int:
        """What it costs to go through the words from there on once."""
        return 1 + (self.token.next - begin) // _WORDS_PER_STEP

    def _compound(self) -> Statement | None:
        readers: dict[str, Callable[[], Statement]] = {"if": self._if, "for": self._for, "while": self._while}
        read = readers.get(self.token.text)
        if read is not None:
            self.advance()
            return read()
        if self.token.text == "{" and not self.language.indented:
            return self._block()
        return None

    def _if(self) -> Statement:
        true = self.language.true
        ways = [(self._test(), self._block())]
        no: Statement = sequence([])
        while (again := self._else()) is not None:
            if again:
                ways.append((self._test(), self._block()))
            else:
                no = self._block()
                break

        def act(frame: Frame, now: datetime) -> str | None:
            for test, yes in ways:
                if true(test(frame, now)):
                    return yes(frame, now)
            return no(frame, now)

        return act

    def _else(self) -> bool | None:
        """Pass over `else`, `else if` or `elif`: whether a test follows; nothing when there is none of them."""
        at = self.token
        self.skip_ends()
        if self.token.text == "elif" and self.language.indented:
            self.advance()
            return True
        if self.skip("else"):
            return not self.language.indented and self.skip("if")
        self.token = at
        return None

    def _test(self) -> Evaluate:
        if self.language.indented:
            return self.ternary()
        self.expect("(")
        found = self.ternary()
        self.expect(")")
        return found

    def _while(self) -> Statement:
        begin = self.token.next
        test = self._test()
        steps = self._steps_since(begin)
        return looped(self.language, test, self._body(), None, steps)

    def _for(self) -> Statement:
        if not self.language.indented:
            self.expect("(")
            if self._counts():
                return self._counted()
            while self.following().kind == "name" and self.following().text != "of":
                self.advance()
        name = self.take("name", "a name").text
        by_name = self.token.text == "in" and self.language.name == "javascript"
        if not (self.skip("in") or self.skip(":")) and self.take("name", "`in`").text != "of":
            raise self.surprised("`in`")
        items = self.ternary()
        if not self.language.indented:
            self.expect(")")
        return each(name, items, self._body(), by_name=by_name)

    def _counts(self) -> bool:
        depth = 0
        for word in self.list_of_words[self.token.next - 1 :]:
            depth += (word.text in ("(", "[", "{")) - (word.text in (")", "]", "}"))
            if depth < 0 or word.text == ";":
                return word.text == ";"
        return False

    def _counted(self) -> Statement:
        first = sequence([]) if self.token.text == ";" else self.plain()
        self.expect(";")
        begin = self.token.next
        test = meaning.constant(True) if self.token.text == ";" else self.ternary()
        self.expect(";")
        step = sequence([]) if self.token.text == ")" else self.assignment()
        self.expect(")")
        steps = self._steps_since(begin)
        return sequence([first, looped(self.language, test, self._body(), step, steps)])

    def _body(self) -> Statement:
        self.loops += 1
        body = self._block()
        self.loops -= 1
        return body

    def _block(self) -> Statement:
        """`{ … }` or one statement; by indentation, what is further right or on the same line."""
        if self.language.indented:
            return self._indented()
        self.skip_lines()
        if not self.skip("{"):
            return self._statement()
        statements = []
        self.skip_ends()
        while not self.skip("}"):
            if self.token.kind == "end":
                raise self.surprised("`}`")
            statements.append(self._statement())
            self.skip_ends()
        return sequence(statements)

    def _indented(self) -> Statement:
        self.expect(":")
        if self.token.kind != "newline":
            return self.simple()
        self.advance()
        self.take("indent", "an indented line")
        statements = []
        while self.token.kind not in ("dedent", "end"):
            statements.append(self._statement())
            self.skip_ends()
        self.take("dedent", "the end of the block")
        return sequence(statements)
