"""What `taskpool status` calls healthy."""

import os
import time

import pytest

from settings import Settings
from workers.roles import ENGINE, PUBLISHER
from workers.system import probes, status
from workers.system.processes import Process

ASKED = [
    Process("engine.approval", ENGINE),
    Process("engine.invoicing", ENGINE),
    Process("publisher.approval", PUBLISHER),
]


@pytest.fixture
def healthy(tmp_path, monkeypatch):
    """All processes answer; who is healthy by their files and by what waits for them."""
    run = tmp_path / "run"
    run.mkdir()
    for process in ASKED:
        (run / f"{process.name}.alive").touch()
    monkeypatch.setattr(status, "pid_of", lambda *_: 1)
    monkeypatch.setattr(probes, "answering_workers", lambda _, names: set(names))
    settings = Settings.from_env({"TASKPOOL_HOME": str(tmp_path)})

    def found(*, late=()):
        monkeypatch.setattr(probes, "late_engines", lambda _: set(late))
        return {line.name for line in status.ask(settings, ASKED) if line.healthy}

    return found


def test_who_answers_and_works(healthy):
    assert healthy() == {process.name for process in ASKED}


def test_an_engine_that_answers_and_has_worked_at_one_thing_for_too_long_is_not(healthy, tmp_path):
    before = time.time() - 11
    os.utime(tmp_path / "run" / "engine.approval.alive", (before, before))
    assert healthy() == {"engine.invoicing", "publisher.approval"}


def test_an_engine_that_leaves_commands_waiting_is_not(healthy):
    assert healthy(late=["invoicing"]) == {"engine.approval", "publisher.approval"}
