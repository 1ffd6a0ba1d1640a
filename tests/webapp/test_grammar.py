"""Filters that speak of the moment at which they are asked."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.query.condition import Comparison
from domain.values import iso
from webapp.api.grammar import parse_filter, parse_node


def test_now_is_the_moment_at_which_is_asked() -> None:
    before = iso(datetime.now(UTC))
    for found in (parse_filter("task.dueDate < NOW"), parse_node({"field": "task.dueDate", "op": "<", "value": "now"})):
        assert isinstance(found, Comparison)
        assert before <= found.values[0] <= iso(datetime.now(UTC))


def test_now_is_a_word_like_any_other_where_no_time_is_meant() -> None:
    assert parse_filter("task.name = now") == Comparison("own", "name", "=", ("now",))
    assert parse_filter("arrival = now") == Comparison("payload", "arrival", "=", ("now",))
