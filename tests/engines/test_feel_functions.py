"""The functions of FEEL and its dates, as the tables of DMN define them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from engines.decisions.feel import parse

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


def check(text: str, expected: Any) -> None:
    found = parse(text).evaluate({}, NOW)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('substring("foobar", 3)', "obar"),
        ('substring("foobar", -2, 1)', "a"),
        ('substring("foobar", 3, 3.8)', "oba"),
        ('substring("foobar", 0)', None),
        ('substring(string: "foobar", start position: 3)', "obar"),
        ('substring(text: "foobar", start position: 3)', None),
        ('string length("\U0001f40e")', 1),
        ('upper case("aBc4")', "ABC4"),
        ('lower case("aBc4")', "abc4"),
        ('substring before("foobar", "bar")', "foo"),
        ('substring before("foobar", "xyz")', ""),
        ('substring after("foobar", "ob")', "ar"),
        ('substring after("", "a")', ""),
        ('contains("foobar", "of")', False),
        ('starts with("foobar", "fo")', True),
        ('ends with("foobar", "r")', True),
        ('contains("foobar", null)', None),
        ('contains(["foobar"], "oo")', True),
        ('string join(["a", null, "c"], "_and_")', "a_and_c"),
        ('string join(["a", "b"])', "ab"),
        ('split("John Doe", "\\s")', ["John", "Doe"]),
        ('split("a;b;c;;", ";")', ["a", "b", "c", "", ""]),
        ('matches("foobar", "^fo*b")', True),
        ('matches("hello\nworld", "o.w", "s")', True),
        ('matches("Abc", "aBC", "i")', True),
        ('matches("abc", "[a")', None),
        ('matches("q", "[^Q]", "i")', False),
        ('matches("o", "[A-Z-[OI]]", "i")', False),
        ('matches("hello world", "he llo[ ]wor ld\\ s?", "x")', True),
        ('matches("x-1", "^[\\w-[y]]-\\p{Nd}$")', True),
        ('replace("abcd", "(ab)|(a)", "[1=$1][2=$2]")', "[1=ab][2=]cd"),
        ('replace("abracadabra", "a.*?a", "*")', "*c*bra"),
        ('replace("0123456789", "(\\d{3})(\\d{3})(\\d{4})", "($1) $2-$3")', "(012) 345-6789"),
        ('replace("darted", "^(.*?)d(.*)$", "$1c$2")', "carted"),
        ('replace("abc", "b", "$")', None),
    ],
)
def test_texts(text: str, expected: Any) -> None:
    check(text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("list contains([1, 2, null], null)", True),
        ("count([1, 2, 3])", 3),
        ("count([])", 0),
        ("min(1, 2, 3)", 1),
        ('max(["a", "c", "b"])', "c"),
        ('min(1, "a")', None),
        ("min([])", None),
        ("sum([1, 2.5])", 3.5),
        ('sum([@"PT1H", @"PT30M"])', "PT1H30M"),
        ("sum([])", None),
        ("mean([1, 2, 3])", 2),
        ("median(8, 2, 5, 3, 4)", 4),
        ("median([6, 1, 2, 3])", 2.5),
        ("mode([6, 1, 9, 6, 1])", [1, 6]),
        ("stddev(2, 4, 7, 5)", 2.0816659994661326),
        ("product([2, 3, 4])", 24),
        ("all([true, null])", None),
        ("all([false, null])", False),
        ("all([])", True),
        ("any([true, null])", True),
        ("any([])", False),
        ("append([1], 2, [3])", [1, 2, [3]]),
        ("concatenate([1, 2], [3])", [1, 2, 3]),
        ("insert before([1, 3], 2, 2)", [1, 2, 3]),
        ("remove([1, 2, 3], 2)", [1, 3]),
        ("sublist([4, 5, 6], 1, 2)", [4, 5]),
        ("sublist([4, 5, 6], -2)", [5, 6]),
        ("reverse([1, 2, 3])", [3, 2, 1]),
        ("index of([1, 2, 3, 2], 2)", [2, 4]),
        ("union([1, 2], [2, 3])", [1, 2, 3]),
        ("distinct values([1, 2, 1.0, [2], [2]])", [1, 2, [2]]),
        ("flatten([[1, 2], [[3]], 4])", [1, 2, 3, 4]),
        ("sort(list: [3, 1, 4], precedes: function(x, y) x > y)", [4, 3, 1]),
        ("sort([3, 1, 2])", [1, 2, 3]),
        ('sort([3, "a"])', None),
        ("list replace([2, 4, 7], 3, 6)", [2, 4, 6]),
        ("list replace([2, 4, 7], function(item, new) item < new, 5)", [5, 5, 7]),
        ('get value({a: 1}, "a")', 1),
        ("get entries({a: 1})", [{"key": "a", "value": 1}]),
        ('context put({a: 1}, "b", 2)', {"a": 1, "b": 2}),
        ('context put({a: {b: 1}}, ["a", "b"], 2)', {"a": {"b": 2}}),
        ("context merge([{a: 1}, {a: 2, b: 3}])", {"a": 2, "b": 3}),
        ('context([{key: "a", value: 1}])', {"a": 1}),
    ],
)
def test_lists_and_contexts(text: str, expected: Any) -> None:
    check(text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("decimal(1/3, 2)", 0.33),
        ("decimal(1.5, 0)", 2),
        ("decimal(2.5, 0)", 2),
        ("decimal(1255, -1)", 1260),
        ("floor(-1.5)", -2),
        ("ceiling(-1.56, 1)", -1.5),
        ("round up(5.125, 2)", 5.13),
        ("round up(-5.5, 0)", -6),
        ("round down(-5.5, 0)", -5),
        ("round half up(-5.5, 0)", -6),
        ("round half down(5.5, 0)", 5),
        ("abs(-10)", 10),
        ('abs(@"-PT5H")', "PT5H"),
        ("modulo(-12, 5)", 3),
        ("modulo(10.1, -4.5)", -3.4),
        ("modulo(1, 0)", None),
        ("sqrt(16)", 4),
        ("sqrt(-1)", None),
        ("decimal(log(10), 8)", 2.30258509),
        ("decimal(exp(5), 8)", 148.4131591),
        ("even(-2)", True),
        ("odd(2.5)", False),
        ('number("1 000,5", " ", ",")', 1000.5),
        ('number("1.5")', 1.5),
        ('number("one")', None),
        ("string(1.50)", "1.5"),
        ("string(10 ** 20)", "100000000000000000000"),
        ('string([1, "a", {b: null}])', '[1, "a", {b: null}]'),
        ("before(1, 10)", True),
        ("before([1..10), [10..20])", True),
        ("before([1..10], [10..20])", False),
        ("after([10..20], [1..10])", False),
        ("after(12, [1..5])", True),
        ("meets([1..5], [5..10])", True),
        ("met by([5..10], [1..5))", False),
        ("overlaps([1..5], [3..8])", True),
        ("overlaps before([1..5], [3..8])", True),
        ("overlaps after([5..8], [1..5))", False),
        ("finishes(10, [1..10])", True),
        ("finished by([1..10], [5..10])", True),
        ("includes([1..10], [1..10))", True),
        ("during(5, (5..10])", False),
        ("starts(1, [1..5])", True),
        ("started by((1..10], (1..5])", True),
        ("coincides([1..5], [1..5])", True),
        ("coincides([1..5], 3)", None),
    ],
)
def test_numbers_and_ranges(text: str, expected: Any) -> None:
    check(text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now()", "2026-11-22T10:00:00Z"),
        ("today()", "2026-11-22"),
        ('date("2026-02-30")', None),
        ("date(2026, 2, 28)", "2026-02-28"),
        ('date(date and time("2026-11-22T23:00:00-05:00"))', "2026-11-22"),
        ('time("23:59:00.1234Z")', "23:59:00.1234Z"),
        ('time(14, 30, 0, @"PT2H")', "14:30:00+02:00"),
        ('date and time(date("2026-11-22"), time("10:00:00"))', "2026-11-22T10:00:00"),
        ('date and time("2026-11-22T10:00:00@Europe/Berlin")', "2026-11-22T10:00:00@Europe/Berlin"),
        ('date and time("2026-11-22T10:00:00@Nowhere/Land")', None),
        ('@"2026-11-22T10:00:00@Europe/Berlin" = @"2026-11-22T09:00:00Z"', True),
        ('duration("P1Y14M")', "P2Y2M"),
        ('duration("P1DT25H")', "P2DT1H"),
        ('duration("P1Y2D")', None),
        ('duration("P")', None),
        ('@"2026-01-31" + @"P1M"', "2026-02-28"),
        ('@"2028-02-29" - @"P1Y"', "2027-02-28"),
        ('@"2026-11-22" + @"P1DT12H"', "2026-11-23"),
        ('@"2026-11-22T10:00:00" + @"PT36H"', "2026-11-23T22:00:00"),
        ('@"23:00:00" + @"PT2H"', "01:00:00"),
        ('@"2026-12-25" - @"2026-11-22"', "P33D"),
        ('@"2026-11-22T10:00:00" - @"2026-11-22T10:00:00Z"', None),
        ('@"9999-12-31" + @"P1D"', None),
        ('@"P1D" * 1.5', "P1DT12H"),
        ('@"P10Y11M" / 2.5', "P4Y4M"),
        ('@"P1D" / @"PT6H"', 4),
        ('-@"P1Y"', "-P1Y"),
        ('years and months duration(@"2011-12-22", @"2013-08-24")', "P1Y8M"),
        ('@"2026-11-22".weekday', 7),
        ('@"2026-11-22T10:20:30".minute', 20),
        ('@"10:00:00+01:00".time offset', "PT1H"),
        ('@"2026-11-22T10:00:00@Europe/Berlin".timezone', "Europe/Berlin"),
        ('@"-P1DT2H".hours', -2),
        ('@"P1Y5M".months', 5),
        ('@"P1Y".days', None),
        ('@"2026-11-22" < @"2026-11-23"', True),
        ('@"P1Y" > @"P11M"', True),
        ('@"P1Y" > @"P1D"', None),
        ('day of week(@"2026-11-22")', "Sunday"),
        ('day of year(@"2026-02-01")', 32),
        ('month of year(@"2026-11-22")', "November"),
        ('week of year(@"2005-01-01")', 53),
        ('last day of month(@"2028-02-01")', 29),
        ('is(@"10:00:00Z", @"11:00:00+01:00")', False),
        ('for d in @"2026-02-27"..@"2026-03-01" return d', ["2026-02-27", "2026-02-28", "2026-03-01"]),
        ('@"2026-11-22" in [@"2026-11-01"..@"2026-11-30"]', True),
    ],
)
def test_dates_times_and_durations(text: str, expected: Any) -> None:
    check(text, expected)


def test_a_zone_nobody_knows_is_not_looked_for_among_the_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engines.decisions.times.ZoneInfo", pytest.fail)
    check('date and time("2026-11-22T10:00:00@Europe/Nowhere")', None)
