"""Whatever a model says, FEEL answers with plain data or says what is wrong, and soon."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.decisions.feel import Impossible, Unreadable, parse, parse_tests
from engines.decisions.functions import BUILTINS

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
SCOPE: dict[str, Any] = {"x": 3, "xs": [1, 2.5, "a", None], "c": {"a b": 1, "xs": [1]}, "a-b": True, "s": "2026-11-22"}
WORDS = [
    *(
        "1",
        "0",
        "2.5",
        "-",
        "+",
        "*",
        "/",
        "**",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ".",
        "..",
        ":",
        "<",
        ">=",
        "=",
        "!=",
    ),
    *("if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "between", "and", "or", "not("),
    *(
        "function(",
        "x",
        "xs",
        "c",
        "a b",
        "a-b",
        "s",
        "?",
        "item",
        "partial",
        "null",
        "true",
        '"a"',
        '"(a+)+$"',
        '@"P1D"',
    ),
    *('@"2026-11-22"', "instance of", "list<", "number", "range", "//", "/*", '"', "\\", "1e9", "9999999999999"),
    *(f"{name}(" for name in sorted(BUILTINS)),
]
VALUES = ["null", "1", "-2.5", "1e300", '"ab"', '"(a|b)*c"', "[1, 2, 3]", "[]", "{a: 1}", "true", '@"P1M"', '@"PT1H"']
VALUES += ['@"2026-11-22"', '@"10:00:00Z"', 'date and time("2026-11-22T10:00:00@Europe/Berlin")', "[1..3]", "(< 5)"]
VALUES += ["function(a, b) a < b", "function() 1", '@"9999-12-31"', '["a", null]', '[{key: "a", value: 1}]']


def run(text: str) -> None:
    """Evaluate, and see that nothing but data or the two errors comes back in time."""
    started = time.monotonic()
    with suppress(Unreadable, Impossible):
        json.dumps(parse(text, SCOPE).evaluate(SCOPE, NOW), allow_nan=False)
    with suppress(Unreadable, Impossible):
        assert parse_tests(text, SCOPE).matches(1, SCOPE, NOW) in (True, False)
    assert time.monotonic() - started < 10


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    run(text)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join))
def test_any_words(text: str) -> None:
    run(text)


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["+", "-", "*", "/", "**", "=", "<", ">=", "in", "and", "or"])
    call = st.builds(
        lambda name, arguments: f"{name}({', '.join(arguments)})",
        st.sampled_from(sorted(BUILTINS)),
        st.lists(inner, max_size=4),
    )
    return st.one_of(
        call,
        st.builds(lambda a, operator, b: f"({a} {operator} {b})", inner, operators, inner),
        st.builds(lambda a, b: f"{a}[{b}]", inner, inner),
        st.builds(lambda a, b: f"(for i in {a} return {b})", inner, inner),
        st.builds(lambda a, b: f"(some i in {a} satisfies {b})", inner, inner),
        st.builds(lambda a, b, c: f"(if {a} then {b} else {c})", inner, inner, inner),
        st.builds(
            lambda a, part: f"({a}).{part}", inner, st.sampled_from(["year", "days", "a", "start", "time offset"])
        ),
    )


@settings(max_examples=300, deadline=None)
@given(st.recursive(st.sampled_from([*VALUES, *SCOPE]), _larger, max_leaves=8))
def test_any_expression(text: str) -> None:
    run(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("count(for i in 1..1000000000 return i)", "goes through more than 100000 items"),
        ("{a: (for i in 1..320 return 1), b: for i in a, j in a return i}", "makes a list of more than 100000 items"),
        ("some i in 1..10000, j in 1..10000 satisfies i > j + 10000", "takes more than 1000000 steps"),
        (
            'for i in 1..100 return if i = 1 then "ab" else partial[-1] + partial[-1]',
            "makes a text of more than 100000",
        ),
        ("for i in 1..90 return if i = 1 then [1] else [partial[-1], partial[-1]]", "takes more than 1000000 steps"),
        ("{f: function(n) f(n + 1), x: f(1)}.x", "calls functions more than 60 deep"),
        ("{f: function(g, n) g(g, n + 1), x: f(f, 1)}.x", "calls functions more than 60 deep"),
        ("{f: function(g) [g(g), g(g)], x: f(f)}.x", "calls functions more than 60 deep"),
        ("string length(string(for i in 1..50000 return i))", "makes a text of more than 100000"),
        ('matches("a", "(((a{1000}){1000}){1000})")', "uses a pattern that repeats too much"),
        ('matches("a", "(a)\\\\1")', "uses a back reference in a pattern, which is not supported"),
        ("10 ** 400", "the result is too large a number"),
        ("function(x) x", "the result is a function, not data"),
        (" + ".join(["x"] * 2_000), "is nested too deep"),
    ],
)
def test_what_goes_beyond_a_bound_says_so(text: str, said: str) -> None:
    started = time.monotonic()
    with pytest.raises(Impossible, match=said):
        parse(text).evaluate(SCOPE, NOW)
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "^(a|a)*$", "^(a*)*$", "(.*a){20}$", "^(([a-z])+.)+[A-Z]([a-z])+$", "a*a*a*a*a*b"]
)
def test_no_pattern_takes_exponential_time(pattern: str) -> None:
    scope = {"text": "a" * 1_000 + "!", "pattern": pattern}
    started = time.monotonic()
    assert parse("matches(text, pattern)").evaluate(scope, NOW) is False
    assert time.monotonic() - started < 5
