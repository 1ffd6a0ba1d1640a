"""Trying again: which failures, how long between, how long altogether, who hears of it, and what ends it."""

import time
from threading import Event

import pytest

from domain.errors import BrokerUnavailable, MalformedMessage, StoreUnavailable, Transient
from observe.retrying import retry


class Failing:
    """Fails as often as it is told, with a new error each time."""

    def __init__(self, times, kind=StoreUnavailable):
        self.times, self.kind, self.calls = times, kind, 0

    def __call__(self):
        self.calls += 1
        if self.calls <= self.times:
            raise self.kind(f"failure {self.calls}")
        return "done"


def test_what_succeeds_is_called_once_and_nobody_hears_of_it():
    work, heard, slept = Failing(0), [], []
    assert retry(work, on=Transient, pause=0.1, failed=heard.append, sleep=slept.append) == "done"
    assert (work.calls, heard, slept) == (1, [], [])


def test_pauses_double_up_to_the_longest_and_each_failure_is_told_before_its_pause():
    order = []
    found = retry(
        Failing(7),
        on=Transient,
        pause=0.05,
        longest=2.0,
        failed=lambda error: order.append(str(error)),
        sleep=order.append,
    )
    assert found == "done"
    assert order[1::2] == [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 2.0]
    assert order[0::2] == [f"failure {number}" for number in range(1, 8)]


def test_pauses_are_alike_without_a_longest_and_there_is_no_last_failure_without_a_limit():
    work, slept = Failing(3000), []
    assert retry(work, on=Transient, pause=0.2, sleep=slept.append) == "done"
    assert slept == [0.2] * 3000


def test_other_failures_are_raised_at_once():
    work, heard = Failing(1, MalformedMessage), []
    with pytest.raises(MalformedMessage, match="failure 1"):
        retry(work, on=(StoreUnavailable, BrokerUnavailable), pause=0.1, failed=heard.append)
    assert (work.calls, heard) == (1, [])


def test_the_last_of_so_many_attempts_is_raised_and_not_told():
    work, heard = Failing(9), []
    with pytest.raises(StoreUnavailable, match="failure 3"):
        retry(work, on=Transient, pause=0.0, attempts=3, failed=lambda error: heard.append(str(error)))
    assert heard == ["failure 1", "failure 2"]


def test_a_failure_after_so_many_seconds_is_the_last_and_one_try_there_is_always():
    work, began = Failing(10_000), time.monotonic()
    with pytest.raises(StoreUnavailable):
        retry(work, on=Transient, pause=0.01, seconds=0.1)
    assert 0.1 <= time.monotonic() - began < 2
    assert 2 <= work.calls <= 11
    with pytest.raises(StoreUnavailable, match="failure 1"):
        retry(Failing(2), on=Transient, pause=0.01, seconds=0.0)


def test_who_is_to_end_is_not_kept_and_hears_the_failure_there_was():
    stop, work = Event(), Failing(5)
    stop.set()
    with pytest.raises(StoreUnavailable, match="failure 1"):
        retry(work, on=Transient, pause=60.0, sleep=stop.wait)
    assert work.calls == 1


def test_what_goes_wrong_in_a_pause_ends_the_trying():
    def pause(_seconds):
        raise BrokerUnavailable("while it waited")

    work = Failing(5)
    with pytest.raises(BrokerUnavailable, match="while it waited"):
        retry(work, on=StoreUnavailable, pause=0.1, sleep=pause)
    assert work.calls == 1
