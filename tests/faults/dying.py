"""A process that does real work with the real servers and kills itself, -9, at one exact point.

usage: python -m tests.faults.dying POINT SQL_URL AMQP_URL MONGO_URL MONGO_DATABASE [COMMAND_JSON]
"""

import json
import os
import signal
import sys
from datetime import UTC, datetime

from domain.requests.request import from_plain
from store.events.unit_of_work import Store, UnitOfWork
from store.fakes.exchange_and_views import NoWakeups
from store.messaging.event_queue import EventQueue
from store.messaging.exchange import EventExchange
from store.messaging.topology import NOTIFIER
from store.outbox.lanes import Leases
from store.people.notices import Notices
from store.sql.database import Database
from store.views.commands import CommandView
from store.views.writer import Views, connect
from tasks.application import ProcessApplication
from tasks.carry_out import Executor
from tasks.notices.from_events import FromEvents
from tasks.project import Projector
from tasks.publish import Publisher


def die(*_arguments):
    os.kill(os.getpid(), signal.SIGKILL)


def publish_then_die(sql, amqp, _mongo, _name):
    """Between publish and delete."""
    database = Database(sql, "approval")
    exchange = EventExchange(amqp)

    class Dying:
        def publish(self, rows):
            exchange.publish(rows)
            die()

    Publisher(database, Dying(), Leases(database, "publisher#dying"), NoWakeups()).ship()


def project_then_die(_sql, amqp, mongo, name):
    """Between write and ack."""
    queue = EventQueue(amqp)
    projector = Projector(Views(connect(mongo, name)), queue.bury)
    for batch in queue.batches():
        if batch:
            projector.apply(batch)
            die()


def notice_then_die(_sql, amqp, mongo, name):
    """Between write and ack, of a notifier."""
    queue, views = EventQueue(amqp, NOTIFIER), connect(mongo, name)
    maker = FromEvents(Notices(views), CommandView(views).find, lambda: datetime.now(UTC))
    for batch in queue.batches():
        if batch:
            maker.apply(batch)
            die()


def act_then_die(sql, _amqp, _mongo, _name, command):
    """Between act and commit."""
    store = Store(Database(sql, "approval"))
    application = ProcessApplication("approval")
    application.use(store)
    # `close` is the last thing before the events are decided and the transaction commits.
    UnitOfWork.close = die
    Executor(store.begin, application.engine_of, lambda: datetime.now(UTC)).carry_out(from_plain(json.loads(command)))


POINTS = {"publish": publish_then_die, "project": project_then_die, "notice": notice_then_die, "act": act_then_die}

if __name__ == "__main__":
    POINTS[sys.argv[1]](*sys.argv[2:])
