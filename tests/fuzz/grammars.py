"""Expressions, scripts and FEEL as their grammars allow them, whatever sense they make."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from hypothesis import strategies as st

from tests.fuzz import vocabulary as known
from tests.fuzz.texts import letters

Texts: TypeAlias = st.SearchStrategy[str]
Lines: TypeAlias = st.SearchStrategy[list[str]]
_SIGNS = (
    "+",
    "-",
    "*",
    "/",
    "%",
    "==",
    "!=",
    "<",
    ">",
    "<=",
    ">=",
    "&&",
    "||",
    " and ",
    " or ",
    " in ",
    " eq ",
    " div ",
)
_SCRIPT_SIGNS = (*_SIGNS, "===", "!==", "//", " is ", "<<", "?:", "??", " not in ")
_FEEL_SIGNS = ("+", "-", "*", "/", "**", "=", "!=", "<", ">", "<=", ">=", " and ", " or ", " in ")
_TYPES = ("number", "list<string>", "date", "context<a: Any>")
_PARTS = ("year", "month", "days", "a", "start", "end", "time offset", "timezone", "included", "value")


def juel() -> Texts:
    """What stands between `${` and `}`."""
    return st.recursive(_leaves(known.LITERALS), lambda inner: st.one_of(_common(inner, _SIGNS)), max_leaves=10)


def templates() -> Texts:
    """Texts of attributes: plain, an expression, or a mixture."""
    expression = juel().map("${{{}}}".format)
    return st.one_of(expression, st.lists(st.one_of(expression, letters(5)), max_size=3).map("".join))


def feel() -> Texts:
    """FEEL."""
    return st.recursive(_leaves(known.FEEL_LITERALS), _larger_feel, max_leaves=8)


def cells() -> Texts:
    """What stands in an input entry of a decision table."""
    test = st.one_of(feel(), st.builds(str.__add__, st.sampled_from(["< ", ">= ", "not(", "= "]), feel()))
    closed = test.map(lambda text: f"{text})" if text.startswith("not(") else text)
    return st.one_of(st.just("-"), closed, st.lists(closed, min_size=1, max_size=3).map(", ".join))


def scripts(language: str | None) -> Texts:
    """A script of a few statements."""
    larger = _indented if language in (None, "python") else _braced
    simple = _simple(_script_expressions(), language)
    body = st.recursive(simple, lambda inner: larger(inner, language), max_leaves=6)
    return st.lists(body, min_size=1, max_size=4).map(
        lambda blocks: "\n".join(line for block in blocks for line in block)
    )


def _leaves(literals: Sequence[str]) -> Texts:
    return st.one_of(st.sampled_from(literals), st.sampled_from(known.NAMES))


def _several(inner: Texts, most: int = 3) -> Texts:
    return st.lists(inner, max_size=most).map(", ".join)


def _common(inner: Texts, signs: Sequence[str]) -> list[Texts]:
    method, named = st.sampled_from(known.METHODS), st.sampled_from(known.NAMES)
    called = st.sampled_from((*known.CALLED, *known.STATIC, "execution.getVariable"))
    return [
        st.builds("({}{}{})".format, inner, st.sampled_from(signs), inner),
        st.builds("{}.{}({})".format, inner, method, _several(inner)),
        st.builds("{}.{}({})".format, named, method, _several(inner)),
        st.builds("{}({})".format, called, _several(inner)),
        st.builds("({} ? {} : {})".format, inner, inner, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("{}{}".format, st.sampled_from(["!", "-", "not ", "empty "]), inner),
        st.builds("{}[{}]".format, inner, inner),
        st.builds("{}.{}".format, inner, st.sampled_from(("a", "length", "year", "time", "x"))),
        st.builds("[{}]".format, _several(inner)),
        st.builds("{{'k': {}, 'l': {}}}".format, inner, inner),
    ]


def _script_expressions() -> Texts:
    def larger(inner: Texts) -> Texts:
        return st.one_of(
            *_common(inner, _SCRIPT_SIGNS),
            st.builds("`x${{{}}}`".format, inner),
            st.builds('f"{{{}}}"'.format, inner),
            st.builds('"${{{}}} $a"'.format, inner),
            st.builds("[k: {}]".format, inner),
        )

    return st.recursive(_leaves((*known.LITERALS, "new Date()", "range(5)")), larger, max_leaves=6)


def _simple(inner: Texts, language: str | None) -> Lines:
    word = {"javascript": "var ", "groovy": "def "}.get(language or "", "")
    name = st.sampled_from(("x", "y", "a", "xs", "m", "text"))
    return st.one_of(
        st.builds("{}{} = {}".format, st.sampled_from([word, ""]), name, inner),
        st.builds("{} {} {}".format, name, st.sampled_from(["+=", "-=", "*=", "/="]), inner),
        st.builds("{}[{}] = {}".format, name, inner, inner),
        st.builds("{}.k = {}".format, name, inner),
        st.builds("execution.setVariable('v', {})".format, inner),
        st.builds("{}.{}({})".format, name, st.sampled_from(known.METHODS), _several(inner)),
        st.builds("{}({})".format, st.sampled_from(["print", "println", "console.log", "return "]), inner),
        st.sampled_from(["break", "continue", "x++", "pass", ";"]),
        inner,
    ).map(lambda text: [text])


def _braced(inner: Lines, language: str | None) -> Lines:
    each = "for (var i of {})" if language == "javascript" else "for (i in {})"
    heads = (each, "while ({})", "if ({})", "for (var i = 0; {}; i++)")
    return st.one_of(_block(heads, inner, "{} {{", ["}"]), _either(inner, "if ({}) {{", "}} else {{", ["}"]))


def _indented(inner: Lines, _language: str | None) -> Lines:
    return st.one_of(
        _block(("for i in {}", "while {}", "if {}"), inner, "{}:", []), _either(inner, "if {}:", "else:", [])
    )


def _block(heads: Sequence[str], inner: Lines, form: str, end: list[str]) -> Lines:
    return st.builds(
        lambda head, test, body: [form.format(head.format(test)), *_moved_in(body), *end],
        st.sampled_from(heads),
        _script_expressions(),
        inner,
    )


def _either(inner: Lines, head: str, middle: str, end: list[str]) -> Lines:
    return st.builds(
        lambda test, one, other: [head.format(test), *_moved_in(one), middle.format(), *_moved_in(other), *end],
        *(_script_expressions(), inner, inner),
    )


def _moved_in(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _larger_feel(inner: Texts) -> Texts:
    builtin = st.sampled_from(known.BUILTIN)
    forms: list[tuple[str, Callable[[], list[Texts]]]] = [
        ("({}{}{})", lambda: [inner, st.sampled_from(_FEEL_SIGNS), inner]),
        ("{}({})", lambda: [builtin, _several(inner, 4)]),
        ("{}[{}]", lambda: [inner, inner]),
        ("(for i in {} return {})", lambda: [inner, inner]),
        ("(for i in {}..{}, j in {} return partial)", lambda: [inner, inner, inner]),
        ("(some i in {} satisfies {})", lambda: [inner, inner]),
        ("(every i in {} satisfies {})", lambda: [inner, inner]),
        ("(if {} then {} else {})", lambda: [inner, inner, inner]),
        ("({} between {} and {})", lambda: [inner, inner, inner]),
        ("({}).{}", lambda: [inner, st.sampled_from(_PARTS)]),
        (
            "({} instance of {})",
            lambda: [inner, st.sampled_from(_TYPES)],
        ),
        ("{{f: function(n) {}, x: f({})}}.x", lambda: [inner, inner]),
        ("[{}]", lambda: [_several(inner)]),
    ]
    return st.one_of(*(st.builds(form.format, *parts()) for form, parts in forms))
