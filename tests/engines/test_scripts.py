"""Scripts as models have them: what they set and give, what is not understood, and that none runs away."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.expressions.check import check_script
from engines.expressions.evaluate import ExpressionFailed, condition, value
from engines.expressions.exposed import Exposed
from engines.expressions.moments import Moment
from engines.expressions.scripts import compile_script
from engines.expressions.tokens import Unreadable

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
SCOPE: dict[str, Any] = {
    "amount": 10,
    "approved": False,
    "name": "Ann",
    "items": [1, 2, 3],
    "customer": {"city": "Bonn"},
    "text": "t",
}


@pytest.mark.parametrize(
    ("language", "text", "variables", "result"),
    [
        ("groovy", 'x = 1 + 1\nexecution.setVariable("y", x * 2)', {"y": 4}, None),
        ("javascript", 'var y = 4; execution.setVariable("y", y);', {"y": 4}, None),
        ("JavaScript", "var a = 1, b = a + 1\nb", {}, 2),
        ("python", "y = amount + 1", {"y": 11}, 11),
        (None, "b = amount + 1\n// a comment\nc = b * 2; # another", {"b": 11, "c": 22}, 22),
        ("groovy", "println 'hello world'", {}, None),
        ("groovy", 'println("a" + nothere)\nSystem.out.println(1); "last"', {}, "last"),
        ("javascript", 'console.log("x", name);', {}, None),
        # branches
        ("javascript", "if (!!approved) { 1 } else if (amount > 5) 'big'\nelse { 'small' }", {}, "big"),
        ("groovy", "if (amount < 5)\n{\n  'small'\n}\nelse\n{\n  'big'\n}", {}, "big"),
        ("groovy", "return amount > 5 ? 'big' : 'small'", {}, "big"),
        ("groovy", "approved ?: 'none'", {}, "none"),
        ("javascript", "nothing = null; nothing ?? name", {}, "Ann"),
        ("javascript", "nothing = null; nothing?.length", {}, None),
        (
            "python",
            "if amount > 5 and not approved:\n    level = 'high'\nelse:\n    level = 'low'",
            {"level": "high"},
            "high",
        ),
        ("python", "if approved: a = 1\nelif name == 'Ann': a = 2\nelse: a = 3", {"a": 2}, 2),
        ("python", "r = 'yes' if name is not None else 'no'", {"r": "yes"}, "yes"),
        (
            "javascript",
            "if (approved) { 1 } " + "else if (amount == 0) { 0 } " * 60 + "else { 'other' }",
            {},
            "other",
        ),
        ("python", "if amount == 0: r = 0\n" + "elif amount == 0: r = 0\n" * 60 + "else:\n    e = execution", {}, None),
        # loops
        ("groovy", "sum = 0\nfor ( i in items ) {\n  sum += i\n}\nsum", {}, 6),
        ("javascript", "var s = 0;\nfor (var i = 0; i < items.length; i++) { s += items[i]; }\ns", {}, 6),
        ("javascript", "let s = '';\nfor (const k in customer) { s += k + customer[k] }\ns", {}, "cityBonn"),
        ("javascript", "let s = 0; for (const i of items) { if (i == 2) continue; s += i } s", {}, 4),
        ("javascript", "let n = 0; while (true) { n++; if (n >= 7) break; }\nn", {}, 7),
        ("python", "t = 0\nfor i in range(1, 4):\n    for j in items:\n        t += i * j\n", {"t": 36}, 36),
        ("python", "while amount > 3:\n    amount = amount - 2\n", {"amount": 2}, 2),
        # data
        (
            "javascript",
            "var o = {a: 1, 'b': [1, 2,], name};\no.c = o.b[1];\no['d'] = `${o.a + 1} of ${name}`;\no",
            {},
            {"a": 1, "b": [1, 2], "name": "Ann", "c": 2, "d": "2 of Ann"},
        ),
        ("groovy", "def m = [a: 1, b: [2, 3], (name): 4]\nm", {}, Unreadable),
        ("groovy", 'def m = [a: 1]\nm.b = "$name is ${amount * 2}"\nm << 1', {}, ExpressionFailed),
        ("groovy", "def m = [:]\nm.put('a', 1)\ndef l = []\nl << m\nl.add(2)\nl", {}, [{"a": 1}, 2]),
        ("groovy", '"Dear $customer.city, ${name.toUpperCase()}!"', {}, "Dear Bonn, ANN!"),
        ("groovy", "'Dear $name'", {}, "Dear $name"),
        ("groovy", r'"\${name} costs 5\$ or $amount$"', {}, "${name} costs 5$ or 10$"),
        ("javascript", '"${name}" + `$name`', {}, "${name}$name"),
        (
            "python",
            "d = {'a': [1]}\nd['a'].append(2)\ns = f'{name}: {len(items)}'",
            {"d": {"a": [1, 2]}, "s": "Ann: 3"},
            "Ann: 3",
        ),
        ("python", "items.append(4)", {"items": [1, 2, 3, 4]}, None),
        ("groovy", "items.add(4)\nexecution.setVariable('items', items)", {"items": [1, 2, 3, 4]}, None),
        ("javascript", "JSON.stringify({a: JSON.parse('[1]')})", {}, '{"a":[1]}'),
        (
            "javascript",
            "var s = S(customer); s.prop('zip', 5); execution.setVariable('c', s)",
            {"c": {"city": "Bonn", "zip": 5}},
            None,
        ),
        ("javascript", "String(Date.now()) + new Date().getTime()", {}, "17953416000001795341600000"),
        ("groovy", "new Date()", {}, "2026-11-22T10:00:00.000Z"),
        ("groovy", "Integer n = 5 / 2 * 2\nn++\nn", {}, 6),
        ("javascript", "10 / 4 + '' + 10 / 5", {}, "2.52"),
        ("javascript", "'5' == 5 && '5' !== 5 && null == undefined", {}, True),
        ("groovy", "'5' == 5", {}, False),
        ("python", "7 // 2 + -7 % 3", {}, 5),
        ("python", "not name == 'Bob'", {}, True),
        (
            "javascript",
            "execution.setVariable('a', 1)\nexecution.getVariable('a') + execution.getVariable('amount')",
            {"a": 1},
            11,
        ),
    ],
)
def test_what_models_script(language: str | None, text: str, variables: dict[str, Any], result: Any) -> None:
    if result is Unreadable or result is ExpressionFailed:
        with pytest.raises(result):
            compile_script(text, language).run(SCOPE, NOW)
        return
    outcome = compile_script(text, language).run(SCOPE, NOW)
    assert (outcome.variables, outcome.result) == (variables, result)


@pytest.mark.parametrize(
    ("language", "text", "reason"),
    [
        ("javascript", "var a = 1;\nvar f = function() { return 1; }", "line 2: `function` is not understood"),
        ("groovy", "\n\nitems.each { println it }", "line 3: `{` is not understood here"),
        ("groovy", "import groovy.json.JsonSlurper", "line 1: `import` is not understood"),
        ("python", "import os", "line 1: `import` is not understood"),
        ("python", "if a:\n    b = 1\n  c = 2", "line 3: the line is indented unlike those before"),
        ("python", "if a:\nb = 1", "line 2: `b` is not understood here, an indented line is expected"),
        ("javascript", "if (a) {\n  b = 1", "line 2: it ends where `}` is expected"),
        ("javascript", "a = b = 1", "line 1: `=` is not understood here"),
        ("javascript", "a + b = 1", "line 1: `=` is not understood here"),
        ("javascript", "f() = 1", "line 1: `=` is not understood here"),
        ("javascript", "`a${}`", "line 1: in the text: it ends where a value is expected"),
        ("javascript", "`a${`", "line 1: what stands in this text is not understood"),
        ("python", "f'{a}}'", "line 1: what stands in this text is not understood"),
        ("javascript", "f'a'", "line 1: `f'a'` is not understood"),
        ("javascript", "x => x", "line 1: `=>` is not understood here"),
        ("javascript", "'abc", 'line 1: "\'" is not understood here'),
        ("javascript", "/* abc", "line 1: '/' is not understood here"),
        ("javascript", "new Packages.java.io.File('x')", "line 1: `new File` is not understood"),
        ("javascript", "break", "line 1: `break` outside a loop"),
        ("groovy", "a === 1", "line 1: `===` is not of this language"),
        ("ruby", "x = 1", "scripts in 'ruby' are not understood"),
        ("javascript", "{" * 100, "line 1: blocks are nested too deep"),
        ("javascript", "a" * 30_000, "longer than"),
        ("javascript", ";" * 19_000, "too long"),
    ],
)
def test_what_is_not_understood_is_told_with_its_line(language: str, text: str, reason: str) -> None:
    with pytest.raises(Unreadable) as failure:
        compile_script(text, language)
    assert reason in str(failure.value)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("javascript", "while (true) {}"),
        ("javascript", f"while ([{'1,' * 4_000}1]) {{}}"),
        ("javascript", f"for (; [`{'x${0}' * 200}`];) {{}}"),
        ("python", f"while [{'1,' * 4_000}1]: pass"),
        ("javascript", "for (;;) { execution.setVariable('a', items) }"),
        ("groovy", "def a = 'a'\nwhile (true) { a = a + a }"),
        ("groovy", "def a = [1]\nwhile (true) { a = [a, a] }"),
        ("groovy", "def a = [1]\nwhile (true) { a = a + a }"),
        ("groovy", "def a = []\nwhile (true) { a << 'abc' }"),
        ("groovy", "def a = []\na << a\na"),
        ("python", "a = [1]\nwhile True: a.extend(a)"),
        ("python", "a = list(range(100000))\nwhile True: b = sum(a)"),
        ("python", "a = 2\nwhile True: a = a * a"),
        ("python", "for i in range(10000000000): pass"),
        ("javascript", "Math.pow(9, 999999999)"),
        ("javascript", "'a'.repeat(1000000000)"),
        ("javascript", "var t = 'a'.repeat(50000); while (true) { t.matches('(a*)*b') }"),
        ("javascript", "var t = 'a'.repeat(50000); while (true) { t.indexOf('b') }"),
        ("javascript", "var o = {}; var p = o; while (true) { p.a = {}; p = p.a; JSON.stringify(o) }"),
    ],
)
def test_none_runs_away(language: str, text: str) -> None:
    started = time.process_time()
    with pytest.raises(ExpressionFailed):
        compile_script(text, language).run(SCOPE, NOW)
    assert time.process_time() - started < 10


def test_what_is_nested_too_deep_says_so() -> None:
    with pytest.raises(ExpressionFailed, match="it is nested too deep"):
        compile_script("'a'" + "+'a'" * 1_000, "javascript").run(SCOPE, NOW)


def test_variables_are_never_changed_in_place() -> None:
    scope = {"items": [{"a": 1}]}
    outcome = compile_script("items[0].a = 2\nitems.add(3)\nitems", "groovy").run(scope, NOW)
    assert scope == {"items": [{"a": 1}]}
    assert outcome.result == [{"a": 2}, 3]


def test_objects_of_the_engine_act_and_their_values_are_copies() -> None:
    kept: dict[str, Any] = {"list": [1]}
    execution = Exposed({"businessKey": "BK"}, {"setVariable": kept.__setitem__, "getVariable": kept.get})
    task = Exposed({"execution": execution, "assignee": "ann"}, {})
    scope = {"execution": execution, "task": task}
    text = (
        'task.execution.setVariable("done", true)\n'
        'def l = execution.getVariable("list")\nl.add(2)\n'
        'execution.setVariable("who", task.getAssignee() + task.execution.businessKey)'
    )
    assert compile_script(text, "groovy").run(scope, NOW).variables == {}
    assert kept == {"list": [1], "done": True, "who": "annBK"}


def test_whether_assigned_names_are_kept_can_be_said() -> None:
    text = "def a = 1\nb = a + 1"
    assert compile_script(text, "groovy").run({}, NOW).variables == {}
    assert compile_script(text, "groovy", stores=True).run({}, NOW).variables == {"b": 2}


def test_a_script_that_fails_sets_nothing() -> None:
    with pytest.raises(ExpressionFailed, match="there is no variable 'nothere'"):
        compile_script("execution.setVariable('a', 1)\nnothere + 1", "groovy").run(SCOPE, NOW)


def test_what_a_script_calls_in_vain_is_found() -> None:
    found = check_script(
        "items.push(1)\nbean.look(2)\nsvc(parseInt('1'))\nJSON.parse('1')\ntask.execution.go()", "javascript"
    )
    assert [finding.text.split("`")[1] for finding in found] == ["look", "svc"]


_WORDS = [
    *"()[]{}.,?:+-*/%!<>='\"`;$#\n\t ",
    *("name", "amount", "items", "customer", "text", "12", "1e9", "9223372036854775807", "0", "'a'", '"b"'),
    *(" and ", " in ", " is ", " not ", "empty ", "&&", "||", "==", "===", "<<", "?.", "?:", "++", "+=", "=>"),
    *("var ", "def ", "if ", "else ", "for ", "while ", "return ", "true", "null", "\n    ", "${", "}", "//"),
    *(".length", ".repeat(", ".split(", ".matches(", ".add(", ".put(", ".prop(", "S(", "JSON.parse(", "range("),
    *("execution.setVariable(", "new Date()", "dateTime().", "plusDays(", "minusYears(", "Math.pow(", "[a: 1]"),
]
_TEXTS = st.one_of(
    st.text(max_size=80),
    st.lists(st.sampled_from(_WORDS), max_size=25).map("".join),
    st.tuples(st.sampled_from(_WORDS), st.integers(1, 3000)).map(lambda pair: pair[0] * pair[1]),
    st.tuples(st.sampled_from(_WORDS), st.sampled_from(_WORDS), st.integers(1, 999)).map(
        lambda t: (t[0] + t[1]) * t[2]
    ),
)


@settings(deadline=None, max_examples=300)
@given(_TEXTS, st.sampled_from([None, "python", "javascript", "groovy"]))
def test_any_script_runs_or_fails_in_our_own_way(text: str, language: str | None) -> None:
    try:
        outcome = compile_script(text, language).run(SCOPE, NOW)
    except (Unreadable, ExpressionFailed):
        return
    assert isinstance(outcome.result, str | int | float | bool | list | dict | None)


@settings(deadline=None, max_examples=300)
@given(_TEXTS)
def test_any_expression_evaluates_or_fails_in_our_own_way(text: str) -> None:
    for written in (text, f"${{{text}}}"):
        for read in (value, condition):
            try:
                found = read(written, SCOPE, NOW)
            except ExpressionFailed:
                continue
            assert isinstance(found, str | int | float | bool | list | dict | Moment | None)


@pytest.mark.parametrize(
    "text",
    [
        "JSON.parse('[99999999999999999999]')",
        "JSON.parse('[1e999]')",
        "JSON.parse('[\"\\\\ud800\"]')",
        "JSON.parse('{\"a\\\\u0000\": 1}')",
        "parseInt('99999999999999999999')",
        "execution.setVariable('v', JSON.parse('[1e999]'))",
    ],
)
def test_what_cannot_be_kept_is_no_outcome(text: str) -> None:
    with pytest.raises(ExpressionFailed):
        compile_script(text, "javascript").run(SCOPE, NOW)


@pytest.mark.parametrize(
    "text", ["JSON('[1e999]')", "S('[\"\\\\ud800\"]')", "Integer.parseInt('99999999999999999999')"]
)
def test_what_cannot_be_kept_is_no_value(text: str) -> None:
    with pytest.raises(ExpressionFailed):
        value(f"${{{text}}}", SCOPE, NOW)


def test_parts_of_json_in_a_list_are_data() -> None:
    assert value("${S(many).elements()}", {"many": [{"a": 1}, 2]}, NOW) == [{"a": 1}, 2]


@pytest.mark.parametrize(("language", "made"), [("groovy", "[a: xs]"), ("javascript", "[xs, xs]"), ("groovy", "[xs]")])
def test_what_is_made_of_much_costs_as_much(language: str, made: str) -> None:
    """Each round looks at all of it again: a hundred thousand of them would take minutes."""
    script = f"var i = 0; while (i < rounds) {{ y = {made}; i = i + 1 }}"
    scope = {"xs": list(range(2000))}
    compile_script(script, language).run({**scope, "rounds": 20}, NOW)
    with pytest.raises(ExpressionFailed, match="more than 100000 steps"):
        compile_script(script, language).run({**scope, "rounds": 2000}, NOW)
