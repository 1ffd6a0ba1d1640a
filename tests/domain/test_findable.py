"""What open tasks are counted by: each word and value for each group, and nobody else's."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.access import OPERATORS, User
from domain.query.condition import Comparison, holds
from domain.query.findable import MOST, findable, leaf_key, many, word_key
from tests.read_side import task_document

ANNA = User("anna", ("red",), tenants=("a/b",))
RED, BLUE, OTHERS_RED = "group:red", "group:blue", "tenant:a%2Fb/group:red"


def _leaves(**values: Any) -> list[dict[str, Any]]:
    return [{"k": name, "v": value} for name, value in values.items()]


def test_every_group_finds_every_word_and_value() -> None:
    kept = findable([OPERATORS, RED, "user:anna", OTHERS_RED], ["pay", "now"], _leaves(no=1))
    found = [word_key(who, word) for who in (RED, OTHERS_RED) for word in ("pay", "now")]
    assert sorted(map(str, kept)) == sorted(
        map(str, [*found, *(leaf_key(who, "no", 1) for who in (OPERATORS, RED, OTHERS_RED))])
    )
    assert word_key(RED, "pay").startswith(word_key(RED, "pa"))


def test_of_who_sees_it_by_name_there_is_nothing() -> None:
    """Claiming a task would cost all of its words otherwise."""
    by_name = [OPERATORS, "user:group:red", "tenant:a/user:x/group:red"]
    assert findable(by_name, ["pay"], _leaves(no=1)) == [leaf_key(OPERATORS, "no", 1)]


def test_nobodys_key_is_anothers() -> None:
    keys = {word_key(who, "pay") for who in (RED, BLUE, OTHERS_RED, "group:re", OPERATORS)}
    assert len(keys) == 5
    assert not any(one.startswith(other) for one in keys for other in keys - {one})


def test_a_path_or_a_group_cannot_pass_for_another() -> None:
    assert leaf_key(RED, "a", "b\x1fsc") != leaf_key(RED, "a\x1fsb", "c")
    assert len({leaf_key(who, path, "v") for who in ("a\x1fsv", "group:a") for path in ("a\x1fsv", "group:a")}) == 4


def test_what_is_null_or_an_object_equals_nothing() -> None:
    assert findable([OPERATORS], [], _leaves(a=None, b={})) == []


def test_a_task_with_very_much_in_it_has_one_key_for_each_group() -> None:
    words = [f"w{number}" for number in range(MOST)]
    assert findable([OPERATORS, RED], words, []) == [word_key(RED, word) for word in words]
    kept = findable([OPERATORS, RED, BLUE], words, _leaves(no=1))
    assert kept == [leaf_key(OPERATORS, "no", 1), many(RED), many(BLUE)]


values = st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(max_size=3)


@pytest.mark.parametrize(("one", "other"), [(1, 1.0), (-0.0, 0), (2**53, float(2**53)), (True, 1), ("1", 1), (1.5, 1)])
def test_values_have_the_same_key_when_they_are_equal(one: Any, other: Any) -> None:
    _compare(one, other)


@given(values, values)
def test_other_values_have_other_keys(one: Any, other: Any) -> None:
    _compare(one, other)


def _compare(one: Any, other: Any) -> None:
    document = {"leaves": _leaves(a=one), "entries": []}
    is_equal = holds(document, Comparison("payload", "a", "=", (other,)), ANNA)
    assert (leaf_key(RED, "a", one) == leaf_key(RED, "a", other)) == is_equal


def test_what_has_ended_is_not_counted() -> None:
    assert "findable" in task_document("t1", candidate_groups=("red",))
    assert "findable" not in task_document("t1", candidate_groups=("red",), state="completed")
