"""Every process of a running system works as the RabbitMQ user it should be, also in a home of an earlier version."""

import json
import time
from collections.abc import Set as AbstractSet

import httpx
import pytest

from settings import record_of, remembered
from store.messaging.signing import public_key_of
from tests.system.running import RunningSystem, temporary_home
from workers.system.record import free_port

pytestmark = [pytest.mark.servers, pytest.mark.timeout(600)]


def asked(system: RunningSystem, path: str) -> list[dict]:
    url = httpx.URL(system.settings.amqp_management_url)
    return httpx.get(
        f"{url.copy_with(username=None, password=None)}/api/{path}", auth=(url.username, url.password)
    ).json()


def names(system: RunningSystem, path: str) -> set[str]:
    return {one["name"] for one in asked(system, path)}


USERS = {"taskpool", "taskpool.approval", "taskpool.invoicing", "taskpool.hosted"}


WAIT_SECONDS = 30.0


def readers(system: RunningSystem, queues: AbstractSet[str]) -> dict[str, set[str]]:
    """Who reads these queues, once somebody reads each: the broker's statistics come seconds late."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not queues <= (found := _readers(system)).keys() and time.monotonic() < deadline:
        time.sleep(0.5)
    return found


def _readers(system: RunningSystem) -> dict[str, set[str]]:
    users = {one["name"]: one["user"] for one in asked(system, "connections")}
    found: dict[str, set[str]] = {}
    for consumer in asked(system, "consumers"):
        user = users.get(consumer["channel_details"].get("connection_name"))
        if user is not None:
            found.setdefault(consumer["queue"]["name"], set()).add(user)
    return found


def test_every_application_works_as_its_own_user(running_system: RunningSystem) -> None:
    users = names(running_system, "users")
    assert users >= USERS
    assert "guest" not in users
    owners = {
        f"{kind}.{application}": {f"taskpool.{application}"}
        for application in ("approval", "invoicing", "hosted")
        for kind in ("engine", "publisher", "timers", "clean")
    }
    wanted = {**owners, "taskpool.projector": {"taskpool"}}
    read_by = readers(running_system, wanted.keys())
    assert {queue: read_by[queue] for queue in wanted} == wanted
    assert [name for name in names(running_system, "queues") if "delayed" in name] == []


def test_an_application_elsewhere_is_given_access(running_system: RunningSystem) -> None:
    done = running_system.command("access", "travel")
    assert done.returncode == 0, done.stderr
    url = done.stdout.strip().removeprefix("TASKPOOL_AMQP_URL=")
    assert url == running_system.settings.application_amqp_url("travel")
    assert f"TASKPOOL_VERIFYING_KEYS={public_key_of(running_system.settings.signing_key)}" in done.stderr
    assert "taskpool.travel" in names(running_system, "users")
    assert "engine.travel" in names(running_system, "queues")


@pytest.mark.faults
def test_a_home_of_an_earlier_version_gets_its_users() -> None:
    with temporary_home() as home:
        system = RunningSystem(home, free_port())
        try:
            system.up()
            url = httpx.URL(system.settings.amqp_management_url)
            with httpx.Client(
                base_url=url.copy_with(username=None, password=None), auth=(url.username, url.password)
            ) as api:
                api.put("/api/users/guest", json={"password": "guest", "tags": "administrator"}).raise_for_status()
                for name in USERS - {"taskpool"}:
                    api.delete(f"/api/users/{name}").raise_for_status()
            system.down()
            old = {name: value for name, value in remembered(home).items() if "APPLICATION_SECRET" not in name}
            record_of(home).write_text(json.dumps(old))
            system.up()
            assert names(system, "users") == USERS
            assert record_of(home).stat().st_mode & 0o777 == 0o600
            assert readers(system, {"engine.approval"})["engine.approval"] == {"taskpool.approval"}
        finally:
            system.down()
