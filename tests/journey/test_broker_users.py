"""Every process of a running system works as the RabbitMQ user it should be, also in a home of an earlier version."""

import json

import httpx
import pytest

from settings import record_of, remembered
from tests.system.running import RunningSystem, temporary_home
from workers.record import free_port

pytestmark = [pytest.mark.servers, pytest.mark.timeout(600)]


def asked(system: RunningSystem, path: str) -> list[dict]:
    url = httpx.URL(system.settings.amqp_management_url)
    return httpx.get(
        f"{url.copy_with(username=None, password=None)}/api/{path}", auth=(url.username, url.password)
    ).json()


def names(system: RunningSystem, path: str) -> set[str]:
    return {one["name"] for one in asked(system, path)}


USERS = {"taskpool", "taskpool.approval", "taskpool.invoicing", "taskpool.hosted"}


def consumers(system: RunningSystem) -> dict[str, set[str]]:
    users = {one["name"]: one["user"] for one in asked(system, "connections")}
    found: dict[str, set[str]] = {}
    for consumer in asked(system, "consumers"):
        user = users[consumer["channel_details"]["connection_name"]]
        found.setdefault(consumer["queue"]["name"], set()).add(user)
    return found


def test_every_application_works_as_its_own_user(running_system: RunningSystem) -> None:
    users = names(running_system, "users")
    assert users >= USERS
    assert "guest" not in users
    read_by = consumers(running_system)
    for application in ("approval", "invoicing", "hosted"):
        for kind in ("engine", "publisher", "timers", "clean"):
            assert read_by[f"{kind}.{application}"] == {f"taskpool.{application}"}
    assert read_by["taskpool.projector"] == {"taskpool"}
    assert [name for name in names(running_system, "queues") if "delayed" in name] == []


def test_an_application_elsewhere_is_given_access(running_system: RunningSystem) -> None:
    done = running_system.command("access", "travel")
    assert done.returncode == 0, done.stderr
    url = done.stdout.strip().removeprefix("TASKPOOL_AMQP_URL=")
    assert url == running_system.settings.application_amqp_url("travel")
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
            system.down()
            kept = system.settings.application_amqp_url("approval")
            system.up()
            assert system.settings.application_amqp_url("approval") == kept
            assert consumers(system)["engine.approval"] == {"taskpool.approval"}
        finally:
            system.down()
