"""The words of all languages, taken from the engines where they know them, so that new ones are tried, too."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from engines.decisions.functions import BUILTINS
from engines.expressions.exposed import Exposed
from engines.expressions.functions import FUNCTIONS, STATICS
from engines.expressions.methods import KNOWN
from engines.expressions.scripting.language import LANGUAGES
from engines.expressions.scripting.methods import EXTRA, SCRIPT_STATICS

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
SCOPE: Mapping[str, Any] = {
    "a": 7,
    "big": 2**62,
    "c": 2.5,
    "text": "Ann",
    "digits": "99999999999999999999",
    "json": '{"a": [1, {"b": null}], "x": 1e999, "n": 99999999999999999999, "t": "\\ud800"}',
    "day": "2026-11-22T10:00:00Z",
    "yes": True,
    "nothing": None,
    "xs": [1, 2.5, "a", None, [True]],
    "m": {"a": 1, "a b": {"c": [1, 2]}, "": None},
}
LITERALS = (
    *("0", "1", "-1", "2.5", "1e308", "9223372036854775807", "'a'", '"b\\n"', "''", "'12'", "'\\u00e9'", "'(a|a)*b'"),
    *("true", "false", "null", "[]", "[1, 'a']", "{'a': 1}", "'2026-11-22'", "'PT1H'", "'\\ud800'", "'\\0'"),
)
FEEL_LITERALS = (
    *(
        "0",
        "1",
        "-1",
        "2.5",
        "1e308",
        "9999999999999999999999",
        '"a"',
        '"\\ud800"',
        '"(a|a)*b"',
        "true",
        "false",
        "null",
    ),
    *("[]", '[1, "a", null]', '{a: 1, "a b": 2}', '@"2026-11-22"', '@"10:00:00Z"', '@"P1Y2M"', '@"P1DT2H"', "[1..3]"),
    *("(< 5)", 'date and time("2026-11-22T10:00:00@Europe/Berlin")', "function(x, y) x < y", '@"9999-12-31"', "?"),
)
NAMES = (*SCOPE, "execution", "unknown", "__class__")
METHODS = tuple(sorted(KNOWN.union(*EXTRA.values())))
CALLED = tuple(sorted({*FUNCTIONS, *(name for language in LANGUAGES.values() for name in language.functions)}))
STATIC = tuple(sorted(f"{owner}.{name}" for owner, name in {*STATICS, *SCRIPT_STATICS}))
BUILTIN = tuple(sorted(BUILTINS))
WORDS = (
    *"()[]{}.,?:+-*/%!<>='\"`;$#\n\t \\@",
    *(
        " and ",
        " in ",
        " is ",
        " not ",
        "empty ",
        "&&",
        "||",
        "==",
        "===",
        "!=",
        "<<",
        "?.",
        "?:",
        "??",
        "++",
        "+=",
        "=>",
    ),
    *(
        "var ",
        "let ",
        "def ",
        "if ",
        "else ",
        "elif ",
        "for ",
        "while ",
        "return ",
        "break",
        "continue",
        "\n    ",
        "pass",
    ),
    *(
        "${",
        "#{",
        "}",
        "//",
        "/*",
        "*/",
        "new Date()",
        "import ",
        "lambda ",
        "function(",
        "__import__",
        "try ",
        "class ",
    ),
    *(" then ", " satisfies ", "some ", "every ", " between ", " instance of ", "..", "**", "1e9", "\0", "٣", "²"),
    *NAMES,
    *LITERALS,
)


def scope() -> dict[str, Any]:
    """Variables, and an `execution` that keeps what it is told for itself."""
    kept = dict(SCOPE)
    methods = {
        "getVariable": lambda name: kept.get(name),  # noqa: PLW0108 - what it takes is looked at, which C does not tell
        "setVariable": lambda name, value: kept.update({str(name): value}),
        "getVariables": lambda: dict(kept),
    }
    return {**SCOPE, "execution": Exposed({"id": "1", "businessKey": None}, methods)}
