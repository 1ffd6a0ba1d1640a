"""The servers under supervision: killed, stopped, hung, and abandoned by their supervisor."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from settings import Settings
from tests.system.running import temporary_home
from workers.console import Progress
from workers.roles import SUPERVISOR
from workers.system import lifecycle, orphans
from workers.system.processes import servers as servers_of
from workers.system.record import free_port
from workers.system.status import ask, pid_of

pytestmark = [pytest.mark.servers, pytest.mark.faults]

ROLES = ("rabbitmq", "mongodb", "redis", "postgresql")


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def healthy(settings: Settings) -> set[str]:
    return {line.name for line in ask(settings, servers_of(settings)) if line.healthy}


def test_all_of_them_answer(servers: Settings) -> None:
    assert healthy(servers) == set(ROLES)


def test_they_listen_on_the_loopback_interface_only(servers: Settings) -> None:
    sockets = {
        str(file.readlink())
        for pid in orphans.belonging_to(servers.home)
        for file in Path(f"/proc/{pid}/fd").iterdir()
        if file.is_symlink()
    }
    lines = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()]
    listening = [(fields[1], fields[9]) for fields in lines if fields[3] == "0A"]
    addresses = {address.split(":")[0] for address, inode in listening if f"socket:[{inode}]" in sockets}
    # 127.0.0.1, and ::1 for Erlang's port mapper, which always takes both.
    assert addresses == {"0100007F", "00000000000000000000000001000000"}


@pytest.mark.parametrize("role", ROLES)
def test_one_that_is_killed_comes_back(servers: Settings, role: str) -> None:
    pid = pid_of(servers.home, role)
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: pid_of(servers.home, role) not in (None, pid) and role in healthy(servers))


@pytest.mark.parametrize("role", ROLES)
def test_one_that_hangs_is_not_healthy_and_the_answer_comes_in_time(servers: Settings, role: str) -> None:
    pid = pid_of(servers.home, role)
    os.kill(pid, signal.SIGSTOP)
    try:
        wait_for(lambda: Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T")
        started = time.monotonic()
        assert role not in healthy(servers)
        assert time.monotonic() - started < 5
    finally:
        os.kill(pid, signal.SIGCONT)
    wait_for(lambda: role in healthy(servers))


def test_a_new_life_ends_what_a_killed_supervisor_left(servers: Settings) -> None:
    """Also in a home whose path is long and full of surprises."""
    with temporary_home() as folder:
        home = folder / "50% of ä" / ("x" * 90)
        environment = {**os.environ, "TASKPOOL_HOME": str(home), "TASKPOOL_PORT": str(free_port())}
        try:
            lifecycle.start_servers(environment, Progress())
            for pid in orphans.belonging_to(home, SUPERVISOR):
                os.kill(pid, signal.SIGKILL)
            left = set(orphans.belonging_to(home))
            settings = lifecycle.start_servers(environment, Progress())
            assert healthy(settings) == {"rabbitmq", "mongodb", "redis"}
            assert not left & set(orphans.belonging_to(home))
        finally:
            assert lifecycle.down(home)
        assert orphans.belonging_to(home) == {}
        assert healthy(servers) == set(ROLES), "another system was hurt"
