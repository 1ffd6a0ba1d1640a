"""What is said in a store, and who ships it."""

from time import sleep

from sqlalchemy import text

from domain.aggregates.task import AssignTask, CreateTask, UserTask
from domain.identity import Key
from store.fakes.exchange_and_views import NoWakeups
from store.outbox.lanes import Leases
from tasks.publish import Publisher


def said(store, name, changes=0):
    with store.begin() as work:
        work.collect(Key("app", "task", name), CreateTask(UserTask(name, "app")))
    for number in range(changes):
        with store.begin() as work:
            work.collect(Key("app", "task", name), AssignTask(str(number)))


def publisher(store, exchange, owner="p#1", **options):
    return Publisher(store.database, exchange, Leases(store.database, owner), NoWakeups(), **options)


def url_of(database):
    return database.engine.url.set(drivername=database.engine.dialect.name).render_as_string(hide_password=False)


def pause():
    sleep(0.01)


def later(store):
    with store.database.transaction() as connection:
        connection.execute(text("UPDATE outbox SET not_before = 0 WHERE not_before IS NOT NULL"))
