"""Values against the constraints of a form: the limits themselves are allowed, what is beyond is not."""

from time import monotonic

import pytest

from domain.errors import InvalidVariables
from domain.personal import sealed_value
from domain.requests.forms import FieldProblem, check_form, judge
from domain.requests.patterns import compiled


def field(kind="string", required=False, default=None, **constraints):
    return {"id": "a", "type": kind, "required": required, "default": default, "constraints": constraints}


def said(one, value, current=None):
    found = judge([one], {"a": value}, current or {})
    return found[0].message if found else None


@pytest.mark.parametrize(
    ("one", "right", "wrong", "message"),
    [
        (field("long", min=10), 10, 9, "must be at least 10"),
        (field("double", max=1.5), 1.5, 1.6, "must be at most 1.5"),
        (field(minlength=3), "abc", "ab", "must have at least 3 characters"),
        (field(maxlength=3), "abc", "abcd", "must have at most 3 characters"),
        (field(pattern=r"[A-Z]-\d+"), "A-17", "A-17b", "does not have the form that is asked for"),
        (field(pattern=r"[A-Z]-\d+", anywhere=True), "an A-17b", "a-17", "does not have the form that is asked for"),
        (field(pattern=r"^\d+$", anywhere=True), "17", "a 17", "does not have the form that is asked for"),
        (field(required=True), "x", "  ", "is required"),
        (field("list", required=True), ["x"], [], "is required"),
        (field("long", required=True), 0, None, "is required"),
        (field("boolean", required=True), False, None, "is required"),
        (field("long", min=1), None, True, "must be a whole number"),
        (field("date"), "2026-02-28", "2026-02-30", "must be an ISO-8601 date"),
        (field("address", min=1), {"any": "thing"}, 0, "must be at least 1"),
    ],
)
def test_limits(one, right, wrong, message):
    assert said(one, right) is None
    assert said(one, wrong) == message


def test_an_empty_value_that_is_not_required_is_beyond_no_limit():
    assert said(field(minlength=3, pattern="x"), "") is None
    assert said(field("long", min=3), None) is None


@pytest.mark.parametrize(
    ("default", "current", "same", "other"),
    [
        ("fixed", {}, "fixed", "free"),
        ("fixed", {"a": "chosen"}, "chosen", "fixed"),
        ("true", {}, True, False),
        ("7", {}, 7, 8),
        (None, {"a": 1}, 1, True),
        (None, {}, None, "anything"),
    ],
)
def test_what_is_read_only_goes_back_as_it_came_or_not_at_all(default, current, same, other):
    one = field(required=True, default=default, readonly=True)
    assert judge([one], {}, current) == []
    assert said(one, same, current) is None
    assert said(one, other, current) == "cannot be changed"


def test_what_is_sealed_can_be_compared_with_nothing():
    assert said(field(readonly=True), "Ann", {"a": sealed_value("0" * 32, "AA")}) is None


def test_current_values_are_asked_for_only_where_they_matter():
    check_form([field()], {"a": "x"}, lambda: pytest.fail("not needed"))
    with pytest.raises(InvalidVariables) as refused:
        check_form([field(readonly=True)], {"a": "x"}, lambda: {"a": "y"})
    assert refused.value.problem()["errors"] == [{"field": "a", "message": "cannot be changed"}]


def test_every_field_has_its_own_problem_and_others_pass():
    fields = [field("long", min=1), {"id": "b", "required": True}, {"id": "c"}]
    found = judge(fields, {"a": 0, "c": "x", "more": object()}, {})
    assert found == [FieldProblem("a", "must be at least 1"), FieldProblem("b", "is required")]


ANY = "a" * 200


@pytest.mark.parametrize(
    ("pattern", "value", "holds"),
    [
        (r"[\w.+-]+@[\w.-]+\.[A-Za-z]{2,}", "ann@example.org", True),
        (r"[\w.+-]+@[\w.-]+\.[A-Za-z]{2,}", "ann@example", False),
        (r"[A-Z]{2}\d{2}(?: ?[0-9A-Z]{4}){3}", "DE12 ABCD 1234 EFGH", True),
        (r"(?:\d{3}-){2}\d", "123-456-7", True),
        ("|".join(["word"] * 40), "word", True),
        (r"(?=.*\d)(?=.*[a-z]).{8,}", "abcdefg1", True),
        ("[]a]+", "a]", True),
        ("a*a*a*b", ANY, False),
    ],
)
def test_patterns(pattern, value, holds):
    began = monotonic()
    assert (said(field(pattern=pattern), value) is None) is holds
    assert monotonic() - began < 1


@pytest.mark.parametrize(
    "pattern",
    [
        *("(a+)+b", "(a|a)*b", "(a?){30}a{30}", "a?" * 30 + "a" * 30, "a*a*a*a*b", "(((" + "){500}" * 3),
        *("(", "x{2,1}", "x" * 501, "a{9999}", "\\"),
    ],
)
def test_a_pattern_that_might_take_too_long_is_none(pattern):
    assert compiled(pattern) is None
    assert said(field(pattern=pattern), ANY) is None


def test_a_pattern_that_is_tried_from_every_character_may_try_less_from_each():
    email = r"[\w.+-]+@[\w.-]+\.[A-Za-z]{2,}"
    assert compiled(email) is not None
    assert compiled(email, anywhere=True) is None
    assert compiled(f"^{email}$", anywhere=True) is not None
    assert compiled(f"^a|{email}", anywhere=True) is None


def test_long_values_are_not_matched():
    assert said(field(pattern="a*"), "a" * 201) == "must have at most 200 characters"
