"""Real servers and a real system, each started once per run and only when a test asks for them."""

from __future__ import annotations

import os
from collections.abc import Iterator

import hypothesis
import pytest

from domain.events.envelope import to_cloudevent
from settings import POSTGRESQL, START_ONE_HERE, Settings
from tests.event_contract import Witness
from tests.system.running import RunningSystem, temporary_home
from workers.console import Progress
from workers.system import lifecycle
from workers.system.record import free_port

# How long something takes says nothing about whether it is right, on a machine on which others work.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def emitted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Witness]:
    """Every event that a test logs in this process keeps its published schema."""
    witness = Witness(to_cloudevent)
    monkeypatch.setattr("store.events.event_log.to_cloudevent", witness)
    yield witness
    assert witness.complaints == []


@pytest.fixture(scope="session")
def servers() -> Iterator[Settings]:
    """RabbitMQ, MongoDB, Redis and PostgreSQL of this run's own, without any worker."""
    with temporary_home() as home:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TASKPOOL_")}
        environment |= {
            "TASKPOOL_HOME": str(home),
            "TASKPOOL_PORT": str(free_port()),
            "TASKPOOL_SQL_URL": START_ONE_HERE,
        }
        try:
            settings = lifecycle.start_servers(environment, Progress())
            assert POSTGRESQL in settings.own_servers
            yield settings
        finally:
            lifecycle.down(home)


@pytest.fixture(scope="session")
def running_system() -> Iterator[RunningSystem]:
    """A whole demo system, up and ready; who breaks it repairs it."""
    with temporary_home() as home:
        system = RunningSystem(home, free_port())
        try:
            system.up()
            yield system
        finally:
            system.down()
