"""What JSON and MongoDB can both carry, and plain words for what they cannot."""

from uuid import UUID, uuid5

import pytest

from domain.errors import InvalidValue
from domain.identity import derived_id
from domain.values import check, iso, parse_time


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ({"a": 2**63}, "64 bits"),
        ({"a": -(2**63) - 1}, "64 bits"),
        ({"a": float("nan")}, "not a JSON number"),
        ({"a": "\ud800"}, "surrogate"),
        ({"a\0b": 1}, "NUL"),
        ({1: 1}, "not text"),
        ({"a": {1, 2}}, "not plain data"),
    ],
)
def test_what_cannot_be_carried_is_refused_with_its_field(value, word):
    with pytest.raises(InvalidValue, match=word):
        check(value, "payload")


def test_nesting_is_bounded():
    deep: object = 1
    for _ in range(95):
        deep = {"a": deep}
    with pytest.raises(InvalidValue, match="deeper than 90"):
        check(deep, "payload")


def test_ordinary_values_pass():
    check({"a": [1, -(2**63), 2**63 - 1, 1.5, None, True, "ü", {"$b": ".", "c.d": []}]}, "payload")


@pytest.mark.parametrize(
    "text", ["2026-11-22T12:00:00+02:00", "2026-11-22T12:00:00.000+0200", "2026-11-22T10:00:00", "2026-11-22T10:00:00Z"]
)
def test_times_are_one_text_whatever_their_zone(text):
    assert iso(parse_time(text)) == "2026-11-22T10:00:00.000Z"


def test_ids_are_name_based_uuids_as_the_library_makes_them():
    assert derived_id("a", "ü") == str(uuid5(UUID("6f0ce1b4-5f0e-5d0b-9a3c-1f6d2c7a9e10"), "a\x1fü"))
