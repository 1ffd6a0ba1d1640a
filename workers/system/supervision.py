"""The supervisor of a system: its configuration, how it is started, and how we talk to it."""

from __future__ import annotations

import hashlib
import http.client
import os
import socket
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from settings import Values
from workers.roles import BEAT, ENGINE, PROCESS, PUBLISHER, SUPERVISOR, WEB
from workers.system.processes import SERVERS, Process

SERVER_GROUP, WORKER_GROUP, WEB_GROUP = "servers", "workers", "web"
LONGEST_SOCKET_PATH = 100
"""Linux allows 107 bytes, and the supervisor binds a longer name first."""
STOP_SECONDS = {
    "rabbitmq": 30,
    "mongodb": 30,
    "postgresql": 30,
    "redis": 10,
    WEB: 8,
    BEAT: 5,
    ENGINE: 15,
    PUBLISHER: 15,
}
ROOT = Path(__file__).resolve().parents[2]


class Supervisor:
    """Starts, stops and watches the processes of one home."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._configuration = home / "run" / "supervisor.conf"
        self._socket = socket_of(home)
        self._calls: Any = xmlrpc.client.ServerProxy("http://localhost", transport=_Transport(self._socket))

    def is_running(self) -> bool:
        """Tell whether it answers."""
        try:
            return bool(self._calls.supervisor.getState()["statename"] == "RUNNING")
        except (OSError, http.client.HTTPException, xmlrpc.client.Error):
            return False

    def start(self, processes: Iterable[Process], env: Values, *, dies_with_us: bool = False) -> None:
        """Start it with nothing running yet; it holds none of our streams. Raises `NotStarted`."""
        (self._home / "logs").mkdir(parents=True, exist_ok=True)
        self._socket.unlink(missing_ok=True)
        self._configuration.write_text(configuration(self._socket, processes))
        environment = {**env, "TASKPOOL_HOME": str(self._home), PROCESS: SUPERVISOR}
        errors = self._home / "logs" / "supervisor.err"
        with errors.open("wb") as stream:
            child = subprocess.Popen(  # noqa: S603 - our own arguments
                [sys.executable, "-m", "workers.system.supervise", self._configuration, *(["--stay"] * dies_with_us)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stream,
                cwd=self._home,
                env=environment,
                start_new_session=True,
            )
        self._await_start(child, errors, stays=dies_with_us)

    def _await_start(self, child: subprocess.Popen[bytes], errors: Path, *, stays: bool) -> None:
        deadline = time.monotonic() + 20
        while not self.is_running():
            ended = child.poll()
            if time.monotonic() > deadline or (ended is not None and (stays or ended)):
                raise NotStarted(f"the supervisor does not start: {errors.read_text(errors='replace').strip()}")
            time.sleep(0.05)
        if not stays:
            child.wait()

    def start_group(self, group: str) -> None:
        """Start every process of a group."""
        self._calls.supervisor.startProcessGroup(group, False)

    def shut_down(self) -> None:
        """Stop everything, the servers last, and then itself; returns at once."""
        self._calls.supervisor.shutdown()

    def clean_up(self) -> None:
        """Remove what it leaves outside the home."""
        self._socket.unlink(missing_ok=True)
        if self._socket.parent != self._home / "run":
            self._socket.parent.rmdir()


class NotStarted(Exception):
    """The supervisor ended instead of starting."""


def socket_of(home: Path) -> Path:
    """Name a socket that the kernel accepts, also for a home deep down."""
    inside = home / "run" / "supervisor.sock"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_PATH:
        return inside
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    # Not the temporary folder of this shell's: `down` may be called from another.
    folder = Path("/tmp") / f"taskpool-{os.geteuid()}-{digest}"  # noqa: S108 - private, and checked below
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.geteuid() or folder.is_symlink():
        raise PermissionError(f"{folder} belongs to somebody else")
    return folder / "supervisor.sock"


def configuration(address: Path, processes: Iterable[Process]) -> str:
    """Write what supervisord reads; its own back-off has no limit, so `workers.system.launch` has one instead."""
    groups: dict[str, list[str]] = {SERVER_GROUP: [], WORKER_GROUP: [], WEB_GROUP: []}
    programs = []
    for process in processes:
        if process.ours:
            groups[_group(process)].append(process.name)
            programs.append(_program(process))
    lines = [_daemon(address), *programs]
    # Stopping goes from the highest priority to the lowest, group by group.
    for priority, (group, names) in enumerate(groups.items(), start=1):
        if names:
            lines.append(f"[group:{group}]\nprograms = {','.join(names)}\npriority = {priority}\n")
    return "\n".join(lines)


def _daemon(address: Path) -> str:
    # Relative to the home, in which it runs: a per cent sign in a path would be taken for a variable.
    return f"""\
[supervisord]
pidfile = run/supervisor.pid
umask = 077
logfile = logs/supervisor.log
logfile_maxbytes = 5MB
logfile_backups = 1
childlogdir = logs

[unix_http_server]
file = {_escaped(address)}
chmod = 0600

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""


def _program(process: Process) -> str:
    return f"""\
[program:{process.name}]
command = "{_escaped(sys.executable)}" -m workers.system.launch {process.name}
directory = {_escaped(ROOT)}
environment = {PROCESS}="{process.name}"
autostart = false
autorestart = true
startsecs = 0
startretries = 1000000000
stopsignal = {"INT" if process.role == "postgresql" else "TERM"}
stopwaitsecs = {STOP_SECONDS.get(process.role, 10)}
stopasgroup = true
killasgroup = true
redirect_stderr = true
stdout_logfile = logs/{process.name}.log
stdout_logfile_maxbytes = 10MB
stdout_logfile_backups = 2
"""


def _group(process: Process) -> str:
    if process.role in SERVERS:
        return SERVER_GROUP
    return WEB_GROUP if process.role == WEB else WORKER_GROUP


def _escaped(path: object) -> str:
    return str(path).replace("%", "%%")


class _Transport(xmlrpc.client.Transport):
    """XML-RPC over a unix socket, with a limit on waiting."""

    def __init__(self, address: Path) -> None:
        super().__init__()
        self._address = address

    def request(self, host: Any, handler: str, request_body: Any, verbose: bool = False) -> Any:
        try:
            return super().request(host, handler, request_body, verbose)
        finally:
            self.close()

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        connection = _UnixConnection(self._address)
        self._connection = host, connection
        return connection


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, address: Path) -> None:
        super().__init__("localhost", timeout=5)
        self._address = address

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(5)
        try:
            self.sock.connect(str(self._address))
        except OSError:
            self.close()
            raise
