"""Aggregates that are set aside."""

from domain.aggregates.task import AssignTask, CreateTask, UserTask
from domain.identity import Key
from store.fakes.exchange_and_views import MemoryExchange, NoWakeups
from store.outbox.lanes import Leases
from tasks.publish import Publisher

NO_ROUTE = "returned: 312 NO_ROUTE for task.created.app"


def said(store, name, changes=0):
    with store.begin() as work:
        work.collect(Key("app", "task", name), CreateTask(UserTask(name, "app")))
    for number in range(changes):
        with store.begin() as work:
            work.collect(Key("app", "task", name), AssignTask(str(number)))


def opaque(name):
    return Key("app", "task", name).opaque


def park(store, *names, reason=NO_ROUTE, exchange=None):
    """The first row of each is refused until its aggregate is parked."""
    bad = {opaque(name) for name in names}
    exchange = exchange or MemoryExchange()
    exchange.refuse = lambda row: reason if row.key in bad else None
    publisher(store, exchange).ship()
    exchange.refuse = lambda _row: None
    return exchange


def publisher(store, exchange):
    return Publisher(store.database, exchange, Leases(store.database, "p#1"), NoWakeups(), max_attempts=1)
