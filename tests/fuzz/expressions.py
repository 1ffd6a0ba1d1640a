"""Expressions and scripts: read or refused with a reason, evaluated to plain data or failed in our own way, soon."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from domain.values import check as check_plain
from engines.decisions import feel
from engines.expressions.check import check_condition, check_script, check_text
from engines.expressions.evaluate import ExpressionFailed, condition
from engines.expressions.scripts import compile_script
from engines.expressions.tokens import Unreadable
from engines.spiff.feel import evaluate_feel, value_of
from tests.fuzz import grammars, meaning
from tests.fuzz.bounds import inside, within
from tests.fuzz.play import Room
from tests.fuzz.texts import mutated, nonsense
from tests.fuzz.vocabulary import NOW, WORDS, scope

SECONDS = 1.0
_INSIDE = ("recursion depth", "object has no attribute", "unsupported operand", "argument", "codec")
SCRIPTS = ("javascript", "groovy", "python")
Example = tuple[str, str, Any]


def examples() -> st.SearchStrategy[Example]:
    """The language, the text, and, where it is known, what it comes to."""
    texts = {"text": grammars.templates(), "condition": grammars.juel(), "feel": grammars.feel()}
    texts |= {"tests": grammars.cells(), **{name: grammars.scripts(name) for name in SCRIPTS}}
    kinds = [_of(name, st.one_of(found, mutated(found, WORDS), nonsense(WORDS))) for name, found in texts.items()]
    return st.one_of(*kinds, meaning.trees().map(lambda tree: ("meaning", "", tree)))


def check(example: Example) -> None:
    """What has to hold of each."""
    kind, text, tree = example
    if kind == "meaning":
        _check_meaning(tree)
        return
    with within(SECONDS), inside():
        _CHECKS[kind](text)


def _of(kind: str, texts: st.SearchStrategy[str]) -> st.SearchStrategy[Example]:
    return texts.map(lambda text: (kind, text, None))


def _check_text(text: str) -> None:
    is_read = _is_read(lambda: check_text(text))
    _check_value(lambda: value_of(text, scope(), NOW), is_read=is_read)


def _check_condition(text: str) -> None:
    is_read = _is_read(lambda: check_condition(text))
    _check_value(lambda: condition(text, scope(), NOW), is_read=is_read)


def _check_feel(text: str) -> None:
    _check_value(lambda: evaluate_feel(text, scope(), NOW), is_read=True)


def _check_tests(text: str) -> None:
    try:
        found = feel.parse_tests(text, ()).matches(1, scope(), NOW)
    except (feel.Unreadable, feel.Impossible) as error:
        _has_reason(error)
        return
    assert found in (True, False)


def _check_script(text: str, language: str) -> None:
    if not _is_read(lambda: check_script(text, language)):
        return
    try:
        outcome = compile_script(text, language).run(scope(), NOW)
    except ExpressionFailed as error:
        _has_reason(error)
        return
    _is_plain(outcome.variables)
    _is_plain(outcome.result)


def _is_read(read: Any) -> bool:
    try:
        read()
    except Unreadable as error:
        _has_reason(error)
        return False
    return True


def _check_value(evaluate: Any, *, is_read: bool) -> None:
    try:
        found = evaluate()
    except ExpressionFailed as error:
        _has_reason(error)
        return
    assert is_read, "it was refused, and has a value"
    _is_plain(found)


def _has_reason(error: Exception) -> None:
    assert str(error).strip(), "no reason is given"
    assert not any(word in str(error).rpartition("': ")[2] for word in _INSIDE), "the reason is the interpreter's"
    json.dumps(getattr(error, "problem", dict)(), allow_nan=False).encode()


def _is_plain(found: Any) -> None:
    json.dumps(found, allow_nan=False)
    check_plain(found, "it")


_CHECKS: Mapping[str, Any] = {
    "text": _check_text,
    "condition": _check_condition,
    "feel": _check_feel,
    "tests": _check_tests,
    **{name: lambda text, name=name: _check_script(text, name) for name in SCRIPTS},
}


def _check_meaning(tree: meaning.Tree) -> None:
    try:
        expected = meaning.outcome(tree)
    except meaning.Undefined:
        expected = meaning.Undefined
    for language in meaning.FORMS:
        if language == "feel" and not _is_exact(tree, expected):
            continue
        text = meaning.written(tree, language)
        with within(SECONDS), inside():
            try:
                found = _evaluated(text, language)
            except ExpressionFailed:
                found = meaning.Undefined
        assert found is expected or meaning.alike(expected, found), (
            f"{language}: {text} gives {found!r}, not {expected!r}"
        )


def _evaluated(text: str, language: str) -> Any:
    if language == "feel":
        return evaluate_feel(text, meaning.VALUES, NOW)
    if language.startswith("juel"):
        return value_of(f"${{{text}}}", meaning.VALUES, NOW)
    return compile_script(text, language).run(meaning.VALUES, NOW).result


def _is_exact(tree: meaning.Tree, expected: Any) -> bool:
    """Whether floats come to the same as FEEL's decimals do: no division, and nothing rounded on the way."""
    if expected is meaning.Undefined or "/" in str(tree):
        return False
    names = {name: _exact(value) for name, value in meaning.VALUES.items()}
    return bool(meaning.outcome(_exactly(tree), names) == expected)


def _exactly(tree: meaning.Tree) -> meaning.Tree:
    match tree:
        case ("value", value):
            return ("value", _exact(value))
        case ("name", name):
            return ("name", name)
        case (sign, *parts):
            return (sign, *map(_exactly, parts))
    raise AssertionError(tree)


def _exact(value: Any) -> Any:
    return Fraction(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


ROOM = Room("expressions", examples(), check)
