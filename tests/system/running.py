"""A system of its own for tests: through the command line, in a home that nobody else uses."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from settings import Settings
from workers.system.orphans import belonging_to

TASKPOOL = str(Path(sys.executable).with_name("taskpool"))
COMING_UP = 300


class RunningSystem:
    """One home and the commands that concern it."""

    def __init__(self, home: Path, port: int, **settings: str) -> None:
        self.home, self.port = home, port
        self._settings = settings

    @property
    def environment(self) -> dict[str, str]:
        """The environment of its commands; nothing of a surrounding system's."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("TASKPOOL_")}
        return {**inherited, "TASKPOOL_HOME": str(self.home), "TASKPOOL_PORT": str(self.port), **self._settings}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def settings(self) -> Settings:
        """As one finds a running system: from its home alone."""
        return Settings.from_env({"TASKPOOL_HOME": str(self.home)})

    def command(self, *arguments: str, timeout: float = COMING_UP) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [TASKPOOL, *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def up(self) -> str:
        """Return what `up` printed; an AssertionError shows why it failed."""
        done = self.command("up")
        assert done.returncode == 0, f"{done.stdout}{done.stderr}"
        return done.stdout

    def down(self) -> None:
        done = self.command("down")
        assert done.returncode == 0, f"{done.stdout}{done.stderr}"

    def status(self) -> dict[str, Any]:
        """What `status --json` says, healthy or not."""
        return json.loads(self.command("status", "--json", timeout=15).stdout)

    def process(self, name: str) -> dict[str, Any]:
        return next(line for line in self.status()["processes"] if line["name"] == name)

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> int:
        """Signal the process that does the work of that name; returns the pid it had."""
        pid = self.process(name)["pid"]
        os.kill(pid, number)
        return int(pid)

    def wait_until_healthy(self, seconds: float = 60, *names: str) -> None:
        """Wait for all processes, or for the named ones."""
        deadline = time.monotonic() + seconds
        while missing := [line for line in self.status()["processes"] if _is_missed(line, names)]:
            assert time.monotonic() < deadline, f"not healthy after {seconds} s: {missing}"
            time.sleep(0.3)

    def left_over(self) -> dict[int, str]:
        """The processes of this home that still exist."""
        return belonging_to(self.home)


def _is_missed(line: dict[str, Any], names: tuple[str, ...]) -> bool:
    return not line["healthy"] and (not names or line["name"] in names)


@contextmanager
def temporary_home() -> Iterator[Path]:
    """A home whose path is short, and that PostgreSQL's own user may enter; whoever is told to end tidies up first."""
    home = Path(tempfile.mkdtemp(prefix="taskpool-test-")).resolve()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)
