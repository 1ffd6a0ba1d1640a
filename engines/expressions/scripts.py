"""Scripts of process models: the part of JavaScript, Groovy and Python that computes, branches and sets variables.

No interpreter of these languages is near: a script becomes functions of the variables, as an expression does. As in
Camunda, JavaScript and Groovy set process variables by `execution.setVariable`; what Python or a script without a
language assigns is a process variable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from engines.expressions.data import given, plain
from engines.expressions.exposed import Exposed
from engines.expressions.failure import attempt
from engines.expressions.grammar import Call
from engines.expressions.scripting.blocks import read_script
from engines.expressions.scripting.frame import Frame
from engines.expressions.scripting.language import LANGUAGES, NAMES
from engines.expressions.scripting.statements import Statement
from engines.expressions.tokens import Unreadable

MAX_SCRIPT = 20_000
_CACHED = 512


@dataclass(frozen=True, slots=True)
class Outcome:
    """The process variables a script sets by itself, and the value it ends with."""

    variables: dict[str, Any]
    result: Any


@dataclass(frozen=True, slots=True)
class Script:
    """A script that was read; `stores` says whether the names it assigns become process variables."""

    text: str
    run_all: Statement
    calls: tuple[Call, ...]
    stores: bool

    def run(self, scope: Mapping[str, Any], now: datetime) -> Outcome:
        """Run it; raises `ExpressionFailed`. The scope is only read, but methods of its objects act at once."""
        return attempt(self.text, lambda: self._run(scope, now))  # type: ignore[no-any-return]

    def _run(self, scope: Mapping[str, Any], now: datetime) -> Outcome:
        frame = Frame(scope)
        self.run_all(frame, now)
        variables = {**(frame.changed() if self.stores else {}), **frame.sent}
        result = None if isinstance(frame.result, Exposed) else plain(frame.result)
        return Outcome(given(plain(variables)), given(result))


def compile_script(text: str, language: str | None, *, stores: bool | None = None) -> Script:
    """Read a script; raises `Unreadable` that names the line.

    `stores` overrides whether assigned names become process variables.
    """
    return _compiled(text, (language or "").strip().lower(), stores)


@lru_cache(_CACHED)
def _compiled(text: str, language: str, stores: bool | None) -> Script:
    if language not in NAMES:
        raise Unreadable(f"scripts in {language[:60]!r} are not understood")
    if len(text) > MAX_SCRIPT:
        raise Unreadable(f"the script is longer than {MAX_SCRIPT} characters")
    known = LANGUAGES[NAMES[language]]
    text = text.replace("\r\n", "\n").replace("\t", "    ")
    try:
        run_all, calls = read_script(text, known)
    except Unreadable as error:
        line = text.count("\n", 0, error.at or 0) + 1
        raise Unreadable(f"line {line}: {error}", error.at) from None
    except RecursionError:
        raise Unreadable("the script is nested too deep") from None
    return Script(text, run_all, tuple(calls), known.stores if stores is None else stores)


def assign(script: str, variables: dict[str, Any], scope: Mapping[str, Any], now: datetime) -> None:
    """Run a script that names no language, and keep what it sets; all or none."""
    outcome = attempt(script, lambda: compile_script(script, None)).run(scope, now)
    variables.update(outcome.variables)
