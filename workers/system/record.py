"""What `up` decides for a home, written down once: free ports, generated secrets, and the settings it was given."""

from __future__ import annotations

import base64
import json
import os
import secrets
import socket
from collections.abc import Callable, Collection
from pathlib import Path

from settings import (
    APPLICATION_SECRET,
    KEY_BYTES,
    MONGODB,
    POSTGRESQL,
    PRODUCTION,
    RABBITMQ,
    REDIS,
    InvalidSetting,
    Settings,
    Values,
    from_values,
    given,
    home_of,
    own_servers,
    port_in,
    record_of,
    remembered,
)
from workers.system.production import refuse_what_is_weak

WEB_PORT, FLOWER_PORT = "TASKPOOL_PORT", "TASKPOOL_FLOWER_PORT"
SERVER_PORTS = {
    RABBITMQ: (
        "TASKPOOL_AMQP_PORT",
        "TASKPOOL_AMQP_MANAGEMENT_PORT",
        "TASKPOOL_EPMD_PORT",
        "TASKPOOL_ERLANG_PORT",
    ),
    MONGODB: ("TASKPOOL_MONGO_PORT",),
    REDIS: ("TASKPOOL_REDIS_PORT",),
    POSTGRESQL: ("TASKPOOL_POSTGRESQL_PORT",),
}
GENERATED = (
    "TASKPOOL_SYSTEM_ID",
    "TASKPOOL_SECRET_KEY",
    "TASKPOOL_OPERATOR_TOKEN",
    "TASKPOOL_FLOWER_PASSWORD",
    "TASKPOOL_AMQP_PASSWORD",
    APPLICATION_SECRET,
    "TASKPOOL_ERLANG_COOKIE",
    "TASKPOOL_REDIS_PASSWORD",
    "TASKPOOL_MONGO_PASSWORD",
    "TASKPOOL_POSTGRESQL_PASSWORD",
)

KEYS = ("TASKPOOL_SIGNING_KEY", "TASKPOOL_PERSONAL_KEYS")
"""Made once per home, too, of bytes."""


def decide(env: Values, say: Callable[[str], None] = lambda _text: None) -> Settings:
    """Choose what the environment leaves open and write all of it down. Raises `InvalidSetting`.

    `say` is told of what takes long.
    """
    home, wishes = home_of(env), given(env)
    last = remembered(home)
    values = {**_secrets(last, wishes), **wishes, "TASKPOOL_HOME": str(home)}
    values |= _ports(last, wishes)
    settings = from_values(home, values)
    if settings.profile == PRODUCTION:
        refuse_what_is_weak(settings, say)
    write(home, values)
    return settings


def write(home: Path, values: Values) -> None:
    """Replace the record as a whole, readable for its owner only."""
    record = record_of(home)
    record.parent.mkdir(parents=True, exist_ok=True)
    record.parent.chmod(0o700)
    fresh = record.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(dict(sorted(values.items())), file, indent=1)
    fresh.replace(record)


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Tell whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def free_port(taken: Collection[int] = ()) -> int:
    """Choose a port that nothing listens on and that no client will be given."""
    # Below the kernel's own range: a client that retries on a port of that range while its server
    # is away can be given the same port as its source, connect to itself and keep the server out.
    candidates = range(12000, _first_ephemeral_port())
    while (port := secrets.choice(candidates)) in taken or not is_free(port):
        continue
    return port


def _secrets(last: Values, wishes: Values) -> dict[str, str]:
    # Data made with one secret is lost to another, so each lives as long as the home.
    values = {name: last.get(name) or secrets.token_hex(20) for name in GENERATED}
    for name in KEYS:
        values[name] = last.get(name) or _new_key()
    if wishes.get("TASKPOOL_PROFILE") == PRODUCTION:
        del values["TASKPOOL_SECRET_KEY"]
    return values


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _ports(last: Values, wishes: Values) -> dict[str, str]:
    chosen = {WEB_PORT: port_in(wishes, WEB_PORT, 8080)}
    servers = (name for role in own_servers(wishes) for name in SERVER_PORTS[role])
    automatic: list[str] = []
    for name in (*servers, FLOWER_PORT):
        if name in wishes:
            chosen[name] = port_in(wishes, name, 0)
        else:
            automatic.append(name)
    _refuse_taken(chosen, wishes.get("TASKPOOL_HOST", "127.0.0.1"))
    for name in automatic:
        chosen[name] = _automatic_port(last.get(name), chosen.values())
    return {name: str(port) for name, port in chosen.items()}


def _refuse_taken(wanted: dict[str, int], web_host: str) -> None:
    for name, port in wanted.items():
        if list(wanted.values()).count(port) > 1:
            raise InvalidSetting(f"{name} names port {port}, and so does another setting; give each its own")
        if not is_free(port, web_host if name == WEB_PORT else "127.0.0.1"):
            raise InvalidSetting(f"port {port} is already in use; stop what listens there or set {name} to a free port")


def _automatic_port(last: str | None, taken: Collection[int]) -> int:
    if last and int(last) not in taken and is_free(int(last)):
        return int(last)
    return free_port(taken)


def _first_ephemeral_port() -> int:
    try:
        first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except (OSError, ValueError):
        return 32768
    return first if first > 13000 else 32768  # noqa: PLR2004 - too few left below
