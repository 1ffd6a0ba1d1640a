"""How a system comes up and goes down, whatever state its last life ended in."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from settings import DEMO, MONGODB, POSTGRESQL, Settings, Values, home_of
from workers.console import Progress
from workers.roles import SUPERVISOR
from workers.system import orphans, postgresql, record, replica_set, secrecy
from workers.system.processes import METRICS, SERVERS, processes, servers
from workers.system.supervision import SERVER_GROUP, WEB_GROUP, WORKER_GROUP, Supervisor
from workers.system.waiting import await_healthy, await_ready

SERVER_SECONDS = 120.0
READY_SECONDS = 180.0
STOP_SECONDS = 120.0


def up(env: Values, progress: Progress, *, dies_with_us: bool = False) -> Settings:
    """Start what is not running and return when all of it is ready. Raises `NotComingUp`, `InvalidSetting`."""
    home = home_of(env)
    with _alone(home, "up.lock"):
        if Supervisor(home).is_running():
            return _complete(home, progress)
        try:
            start_servers(env, progress, dies_with_us=dies_with_us)
            return _complete(home, progress)
        except BaseException:
            if orphans.belonging_to(home):
                progress.step("stopping what was started")
                down(home)
            raise


def start_servers(env: Values, progress: Progress, *, dies_with_us: bool = False) -> Settings:
    """Start the servers only, under the supervisor that will also have the rest."""
    home = home_of(env)
    with _alone(home, "lock"):
        _end_all(home)
        _forget_last_life(home)
        settings = record.decide(env, progress.step)
        if mended := secrecy.mend(home, settings):
            progress.step(f"taking the rights of others from {mended} files and folders of {home}")
        supervisor = Supervisor(home)
        supervisor.start(processes(settings), env, dies_with_us=dies_with_us)
        if settings.own_servers:
            supervisor.start_group(SERVER_GROUP)
    progress.step("starting " + ", ".join(settings.own_servers) if settings.own_servers else "reaching the servers")
    await_healthy(settings, servers(settings), SERVER_SECONDS, progress, nudge=_set_up_servers)
    return settings


def down(home: Path) -> bool:
    """Stop everything, the web and the workers before the servers; tells whether anything was running."""
    with _alone(home, "lock"):
        was_running = bool(orphans.belonging_to(home))
        supervisor = Supervisor(home)
        if supervisor.is_running():
            supervisor.shut_down()
            orphans.gone_within(orphans.belonging_to(home, SUPERVISOR), STOP_SECONDS)
        _end_all(home)
        supervisor.clean_up()
    return was_running


def _complete(home: Path, progress: Progress) -> Settings:
    from workers.system.prepare import adopt_older, deploy_examples, prepare  # noqa: PLC0415 - needs the servers' settings

    settings = Settings.from_env({"TASKPOOL_HOME": str(home)})
    progress.step("preparing tables, queues and views")
    prepare(settings)
    supervisor = Supervisor(home)
    supervisor.start_group(WORKER_GROUP)
    supervisor.start_group(WEB_GROUP)
    progress.step("starting the platform and the applications")
    await_healthy(settings, processes(settings), READY_SECONDS, progress)
    await_ready(settings, READY_SECONDS)
    if adopt_older(settings):
        progress.step("views of an older version are not searched as new ones are: run `taskpool rebuild` once")
    if settings.profile == DEMO:
        progress.step("deploying the examples")
        deploy_examples(settings)
    return settings


def _set_up_servers(settings: Settings) -> None:
    """Bring servers that accept connections into the state in which they are of use."""
    steps: dict[str, Callable[[Settings], None]] = {
        MONGODB: replica_set.initiate,
        POSTGRESQL: postgresql.create_database,
    }
    for role, step in steps.items():
        if role in settings.own_servers:
            # Not listening yet: the next round tries again.
            with suppress(Exception):
                step(settings)


def _end_all(home: Path) -> None:
    # The supervisor first: it would start again what we end.
    orphans.end(orphans.belonging_to(home, SUPERVISOR), STOP_SECONDS)
    remaining = orphans.belonging_to(home)
    orphans.end([pid for pid, name in remaining.items() if name not in SERVERS])
    orphans.end(orphans.belonging_to(home), STOP_SECONDS)


def _forget_last_life(home: Path) -> None:
    for kind in ("pid", "alive", "lives"):
        for file in (home / "run").glob(f"*.{kind}"):
            file.unlink(missing_ok=True)
    shutil.rmtree(home / "run" / METRICS, ignore_errors=True)
    (home / "run" / METRICS).mkdir()


@contextmanager
def _alone(home: Path, name: str) -> Iterator[None]:
    """Two commands for one home take turns; what they make is its owner's alone."""
    os.umask(0o077)
    (home / "run").mkdir(mode=0o700, parents=True, exist_ok=True)
    with (home / "run" / name).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
