"""What the supervisor runs for each process: ends what an earlier life left, then becomes the process."""

from __future__ import annotations

import json
import os
import pwd
import resource
import subprocess
import sys
import time
from pathlib import Path

from settings import InvalidSetting, Settings, home_of, remembered
from workers.roles import FLOWER
from workers.system import orphans
from workers.system.processes import METRICS, SERVERS, Process, processes
from workers.system.servers import STARTS, Launch

SHORT_LIFE = 5.0
LONGEST_PAUSE = 10.0
COUNTED = "PROMETHEUS_MULTIPROC_DIR"


def main() -> None:
    """Launch the process named on the command line."""
    name, home = sys.argv[1], home_of(os.environ)
    orphans.end(list(orphans.belonging_to(home, name)))
    time.sleep(pause_before(home / "run" / f"{name}.lives", now=time.time()))
    try:
        become(name, home)
    except InvalidSetting as problem:
        sys.exit(f"{name}: {problem}")


def become(name: str, home: Path) -> None:
    """Replace this process, so that the pid written down is the one that does the work."""
    process = next(process for process in processes(Settings.from_env(os.environ)) if process.name == name)
    launch = _launch(process, home)
    (home / "run" / f"{name}.pid").write_text(f"{os.getpid()}\n")
    os.umask(0o077)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    environment = {**_inherited(), **_counting(process, home), **launch.environment}
    if launch.beside:
        subprocess.Popen(launch.beside, env=environment)  # noqa: S603 - our own arguments
    if launch.user:
        _drop_to(launch.user)
    os.execvpe(launch.command[0], launch.command, environment)  # noqa: S606 - no shell is meant


def pause_before(record: Path, now: float) -> float:
    """Say how long to wait: the longer the more lives in a row were short, but never long."""
    try:
        last = json.loads(record.read_text())
        short_lives = last["short"] + 1 if now - last["since"] < SHORT_LIFE else 0
    except (OSError, ValueError, KeyError):
        short_lives = 0
    pause = min(2.0 ** (short_lives - 2), LONGEST_PAUSE) if short_lives else 0.0
    record.write_text(json.dumps({"since": now + pause, "short": min(short_lives, 10)}))
    return pause


def _launch(process: Process, home: Path) -> Launch:
    if process.role in STARTS:
        return STARTS[process.role](home, remembered(home))
    return Launch(process.command, process.environment)


def _inherited() -> dict[str, str]:
    # These would steer a server past its own configuration.
    foreign = ("RABBITMQ_", "ERL_", "PG", "FLOWER_", "CELERY_", "GUNICORN_")
    return {name: value for name, value in os.environ.items() if not name.startswith(foreign)}


def _counting(process: Process, home: Path) -> dict[str, str]:
    # Flower counts for itself, with the same library.
    return {} if process.role in (FLOWER, *SERVERS) else {COUNTED: str(home / "run" / METRICS)}


def _drop_to(user: str) -> None:
    account = pwd.getpwnam(user)
    os.chdir("/")
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)


if __name__ == "__main__":
    main()
