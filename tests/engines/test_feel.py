"""FEEL as DMN defines it: what expressions and unary tests mean, and what is no FEEL."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from engines.decisions.feel import Impossible, Unreadable, parse, parse_tests

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
SCOPE: dict[str, Any] = {
    "age": 30,
    "price": 0.1,
    "name": "Ann",
    "Applicant age": 17,
    "loan-amount": 500,
    "loan-amount-net": 400,
    "profit and loss": 7,
    "count": 5,
    "nothing": None,
    "yes": True,
    "list": [10, 20, 30],
    "customer": {"city": "Bonn", "orders": [{"id": 7, "sum": 50}, {"id": 8, "sum": 70}]},
}


def value(text: str) -> Any:
    return parse(text, SCOPE).evaluate(SCOPE, NOW)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("price + 0.2", 0.3),
        ("10 + 20 / -5 - 3", 3),
        ("-3 ** 2", 9),
        ("3 ** 4 ** 5", 3486784401),
        ("10 ** -5", 0.00001),
        ("1.2 * 10 ** 3", 1200),
        (".5 + 1e2", 100.5),
        ("1 / 0", None),
        ("1 + null", None),
        ('"a" + "b"', "ab"),
        ('"a" + 1', None),
        ("--5", 5),
        ("Applicant age + 1", 18),
        ("Applicant   age", 17),
        ("loan-amount + 1", 501),
        ("loan-amount-net + 1", 401),
        ("age-1", 29),
        ("profit and loss + 1", 8),
        ("age /* in years */ + 1 // next year", 31),
    ],
)
def test_arithmetic_is_decimal_and_null_where_it_makes_no_sense(text: str, expected: object) -> None:
    found = value(text)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true and null", None),
        ("false and null", False),
        ("null and false", False),
        ("null and true", None),
        ("true or null", True),
        ("false or null", None),
        ("not(null)", None),
        ("not(false)", True),
        ('"x" and true', None),
        ("null = null", True),
        ("nothing = 1", False),
        ('1 = "1"', None),
        ("1 != 2", True),
        ("1 < null", None),
        ('"b" > "a"', True),
        ("[1, {a: 2}] = [1.0, {a: 2}]", True),
        ("age between 18 and 30 and yes", True),
        ("age between null and 40", None),
        ("if nothing then 1 else 2", 2),
        ("if age > 60 then 1 else if age > 20 then 2 else 3", 2),
        ("some x in list satisfies x > 25", True),
        ("every x in list satisfies x > 25", False),
        ("every x in [] satisfies x > 25", True),
        ("some x in [null] satisfies x > 25", None),
        ("some x in list, y in list satisfies x + y = 60", True),
        ("age instance of number", True),
        ('@"P1D" instance of days and time duration', True),
        ("list instance of list<number>", True),
        ("list instance of list<string>", False),
        ("null instance of number", False),
    ],
)
def test_logic_has_three_values(text: str, expected: object) -> None:
    assert value(text) is expected or value(text) == expected
    assert type(value(text)) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5 in [1..5]", True),
        ("5 in [1..5)", False),
        ("1 in (1..5]", False),
        ("1 in ]1..5[", False),
        ("3 in ]1..5[", True),
        ("10 in (1, < 5, >= 10)", True),
        ("10 in (1, 5, 9)", False),
        ("5 in [[2..4], [1..3]]", False),
        ("1 in [[2..4], [1..3]]", True),
        ("1 in <= 10", True),
        ("1 in [2, 3, 1]", True),
        ('"c" in ("b".."d")', True),
        ('"x" in (1..3)', None),
        ("[1..5].end", 5),
        ("(1..5].start included", False),
        ("[10, 20, 30][2]", 20),
        ("list[-1]", 30),
        ("list[0]", None),
        ("list[4]", None),
        ("list[item > 10]", [20, 30]),
        ("age[1]", 30),
        ("null[item > 1]", []),
        ("customer.city", "Bonn"),
        ("customer.street", None),
        ("customer.orders.id", [7, 8]),
        ("customer.orders[sum > 60].id", [8]),
        ("customer.orders[1].sum", 50),
        ("{a: 1, b: a + 1}.b", 2),
        ('{"first name": "Ann", second-name: 2}', {"first name": "Ann", "second-name": 2}),
        ("{a: 1, a: 2}", None),
        ("count(list) + count", 8),
        ("age(1)", None),
        ("{count: function(x) 7, n: count(list)}.n", 7),
        ("for x in list return x * 2", [20, 40, 60]),
        ("for i in 3..1 return i", [3, 2, 1]),
        ("for i in 1..2, j in i..2 return [i, j]", [[1, 1], [1, 2], [2, 2]]),
        ("for i in 1..5 return if i < 3 then 1 else partial[-1] + partial[-2]", [1, 1, 2, 3, 5]),
        ("(function(x, y) x * y)(3, 4)", 12),
        ("{twice: function(x: number) x * 2, four: twice(2)}.four", 4),
        ("{twice: function(x: number) x * 2, four: twice(x: 4)}.four", 8),
        ('{twice: function(x: number) x * 2, four: twice("a")}.four', None),
    ],
)
def test_lists_contexts_ranges_and_functions(text: str, expected: object) -> None:
    assert value(text) == expected
    assert type(value(text)) is type(expected)


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("-", [1, None, "a"], []),
        ("5", [5, 5.0], [4, "5", None]),
        ('"a", "b"', ["a", "b"], ["c", None]),
        ("< 5, [7..9)", [4, 7, 8.9], [5, 9, None]),
        (">= Applicant age", [17, 18], [16]),
        ("not(1, 2)", [3], [1, 2]),
        ("not(< 5)", [5], [4]),
        ("null", [None], [1]),
        ("? * 2 > 10", [6], [5]),
        ("list contains([1, 2], ?)", [1], [3]),
        ("[1, 2]", [1, 2], [3]),
        ("true", [True], [False]),
        ("false", [False], [True, None]),
        ("> 3 , -1", [4, -1], [0]),
        ('ends with(?, "n")', ["Ann"], ["Bob"]),
        ('> date("2026-01-01")', [date(2026, 1, 2)], [date(2026, 1, 1), "2026-01-02"]),
    ],
)
def test_unary_tests(text: str, inside: list[Any], outside: list[Any]) -> None:
    tests = parse_tests(text, SCOPE)
    assert [tests.matches(one, SCOPE, NOW) for one in inside] == [True] * len(inside)
    assert [tests.matches(one, SCOPE, NOW) for one in outside] == [False] * len(outside)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "ends at 0, where a value was expected"),
        ("1 +", "ends at 3, where a value was expected"),
        ("1 2", "'2' at 2 was not expected, but an operator or the end"),
        ("if a then b", "ends at 11, where 'else' was expected"),
        ("[1..2", "ends at 5, where more was expected"),
        ("for x list return 1", "'return' at 11 was not expected, but 'in'"),
        ("a ? b", "'?' at 2 was not expected, but an operator or the end"),
        ("${amount}", "'${amount}' at 0 was not expected"),
        ("a == b", "'=' at 3 was not expected, but a value"),
        ('@"soon"', '"soon" at 1 is no date, time or duration'),
        ("function() external {java: 1}", "'external' at 11 was not expected, but FEEL; other languages are not run"),
        ("1" * 10_001, "longer than 10000 characters"),
        ("(" * 100 + "1" + ")" * 100, "nested deeper than 60"),
        ("1e99999", "'1e99999' at 0 is too large a number"),
    ],
)
def test_what_is_no_feel_says_where_and_what_was_expected(text: str, said: str) -> None:
    with pytest.raises(Unreadable) as raised:
        parse(text)
    assert str(raised.value) == said


def test_a_missing_variable_is_no_null() -> None:
    with pytest.raises(Impossible, match="there is no variable 'missing'"):
        value("missing > 1")
    with pytest.raises(Impossible, match="there is no function 'frobnicate'"):
        value("frobnicate(1)")
    assert value("is defined(missing)") is False
    assert value("is defined(age)") is True
