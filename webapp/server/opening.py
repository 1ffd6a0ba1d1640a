"""What the web process opens, from its settings."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from celery import Celery

from engines.spiff.saved import job_variables
from settings import HOSTED, WEB_USER, Settings
from store.events.unit_of_work import Store
from store.health.last_hour import LastHour
from store.identity.sessions import Lifetime, MongoSessions
from store.lists.acts import ActsInViews
from store.lists.attributes import Attributes
from store.lists.due_tasks import DueTasks
from store.lists.entry_list import EntryList
from store.lists.process_list import CommandList, ProcessList
from store.lists.task_list import Documents, TaskList
from store.live.hub import Hub
from store.messaging.dispatch import Dispatcher
from store.messaging.signing import Signer
from store.messaging.wakeups import Signals
from store.people.changes import Changes
from store.people.left import LeftByPeople
from store.people.notices import Notices
from store.people.operator_acts import OperatorActs
from store.people.untold import Untold
from store.people.wishes import Calendars, WishesOfPeople
from store.sql.database import Database
from store.views.commands import CommandView
from store.views.generations import LiveViews
from store.views.writer import connect
from tasks.ask import Asking
from tasks.external_tasks import ExternalTasks
from tasks.fetch_tasks import Fetching
from tasks.operate.operations import open_operations
from webapp.identity.accounts import open_accounts
from webapp.identity.guesses import Guesses
from webapp.server import parts
from webapp.services import Services


def open_services(settings: Settings) -> Services:
    """Everything one web process needs; the hub is not started yet."""
    opened = partial(connect, settings.views_url(WEB_USER), settings.mongo_database, retries_writes=True)
    database, durable = opened(majority_read=True), opened()
    views = LiveViews(database)
    hub = Hub(database, views)
    stores = (*settings.applications, HOSTED)
    wake, acts = Signals(settings.redis_url).wake, OperatorActs(durable)
    operations = open_operations(settings.amqp_url, settings.database_url, stores, wake, acts)
    return Services(
        settings=settings,
        tasks=TaskList(views),
        entries=EntryList(views),
        attributes=Attributes(views),
        left=LeftByPeople(durable),
        notices=Notices(durable),
        changes=Changes(durable),
        untold=Untold(durable),
        wishes=WishesOfPeople(durable),
        calendars=Calendars(durable, settings.secret_key),
        due=DueTasks(views),
        processes=ProcessList(views),
        commands=CommandList(views),
        acts=ActsInViews(views),
        last_hour=LastHour(durable),
        hub=hub,
        asking=_asking(settings, database, hub),
        accounts=open_accounts(settings),
        sessions=MongoSessions(durable, lifetime_of(settings)),
        guesses=Guesses(settings.redis_url, settings.guesses_per_minute),
        operations=operations,
        fetching=Fetching(operations.databases, job_variables),
        external_tasks=ExternalTasks(operations.databases),
        required_checks=parts.required_checks(settings, database, hub, operations.databases),
        optional_checks=parts.optional_checks(settings),
    )


def lifetime_of(settings: Settings) -> Lifetime:
    """How long sessions last here."""
    return Lifetime(timedelta(hours=settings.session_idle_hours), timedelta(hours=settings.session_hours))


def _asking(settings: Settings, database: Documents, hub: Hub) -> Asking:
    celery = Celery("taskpool", config_source="celeryconfig")
    host = Store(Database(settings.database_url(HOSTED), HOSTED))
    # Without a key of its own a web sends what no engine will believe: better than not showing the list.
    dispatcher = Dispatcher(celery, Signer(settings.signing_key).sign) if settings.signing_key else Dispatcher(celery)
    return Asking(CommandView(database), dispatcher, hub, host, settings.applications)
