"""What the web process opens, from its settings."""

from __future__ import annotations

from functools import partial

from celery import Celery

from domain.errors import StoreUnavailable
from settings import HOSTED, Settings
from store.changes import Hub
from store.command_view import CommandView
from store.database import Database
from store.dispatch import Dispatcher
from store.process_list import CommandList, ProcessList
from store.readiness import broker_answers, mongodb_answers, redis_answers
from store.signals import Signals
from store.task_list import Documents, TaskList
from store.unit_of_work import Store
from store.view_pointer import LiveViews
from store.views import connect
from tasks.ask import Asking
from tasks.operations import open_operations
from webapp.accounts import open_accounts
from webapp.services import Services


def open_services(settings: Settings) -> Services:
    """Everything one web process needs; the hub is not started yet."""
    database = connect(settings.mongo_url, settings.mongo_database)
    views = LiveViews(database)
    hub = Hub(database, views)
    return Services(
        settings=settings,
        tasks=TaskList(views),
        processes=ProcessList(views),
        commands=CommandList(views),
        hub=hub,
        asking=_asking(settings, database, hub),
        accounts=open_accounts(settings),
        operations=open_operations(
            settings.amqp_url,
            settings.database_url,
            (*settings.applications, HOSTED),
            Signals(settings.redis_url).wake,
        ),
        needed={
            "mongodb": partial(mongodb_answers, database),
            "rabbitmq": partial(broker_answers, settings.amqp_url),
            "hub": partial(_is_listening, hub),
        },
        helpful={"redis": partial(redis_answers, settings.redis_url)},
    )


def _asking(settings: Settings, database: Documents, hub: Hub) -> Asking:
    celery = Celery("taskpool", config_source="celeryconfig")
    host = Store(Database(settings.database_url(HOSTED), HOSTED))
    return Asking(CommandView(database), Dispatcher(celery), hub, host, settings.applications)


def _is_listening(hub: Hub) -> None:
    if not hub.running:
        raise StoreUnavailable("the change stream is not open")
