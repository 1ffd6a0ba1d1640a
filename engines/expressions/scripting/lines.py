"""What stands on one line of a script: declarations, assignments, what ends a loop or the script."""

from __future__ import annotations

from datetime import datetime

from engines.expressions import meaning
from engines.expressions.meaning import Evaluate
from engines.expressions.scripting.frame import Frame
from engines.expressions.scripting.reader import NO_TYPES, PRINTS, ScriptReader, Target
from engines.expressions.scripting.statements import (
    BREAK,
    CONTINUE,
    RETURN,
    Statement,
    assigned,
    evaluated,
    sequence,
)
from engines.expressions.tokens import Token, Unreadable

_DECLARING = frozenset({"var", "let", "const", "def", "final"})
_COMPOUND = {"+=": "+", "-=": "-", "*=": "*", "/=": "/", "%=": "%", "//=": "//"}


class LineReader(ScriptReader):
    """Reads simple statements."""

    loops = 0

    def simple(self) -> Statement:
        """A statement up to the end of the line or the block."""
        found = self.plain()
        if self.token.kind in ("newline", "end", "dedent") or self.token.text in (";", "}"):
            return found
        raise self.surprised("the end of the statement")

    def plain(self) -> Statement:
        """A statement, wherever it stands."""
        text, named = self.token.text, self.token.kind == "name"
        if named and text in (BREAK, CONTINUE, "pass"):
            if text != "pass" and not self.loops:
                raise Unreadable(f"`{text}` outside a loop", self.token.begin)
            self.advance()
            return lambda _frame, _now: None if text == "pass" else text
        if named and text == "return":
            return self._return()
        if named and self._declares():
            return self._declaration()
        if named and text in PRINTS and self.following().kind in ("text", "name", "number"):
            self.advance()
            self._printed()
            return sequence([])
        return self.assignment()

    def _printed(self) -> None:
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
        typed = self.following().kind == "name" and self.token.text not in NO_TYPES
        return self.token.text in _DECLARING or typed

    def _declaration(self) -> Statement:
        while self.following().kind == "name":
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

    def assignment(self) -> Statement:
        """An expression, or what is assigned."""
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

    def skip_ends(self) -> None:
        """Pass over what separates statements."""
        while self.token.kind == "newline" or self.token.text == ";":
            self.advance()

    def following(self) -> Token:
        """The word after the one at hand."""
        return self.list_of_words[min(self.token.next, len(self.list_of_words) - 1)]
