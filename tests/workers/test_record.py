"""What `up` decides and keeps."""

import json
import socket
from pathlib import Path

import pytest

from settings import InvalidSetting, record_of, remembered
from workers.system.record import decide, free_port

PORTS = ("TASKPOOL_AMQP_PORT", "TASKPOOL_MONGO_PORT", "TASKPOOL_REDIS_PORT", "TASKPOOL_FLOWER_PORT")


def environment(home: Path, **more: str) -> dict[str, str]:
    return {"TASKPOOL_HOME": str(home), "TASKPOOL_PORT": str(free_port()), **more}


@pytest.fixture
def listener() -> socket.socket:
    with socket.socket() as server:
        server.bind(("127.0.0.1", free_port()))
        server.listen()
        yield server


def test_ports_and_secrets_are_the_same_the_next_time(tmp_path: Path) -> None:
    first = decide(environment(tmp_path))
    kept = remembered(tmp_path)
    second = decide(environment(tmp_path))
    assert (first.amqp_url, first.secret_key, first.operator_token) == (
        second.amqp_url,
        second.secret_key,
        second.operator_token,
    )
    assert {kept[name] for name in PORTS} == {remembered(tmp_path)[name] for name in PORTS}
    assert len({kept[name] for name in PORTS}) == len(PORTS)


def test_a_home_of_an_earlier_version_gets_what_it_lacks(tmp_path: Path) -> None:
    first = decide(environment(tmp_path))
    old = {name: value for name, value in remembered(tmp_path).items() if "APPLICATION_SECRET" not in name}
    record_of(tmp_path).write_text(json.dumps(old))
    second = decide(environment(tmp_path))
    assert second.amqp_url == first.amqp_url
    assert second.application_secret
    assert decide(environment(tmp_path)).application_secret == second.application_secret


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    decide(environment(tmp_path))
    assert record_of(tmp_path).stat().st_mode & 0o777 == 0o600


def test_an_automatic_port_that_was_taken_meanwhile_is_chosen_again(tmp_path: Path, listener: socket.socket) -> None:
    decide(environment(tmp_path))
    taken = str(listener.getsockname()[1])
    record_of(tmp_path).write_text(json.dumps(remembered(tmp_path) | {"TASKPOOL_AMQP_PORT": taken}))
    decide(environment(tmp_path))
    assert remembered(tmp_path)["TASKPOOL_AMQP_PORT"] != taken


@pytest.mark.parametrize("name", ["TASKPOOL_PORT", "TASKPOOL_MONGO_PORT"])
def test_a_port_that_was_asked_for_and_is_taken_is_named(tmp_path: Path, name: str, listener: socket.socket) -> None:
    taken = str(listener.getsockname()[1])
    with pytest.raises(InvalidSetting, match=rf"port {taken} is already in use; .* set {name} to a free port"):
        decide(environment(tmp_path) | {name: taken})
    assert not record_of(tmp_path).exists()


def test_two_settings_cannot_name_one_port(tmp_path: Path) -> None:
    port = str(free_port())
    with pytest.raises(InvalidSetting, match=f"port {port}, and so does another setting"):
        decide(environment(tmp_path) | {"TASKPOOL_REDIS_PORT": port, "TASKPOOL_MONGO_PORT": port})


def test_an_address_given_once_is_not_kept_for_the_next_time(tmp_path: Path) -> None:
    assert "redis" not in decide(environment(tmp_path, TASKPOOL_REDIS_URL="redis://there")).own_servers
    assert "redis" in decide(environment(tmp_path)).own_servers


def test_a_demo_secret_is_not_good_enough_for_production(tmp_path: Path) -> None:
    decide(environment(tmp_path))
    with pytest.raises(InvalidSetting, match="TASKPOOL_SECRET_KEY is missing"):
        decide(environment(tmp_path, TASKPOOL_PROFILE="production"))
