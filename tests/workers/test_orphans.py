"""Finding and ending what an earlier life left."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from workers.roles import PROCESS
from workers.system import orphans

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"
PATIENT = "import time; print(flush=True); time.sleep(60)"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[object]:
    started = []

    def begin(name: str, code: str = PATIENT, home: Path = tmp_path) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "TASKPOOL_HOME": str(home), PROCESS: name}
        child = subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE)
        started.append(child)
        child.stdout.readline()
        return child

    yield begin
    for child in started:
        child.kill()
        child.wait()
        child.stdout.close()


def test_a_process_belongs_to_its_home_only(tmp_path: Path, start) -> None:
    mine, other = start("web"), start("web", home=tmp_path / "other")
    assert orphans.belonging_to(tmp_path) == {mine.pid: "web"}
    assert orphans.belonging_to(tmp_path / "other", "web") == {other.pid: "web"}
    assert orphans.belonging_to(tmp_path, "beat") == {}


def test_a_pid_is_believed_only_with_its_name(tmp_path: Path, start) -> None:
    child = start("web")
    assert orphans.is_running(tmp_path, "web", child.pid)
    assert not orphans.is_running(tmp_path, "beat", child.pid)
    assert not orphans.is_running(tmp_path, "web", os.getpid())


def test_one_that_does_not_listen_is_made_to_end(tmp_path: Path, start) -> None:
    child = start("web", STUBBORN)
    orphans.end([child.pid], patience=0.3)
    assert child.wait() == -signal.SIGKILL


def test_one_that_is_stopped_ends_as_well(tmp_path: Path, start) -> None:
    child = start("web")
    child.send_signal(signal.SIGSTOP)
    orphans.end([child.pid])
    assert child.wait() == -signal.SIGTERM
