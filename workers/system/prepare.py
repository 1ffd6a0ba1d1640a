"""What must exist before the first process works: schemas, exchanges and queues, collections and indexes, examples."""

from __future__ import annotations

from functools import partial
from importlib.resources import files

from settings import HOSTED, Settings
from store.events.unit_of_work import Store
from store.messaging.topology import declare, without_notices
from store.messaging.wakeups import Signals
from store.views.indexes import indexes
from store.views.older import adopt
from store.views.writer import Views, connect
from workers.fleet.broker_users import create_users
from workers.fleet.caretaker import prepared
from workers.fleet.wiring import prepared_database, process_application
from workers.system import replica_set

EXAMPLES = {"approval": "approval.bpmn", "invoicing": "invoicing.bpmn"}


def prepare(settings: Settings) -> None:
    """Create what is missing and bring up to date what is old; repeating it changes nothing."""
    applications = (*settings.applications, HOSTED)
    for application in applications:
        prepared_database(settings, application).close()
    ways = settings.notifying
    declare(settings.amqp_url, applications, notices=ways.is_on, changes=ways.tells_changes)
    if not ways.is_on:
        without_notices(settings.amqp_url)
    create_users(settings, applications)
    replica_set.let_in(settings)
    views = connect(settings.mongo_url, settings.mongo_database)
    Views(views).prepare(indexes())
    for one in prepared(settings, views):
        one.prepare()


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


def adopt_older(settings: Settings) -> bool:
    """Whether people read documents that lack what this version searches; operators see them, too, from now on."""
    documents = connect(settings.mongo_url, settings.mongo_database)
    try:
        return adopt(documents)
    finally:
        documents.client.close()
