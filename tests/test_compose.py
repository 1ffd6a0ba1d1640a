"""`compose.yaml`: valid by the Compose specification (checked once by hand); here, what our settings need of it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
KNOWN = {"image", "hostname", "environment", "command", "ports", "volumes", "healthcheck"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


def test_it_has_the_servers_of_a_system(compose: dict[str, Any]) -> None:
    images = {name: service["image"] for name, service in compose["services"].items()}
    assert images == {
        "rabbitmq": "rabbitmq:3.10-management",
        "mongodb": "mongo:6.0",
        "redis": "redis:7",
        "postgresql": "postgres:15",
    }


def test_every_service_uses_keys_that_compose_knows(compose: dict[str, Any]) -> None:
    assert set(compose) == {"services", "volumes"}
    for service in compose["services"].values():
        assert set(service) <= KNOWN
        assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")


def test_every_port_is_on_the_loopback_interface_only(compose: dict[str, Any]) -> None:
    ports = [port for service in compose["services"].values() for port in service["ports"]]
    assert all(port.startswith("127.0.0.1:") and port.count(":") == 2 for port in ports)
    assert len(set(ports)) == len(ports)


def test_every_named_volume_is_declared(compose: dict[str, Any]) -> None:
    used = {volume.split(":")[0] for service in compose["services"].values() for volume in service.get("volumes", ())}
    assert used == set(compose["volumes"])


def test_mongodb_is_a_replica_set_that_its_health_check_makes(compose: dict[str, Any]) -> None:
    mongodb = compose["services"]["mongodb"]
    assert mongodb["command"][mongodb["command"].index("--replSet") + 1] == "rs0"
    assert "rs.initiate" in mongodb["healthcheck"]["test"][-1]
