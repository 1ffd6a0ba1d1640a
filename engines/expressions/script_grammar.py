"""The statements of scripts: declarations, assignments, branches and loops, in braces or by indentation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from engines.expressions import meaning
from engines.expressions.meaning import Evaluate
from engines.expressions.script_frame import Frame
from engines.expressions.script_language import Language
from engines.expressions.script_reader import NO_TYPES, PRINTS, ScriptReader, Target
from engines.expressions.script_statements import (
    BREAK,
    CONTINUE,
    RETURN,
    Statement,
    assigned,
    each,
    evaluated,
    looped,
    sequence,
)
from engines.expressions.script_words import words_of
from engines.expressions.tokens import Token, Unreadable

MAX_BLOCKS: Final = 25
_WORDS_PER_STEP = 8
_DECLARING = frozenset({"var", "let", "const", "def", "final"})
_COMPOUND = {"+=": "+", "-=": "-", "*=": "*", "/=": "/", "%=": "%", "//=": "//"}


def read_script(text: str, language: Language) -> tuple[Statement, ScriptReader]:
    """Read a whole script; raises `Unreadable`."""
    words = words_of(text, indented=language.indented, python=language.name == "python")
    reader = StatementReader(words, language)
    return reader.script(), reader


class StatementReader(ScriptReader):
    """Reads statements; what differs between braces and indentation is how a block is written."""

    def __init__(self, words: Sequence[Token], language: Language) -> None:
        super().__init__(words, language)
        self._blocks = 0
        self._loops = 0

    def script(self) -> Statement:
        """All statements up to the end."""
        statements = []
        self._skip_ends()
        while self.token.kind != "end":
            statements.append(self._statement())
            self._skip_ends()
        return sequence(statements)

    def _statement(self) -> Statement:
        begin = self.token.next
        self._blocks += 1
        if self._blocks > MAX_BLOCKS:
            raise Unreadable("blocks are nested too deep", self.token.begin)
        done = self._compound() if self.token.kind in ("name", "word", "symbol") else None
        if done is None:
            done = self._simple()
        self._blocks -= 1
        steps = 1 + (self.token.next - begin) // _WORDS_PER_STEP

        def act(frame: Frame, now: datetime) -> str | None:
            frame.spend(steps)
            return done(frame, now)

        return act

    def _compound(self) -> Statement | None:
        readers: dict[str, Callable[[], Statement]] = {"if": self._if, "for": self._for, "while": self._while}
        read = readers.get(self.token.text)
        if read is not None:
            self.advance()
            return read()
        if self.token.text == "{" and not self.language.indented:
            return self._block()
        return None

    def _simple(self) -> Statement:
        found = self._plain_statement()
        if self.token.kind in ("newline", "end", "dedent") or self.token.text in (";", "}"):
            return found
        raise self.surprised("the end of the statement")

    def _plain_statement(self) -> Statement:
        text, named = self.token.text, self.token.kind == "name"
        if named and text in (BREAK, CONTINUE, "pass"):
            if text != "pass" and not self._loops:
                raise Unreadable(f"`{text}` outside a loop", self.token.begin)
            self.advance()
            return lambda _frame, _now: None if text == "pass" else text
        if named and text == "return":
            return self._return()
        if named and self._declares():
            return self._declaration()
        if named and text in PRINTS and self._following().kind in ("text", "name", "number"):
            self.advance()
            self.listed_until_end()
            return sequence([])
        return self._assignment()

    def listed_until_end(self) -> None:
        """Pass over the values of a command without brackets."""
        self.ternary()
        while self.skip(","):
            self.ternary()

    def _return(self) -> Statement:
        self.advance()
        ends = self.token.kind in ("newline", "end", "dedent") or self.token.text in (";", "}")
        value = meaning.constant(None) if ends else self.ternary()

        def act(frame: Frame, now: datetime) -> str:
            frame.result = value(frame, now)
            return RETURN

        return act

    def _declares(self) -> bool:
        """`var x`, and `String x` as Java and Groovy have it."""
        if self.language.indented:
            return False
        typed = self._following().kind == "name" and self.token.text not in NO_TYPES
        return self.token.text in _DECLARING or typed

    def _declaration(self) -> Statement:
        while self._following().kind == "name":
            self.advance()
        statements = [self._declared()]
        while self.skip(","):
            statements.append(self._declared())
        return sequence(statements)

    def _declared(self) -> Statement:
        name = self.take("name", "a name").text
        value = self.ternary() if self.skip("=") else meaning.constant(None)

        def act(frame: Frame, now: datetime) -> None:
            found = value(frame, now)
            frame.declared.add(name)
            frame.names[name] = found

        return act

    def _assignment(self) -> Statement:
        begin = self.token.next
        if self.token.text in ("++", "--"):
            sign = self.token.text
            self.advance()
            self._member()
            return evaluated(self._changed(self._assignable(begin + 1), sign[0], meaning.constant(1)))
        value = self.ternary()
        operator = self.token.text if self.token.kind == "symbol" else ""
        if operator in ("++", "--"):
            target = self._assignable(begin)
            self.advance()
            return evaluated(self._changed(target, operator[0], meaning.constant(1)))
        if operator == "=" or operator in _COMPOUND:
            target = self._assignable(begin)
            self.advance()
            right = self.ternary()
            return evaluated(
                assigned(target, right) if operator == "=" else self._changed(target, _COMPOUND[operator], right)
            )
        return evaluated(value)

    def _assignable(self, begin: int) -> Target:
        target = self.target
        if target is None or target.begin != begin or target.end != self.token.next:
            raise self.surprised("the end of the statement")
        return target

    def _changed(self, target: Target, operator: str, by: Evaluate) -> Evaluate:
        if target.owner is None or target.key is None:
            old = meaning.variable(target.name or "")
        else:
            old = self.language.item(target.owner, target.key)
        return assigned(target, self.language.binary(operator, old, by))

    def _if(self) -> Statement:
        test = self._test()
        yes = self._block()
        no: Statement = sequence([])
        at = self.token
        self._skip_ends()
        if self.skip("else"):
            again = self.token.text == "if" and not self.language.indented
            no = self._statement() if again else self._block()
        elif self.token.text == "elif" and self.language.indented:
            self.advance()
            no = self._nested(self._if)
        else:
            self.token = at
        true = self.language.true
        return lambda frame, now: yes(frame, now) if true(test(frame, now)) else no(frame, now)

    def _nested(self, read: Callable[[], Statement]) -> Statement:
        self._blocks += 1
        if self._blocks > MAX_BLOCKS:
            raise Unreadable("blocks are nested too deep", self.token.begin)
        found = read()
        self._blocks -= 1
        return found

    def _test(self) -> Evaluate:
        if self.language.indented:
            return self.ternary()
        self.expect("(")
        found = self.ternary()
        self.expect(")")
        return found

    def _while(self) -> Statement:
        test = self._test()
        return looped(self.language, test, self._body(), None)

    def _for(self) -> Statement:
        if not self.language.indented:
            self.expect("(")
            if self._counts():
                return self._counted()
            while self._following().kind == "name" and self._following().text != "of":
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
        first = sequence([]) if self.token.text == ";" else self._plain_statement()
        self.expect(";")
        test = meaning.constant(True) if self.token.text == ";" else self.ternary()
        self.expect(";")
        step = sequence([]) if self.token.text == ")" else self._assignment()
        self.expect(")")
        return sequence([first, looped(self.language, test, self._body(), step)])

    def _body(self) -> Statement:
        self._loops += 1
        body = self._block()
        self._loops -= 1
        return body

    def _block(self) -> Statement:
        """`{ … }` or one statement; by indentation, what is further right or on the same line."""
        if self.language.indented:
            return self._indented()
        self.skip_lines()
        if not self.skip("{"):
            return self._statement()
        statements = []
        self._skip_ends()
        while not self.skip("}"):
            if self.token.kind == "end":
                raise self.surprised("`}`")
            statements.append(self._statement())
            self._skip_ends()
        return sequence(statements)

    def _indented(self) -> Statement:
        self.expect(":")
        if self.token.kind != "newline":
            return self._nested(self._simple)
        self.advance()
        self.take("indent", "an indented line")
        statements = []
        while self.token.kind not in ("dedent", "end"):
            statements.append(self._statement())
            self._skip_ends()
        self.take("dedent", "the end of the block")
        return sequence(statements)

    def _skip_ends(self) -> None:
        while self.token.kind == "newline" or self.token.text == ";":
            self.advance()

    def _following(self) -> Token:
        return self.list_of_words[min(self.token.next, len(self.list_of_words) - 1)]
