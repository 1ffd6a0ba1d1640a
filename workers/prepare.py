"""What must exist before the first process works: schemas, exchanges and queues, collections and indexes, examples."""

from __future__ import annotations

from functools import partial
from importlib.resources import files

from settings import HOSTED, Settings
from store.signals import Signals
from store.topology import declare
from store.unit_of_work import Store
from store.view_indexes import INDEXES
from store.views import Views, connect
from workers.wiring import prepared_database, process_application

EXAMPLES = {"approval": "approval.bpmn", "invoicing": "invoicing.bpmn"}


def prepare(settings: Settings) -> None:
    """Create what is missing and bring up to date what is old; repeating it changes nothing."""
    applications = (*settings.applications, HOSTED)
    for application in applications:
        prepared_database(settings, application).close()
    declare(settings.amqp_url, applications)
    Views(connect(settings.mongo_url, settings.mongo_database)).prepare(INDEXES)


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
