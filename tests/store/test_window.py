"""What may leave of a window, and when: nothing overtakes a row of its own aggregate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.messaging.window import Window
from store.outbox.outbox import OutboxRow


def rows(keys):
    return [OutboxRow(at, 0, key, 0, f"e{at}", "task.created.app", "{}") for at, key in enumerate(keys)]


def left(window):
    return [row.position for row in window.leaving()]


def test_the_next_of_an_aggregate_leaves_when_the_one_before_it_is_confirmed():
    window = Window(rows("aabca"), 7)
    assert left(window) == [0, 2, 3]
    window.record_confirm(8, multiple=False, refusal=None)
    assert left(window) == [1]
    window.record_confirm(11, multiple=True, refusal=None)
    assert left(window) == [4]
    window.record_confirm(12, multiple=True, refusal=None)
    assert (window.verdicts.confirmed, window.verdicts.failed, window.waiting) == ({0, 1, 2, 3, 4}, {}, set())


@pytest.mark.parametrize("returned", [True, False])
def test_nothing_leaves_behind_a_row_that_failed(returned):
    window = Window(rows("aaba"), 0)
    assert left(window) == [0, 2]
    if returned:
        window.returned["e0"] = "returned: 312"
    window.record_confirm(1, multiple=False, refusal=None if returned else "nack")
    window.record_confirm(2, multiple=False, refusal=None)
    assert left(window) == []
    assert window.waiting == set()
    assert (window.verdicts.confirmed, set(window.verdicts.failed)) == ({2}, {0})


@given(st.lists(st.sampled_from("abc"), max_size=12), st.randoms())
def test_whatever_the_broker_says_what_is_sent_has_only_confirmed_rows_before_it(keys, random):
    window, tag = Window(rows(keys), 0), 0
    sent = left(window)
    while window.waiting:
        tag += 1
        window.record_confirm(tag, multiple=random.random() < 0.3, refusal=random.choice([None, None, "nack"]))
        sent += left(window)
    for at in sent:
        earlier = [one for one in range(at) if keys[one] == keys[at]]
        assert set(earlier) <= window.verdicts.confirmed, (keys, sent)
