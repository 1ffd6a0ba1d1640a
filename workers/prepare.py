"""What must exist before the first process works: schemas, exchanges and queues, collections and indexes, examples."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from importlib.resources import files

from settings import HOSTED, Settings
from store.events.unit_of_work import Store
from store.identity.sessions import Lifetime, MongoSessions
from store.messaging import users as broker_users
from store.messaging.topology import declare
from store.messaging.users import BrokerUser, application_user
from store.messaging.wakeups import Signals
from store.views.indexes import INDEXES
from store.views.writer import Views, connect
from workers import replica_set
from workers.wiring import prepared_database, process_application

EXAMPLES = {"approval": "approval.bpmn", "invoicing": "invoicing.bpmn"}


def prepare(settings: Settings) -> None:
    """Create what is missing and bring up to date what is old; repeating it changes nothing."""
    applications = (*settings.applications, HOSTED)
    for application in applications:
        prepared_database(settings, application).close()
    declare(settings.amqp_url, applications)
    create_users(settings, applications)
    replica_set.let_in(settings)
    views = connect(settings.mongo_url, settings.mongo_database)
    Views(views).prepare(INDEXES)
    MongoSessions(views, Lifetime()).prepare()


def create_users(settings: Settings, applications: Sequence[str]) -> None:
    """On a broker of our own each application has its user; on another's, its owner decides."""
    if settings.amqp_management_url:
        users = [broker_user(settings, application) for application in applications]
        broker_users.create(settings.amqp_management_url, users)


def broker_user(settings: Settings, application: str) -> BrokerUser:
    """The user of an application, with its password and rights."""
    others = settings.applications if application == HOSTED else None
    return application_user(application, settings.application_password(application), others)


def deploy_examples(settings: Settings) -> None:
    """Deploy the example processes, each once for every change of its file."""
    signals = Signals(settings.redis_url)
    for application in settings.applications:
        if application in EXAMPLES:
            database = prepared_database(settings, application)
            store = Store(database, committed=partial(signals.wake, application))
            owner = process_application(settings, application, store)
            if owner is not None:
                owner.deploy(files(f"examples.{application}").joinpath(EXAMPLES[application]).read_bytes())
            database.close()
