"""Which processes a system has."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from settings import HOSTED, POSTGRESQL, REQUEST_LINE_BYTES, SERVER_URLS, Settings
from workers.roles import BEAT, ENGINE, FLOWER, NOTIFIER, PROJECTOR, PUBLISHER, WEB

SERVERS = (*SERVER_URLS, POSTGRESQL)
FLOWER_USER = "flower"
METRICS = "metrics"
"""Folder of the run in which the processes count."""
HELD_CONNECTIONS = 12_000
"""Requests that one web process may hold, most of them waiting for a change."""

KEPT_ALIVE_SECONDS = 75
"""How long an idle connection stays open: longer than proxies keep theirs, or one of them sends into a closed one."""
JOBS_AT_ONCE = 4
WORKERS = (
    (ENGINE, (ENGINE, "timers", "jobs", "collect", "settle", "spread", "clean"), JOBS_AT_ONCE),
    (PUBLISHER, (PUBLISHER,), 1),
)
"""Per application: the role, the kinds of queue it serves, and how many jobs run at once."""


@dataclass(frozen=True, slots=True)
class Process:
    """One process under supervision, or a server that was there already."""

    name: str
    role: str
    command: tuple[str, ...] = ()
    """Empty for a server: `workers.system.servers` knows how to start one."""
    environment: Mapping[str, str] = field(default_factory=dict)
    ours: bool = True
    """False: started and stopped by somebody else, we only ask whether it answers."""


def processes(settings: Settings) -> tuple[Process, ...]:
    """List the whole system, in the order in which it starts."""
    return (*servers(settings), *_platform(settings), *_applications(settings), _web(settings))


def servers(settings: Settings) -> tuple[Process, ...]:
    """List the servers it uses, its own and others."""
    used = SERVERS if settings.sql_url else tuple(SERVER_URLS)
    return tuple(Process(role, role, ours=role in settings.own_servers) for role in used)


def _platform(settings: Settings) -> Iterator[Process]:
    yield Process(PROJECTOR, PROJECTOR, (sys.executable, "-m", "workers.fleet.projector"))
    if settings.notifying.is_on:
        yield Process(NOTIFIER, NOTIFIER, (sys.executable, "-m", "workers.notify.notifier"))
    yield Process(BEAT, BEAT, _celery("beat", "--scheduler", "workers.fleet.beat:WatchedScheduler", "--pidfile="))
    address = ("--address=127.0.0.1", f"--port={settings.flower_port}")
    yield Process(FLOWER, FLOWER, _celery("flower", *address), _flower_environment(settings))


def _flower_environment(settings: Settings) -> dict[str, str]:
    # On the command line the password would be readable for everybody on the machine.
    api = {"FLOWER_BROKER_API": f"{settings.amqp_management_url}/api/"} if settings.amqp_management_url else {}
    return {**api, "FLOWER_BASIC_AUTH": f"{FLOWER_USER}:{settings.flower_password}"}


def _applications(settings: Settings) -> Iterator[Process]:
    for application in (*settings.applications, HOSTED):
        environment = {"TASKPOOL_APPLICATION": application}
        for role, kinds, at_once in WORKERS:
            queues = ",".join(f"{kind}.{application}" for kind in kinds)
            name = f"{role}.{application}"
            yield Process(name, role, _worker(name, queues, pool_of(role, application), at_once), environment)


def pool_of(role: str, application: str) -> str:
    """An engine of ours runs models nobody here wrote, in processes that can be ended alone."""
    return "prefork" if role == ENGINE and application != HOSTED else "threads"


def _worker(name: str, queues: str, pool: str, at_once: int) -> tuple[str, ...]:
    return _celery(
        *("worker", "-Q", queues, "-P", pool, "-c", str(at_once), "-n", f"{name}@taskpool"),
        *("--without-mingle", "--without-gossip", "--loglevel", "INFO"),
    )


def _web(settings: Settings) -> Process:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return Process(
        WEB,
        WEB,
        (
            *(sys.executable, "-m", "gunicorn", "-k", "webapp.server.worker.ServerWorker", "-w", "1"),
            *("--bind", f"{host}:{settings.port}", "--worker-connections", str(HELD_CONNECTIONS)),
            *("--timeout", "60", "--graceful-timeout", "3", "--worker-tmp-dir", "/dev/shm", "--no-control-socket"),  # noqa: S108
            *("--keep-alive", str(KEPT_ALIVE_SECONDS), "--limit-request-line", str(REQUEST_LINE_BYTES)),
            *("--logger-class", "webapp.server.log.ServerLog"),
            "webapp.server.wsgi:app",
        ),
    )


def _celery(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "celery", "--quiet", "-A", "workers.fleet.app", *arguments)
