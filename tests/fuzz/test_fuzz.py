"""A few seconds of each room, and that each catches what is planted."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from engines.expressions import operations
from engines.spiff import steps
from tests.fuzz import bounds, decisions, expressions, meaning, models
from tests.fuzz.play import Played, Room, play

ROOMS = (expressions.ROOM, models.ROOM, decisions.ROOM)
SECONDS = 3.0


def said(_line: str) -> None:
    """Nobody reads along."""


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_a_few_seconds_of_each_find_nothing(room: Room) -> None:
    played = play(replace(room, batch=20), SECONDS, 1, said)
    assert played.examples > 5
    assert not played.findings, "\n".join(played.findings.values())


def until_found(room: Room, first: int = 1) -> Played:
    played = Played()
    for number in range(first, first + 20):
        played = play(room, 3.0, number, said)
        if played.findings:
            break
    return played


def test_a_wrong_sum_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(operations.BINARY, "-", lambda left, right: left + right)  # type: ignore[call-overload]
    sums = Room("sums", meaning.trees().map(lambda tree: ("meaning", "", tree)), expressions.check)
    assert any("gives" in text for text in until_found(sums).findings.values())


def test_a_task_that_is_told_twice_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    tell: Callable[..., None] = steps.Telling.ended

    def twice(self: steps.Telling, reason: str | None) -> None:
        before = list(self._run.open)
        tell(self, reason)
        self._run.open = before

    monkeypatch.setattr(steps.Telling, "ended", twice)
    assert any("ended twice" in text or "told" in text for text in until_found(models.ROOM).findings.values())


def test_what_takes_long_and_what_goes_outside_is_found() -> None:
    with pytest.raises(bounds.TookTooLong), bounds.within(0.05):
        until = time.process_time() + 2
        while time.process_time() < until:
            pass
    with pytest.raises(bounds.WentOutside), bounds.inside():
        open("/etc/hostname").close()  # noqa: PTH123 - what is looked for


def test_memory_that_grows_does_not_hold() -> None:
    flat, growing = Played(), Played()
    flat.memory = [(float(at), 50 << 20) for at in range(0, 100, 10)]
    growing.memory = [(float(at), (50 + at) << 20) for at in range(0, 100, 10)]
    assert flat.holds
    assert not growing.holds
