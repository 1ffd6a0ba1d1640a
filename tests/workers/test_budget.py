"""What exceeds the budget of a unit of work is ended from outside, noted, and nobody else is."""

import os
import signal
import time
from contextlib import contextmanager

import pytest

from settings import Budget
from store.engine.overruns import Overrun, Overruns
from workers.fleet.budget import FILES, Board, Watch

SMALL = Budget(seconds=0.4, megabytes=64)


@pytest.fixture
def overruns(tmp_path):
    return Overruns(tmp_path / "overruns")


@contextmanager
def child(slot, work):
    """A process of its own that takes the slot and works."""
    pid = os.fork()
    if pid == 0:
        try:
            slot.take()
            work(slot)
            time.sleep(60)
        finally:
            os._exit(0)
    try:
        yield pid
    finally:
        os.kill(pid, signal.SIGCONT)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def watched(board, overruns, seconds, budget=SMALL):
    watch = Watch(board, budget, overruns, "approval")
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        watch.look()
        time.sleep(0.02)
    return watch


def is_dead(pid):
    with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123
        return file.read().rpartition(")")[2].split()[0] == "Z"


def hang(slot):
    slot.begin("command-1")
    with slot.spending("instance-1"):
        slot.at("letter")
        time.sleep(60)


def swell(slot):
    slot.begin("command-2")
    with slot.spending("instance-2"):
        slot.at("heap")
        time.sleep(0.1)
        kept = [bytearray(os.urandom(1024) * 1024) for _ in range(128)]
        time.sleep(60)
        del kept


@pytest.mark.parametrize(
    ("work", "budget", "expected"),
    [
        (hang, SMALL, Overrun("command-1", "instance-1", "letter", "time")),
        (swell, Budget(30, 64), Overrun("command-2", "instance-2", "heap", "memory")),
    ],
)
def test_what_exceeds_its_budget_is_ended_and_noted(overruns, work, budget, expected):
    board = Board(2)
    with child(board.slot(1), work) as pid:
        watched(board, overruns, 1.5, budget)
        assert is_dead(pid)
    assert overruns.of(expected.subject) == expected
    assert board.slot(1).head[0] == 0


def many_short_ones(slot):
    for number in range(30):
        slot.begin(f"command-{number}")
        with slot.spending("instance"):
            time.sleep(0.05)


def nested(slot):
    slot.begin("outer")
    with slot.spending("instance"), slot.spending("other"):
        time.sleep(0.05)


def wait_for_a_lock(slot):
    slot.begin("command")
    with slot.spending("instance"):
        pass
    time.sleep(60)


@pytest.mark.parametrize("work", [many_short_ones, nested, wait_for_a_lock])
def test_what_stays_within_it_is_left_alone(overruns, work):
    board = Board(1)
    with child(board.slot(0), work) as pid:
        watch = watched(board, overruns, 1.8)
        assert not is_dead(pid)
        assert watch.is_well()


def test_one_unit_of_work_in_many_steps_has_one_budget(overruns):
    def work(slot):
        slot.begin("command")
        for _ in range(100):
            with slot.spending("instance"):
                time.sleep(0.02)

    board = Board(1)
    with child(board.slot(0), work) as pid:
        watched(board, overruns, 1.8)
        assert is_dead(pid)


def test_reading_files_may_take_longer_but_not_for_ever(overruns):
    def work(slot):
        slot.begin("command")
        with slot.spending(""):
            time.sleep(60)

    board = Board(1)
    with child(board.slot(0), work) as pid:
        watched(board, overruns, SMALL.seconds * FILES * 0.6)
        assert not is_dead(pid)
        watched(board, overruns, SMALL.seconds * FILES * 1.6)
        assert is_dead(pid)


def test_a_process_that_somebody_has_stopped_uses_nothing(overruns):
    def work(slot):
        slot.begin("command")
        with slot.spending("instance"):
            os.kill(os.getpid(), signal.SIGSTOP)

    board = Board(1)
    with child(board.slot(0), work) as pid:
        watched(board, overruns, 1.2)
        assert not is_dead(pid)
    assert overruns.of("command") is None


def test_of_one_that_dies_at_work_by_itself_it_is_known_where(overruns):
    def work(slot):
        slot.begin("command")
        with slot.spending("instance"):
            slot.at("segfault")
            os.kill(os.getpid(), signal.SIGKILL)

    board = Board(1)
    with child(board.slot(0), work):
        watched(board, overruns, 0.3)
    assert overruns.of("command") == Overrun("command", "instance", "segfault", None)
    overruns.forget("command")
    assert overruns.of("command") is None


def test_a_note_that_cannot_be_read_is_none(overruns, tmp_path):
    overruns.note(Overrun("command", "i", "e", "time"))
    next((tmp_path / "overruns").iterdir()).write_text("{")
    assert overruns.of("command") is None


def test_stop_crosses_the_fork():
    board = Board(1)
    with child(board.slot(0), lambda _slot: board.wait(30) and os._exit(0)) as pid:
        board.set()
        deadline = time.monotonic() + 5
        while not is_dead(pid) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert is_dead(pid)


def test_a_text_too_long_for_its_place_is_cut(overruns):
    slot = Board(1).slot(0)
    slot.begin("é" * 500)
    with slot.spending("i" * 500):
        slot.at("\ud800" * 500)
        found = slot.overrun("time")
    assert (len(found.subject.encode()) <= 128, found.instance_id, len(found.element)) == (True, "i" * 126, 254)
