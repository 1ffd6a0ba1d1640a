"""A web application over a real MongoDB and a small engine."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from engines.spiff.saved import job_variables
from settings import DEMO, Settings
from store.health.last_hour import LastHour
from store.identity.sessions import MemorySessions
from store.lists.acts import ActsInViews
from store.lists.attributes import Attributes
from store.lists.due_tasks import DueTasks
from store.lists.entry_list import EntryList
from store.lists.process_list import CommandList, ProcessList
from store.lists.task_list import Documents, TaskList
from store.live.hub import Hub
from store.people.changes import Changes
from store.people.left import LeftByPeople
from store.people.notices import Notices
from store.people.operator_acts import OperatorActs
from store.people.untold import Untold
from store.people.wishes import Calendars, WishesOfPeople
from tasks import fetch_tasks
from tasks.external_tasks import ExternalTasks
from tasks.fetch_tasks import Fetching
from tasks.operate.operations import Operations, open_operations
from tests.read_side import own_views
from tests.webapp.stand_in import DirectAsking
from webapp.identity.accounts import open_accounts
from webapp.identity.guesses import Guesses
from webapp.server.factory import create_app
from webapp.server.opening import lifetime_of
from webapp.services import Services

OTHERS = (
    "data_entry",
    "data_entry_history",
    "comment",
    "draft",
    "saved_filter",
    "notice",
    "calendar",
    "notice_wishes",
    "operator_act",
    "change_notice",
)


def web_settings(mongo_url: str = "", **others: Any) -> Settings:
    values = {"profile": DEMO, "secret_key": "for tests only", "operator_token": "operate", **others}
    return Settings(
        home=Path(),
        host="127.0.0.1",
        port=0,
        amqp_url="",
        mongo_url=mongo_url,
        mongo_database="",
        redis_url="",
        sql_url=None,
        **values,
    )


def no_operations(database: Documents) -> Operations:
    return open_operations("", lambda _name: "sqlite://", ("hosted",), lambda _name: None, OperatorActs(database))


def services_over(database: Documents, settings: Settings, operations: Operations | None = None) -> Services:
    hub = Hub(database)
    operations = operations or no_operations(database)
    return Services(
        settings=settings,
        tasks=TaskList(database),
        entries=EntryList(database),
        attributes=Attributes(database),
        left=LeftByPeople(database),
        notices=Notices(database),
        changes=Changes(database),
        untold=Untold(database),
        wishes=WishesOfPeople(database),
        calendars=Calendars(database, settings.secret_key),
        due=DueTasks(database),
        processes=ProcessList(database),
        commands=CommandList(database),
        acts=ActsInViews(database),
        last_hour=LastHour(database),
        hub=hub,
        asking=DirectAsking(database, hub),
        accounts=open_accounts(settings),
        sessions=MemorySessions(lifetime_of(settings)),
        guesses=Guesses(""),
        operations=operations,
        fetching=Fetching(operations.databases, job_variables),
        external_tasks=ExternalTasks(operations.databases),
    )


@pytest.fixture(autouse=True)
def looking_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """That there was no external task a moment ago is not known any more when there is one."""
    monkeypatch.setattr(fetch_tasks, "LOOK_SECONDS", -1.0)


@pytest.fixture(scope="module")
def opened(servers: Any) -> Iterator[tuple[Documents, Services]]:
    with own_views(servers.mongo_url) as database:
        services = services_over(database, web_settings(servers.mongo_url))
        services.hub.start()
        deadline = time.monotonic() + 10
        while not services.hub.running and time.monotonic() < deadline:
            time.sleep(0.005)
        yield database, services
        services.hub.stop()


@pytest.fixture
def database(opened: tuple[Documents, Services]) -> Documents:
    for name in ("task", "task_history", "process_definition", "process_instance", "command", *OTHERS):
        opened[0][name].delete_many({})
    return opened[0]


@pytest.fixture
def services(opened: tuple[Documents, Services], database: Documents) -> Services:
    return opened[1]


@pytest.fixture
def engine(services: Services) -> Iterator[DirectAsking]:
    engine = services.asking
    assert isinstance(engine, DirectAsking)
    engine.asked, engine.answers, engine.heads = [], {}, {}
    yield engine
    engine.away = engine.slow = False


@pytest.fixture
def client(services: Services, engine: DirectAsking) -> FlaskClient:
    return create_app(services).test_client()
