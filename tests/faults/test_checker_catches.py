"""What the checker is worth: each defect planted in the system makes it complain, and the system as it is does not."""

import threading
from contextlib import contextmanager, suppress
from dataclasses import replace
from urllib.parse import urlsplit

import pika
import pytest
from pymongo import ReplaceOne
from pymongo.errors import BulkWriteError

from domain.errors import Transient
from store.events.inbox import Inbox
from store.events.unit_of_work import Store, UnitOfWork
from store.messaging.event_queue import EventQueue
from store.messaging.exchange import EventExchange, Verdicts
from store.messaging.topology import EVENTS, PROJECTOR
from store.outbox.outbox import Outbox
from store.sql import database as databases
from store.sql.database import Database
from store.views.writer import Views
from tasks.carry_out import Executor
from tasks.project import Projector
from tests.faults import log
from tests.faults.findings import Findings
from tests.faults.ledger import Ledger
from tests.faults.outside import check_answers
from tests.faults.path import REQUESTER
from tests.faults.planted import both, verdict
from tests.faults.proxy import Proxy

pytestmark = [pytest.mark.servers, pytest.mark.faults]
PAIRS = 150


@both
def test_a_projector_that_acknowledges_before_it_writes(path, broken):
    path.start()
    path.publish()
    queue = EventQueue(path.amqp)
    batches = queue.batches()
    batch = next(batch for batch in batches if batch)
    if broken:
        queue.acknowledge(batch)
    else:
        Projector(Views(path.views), queue.bury).apply(batch)
    queue.close()
    path.project()
    verdict(path, broken, "view", "history")


class Unconfirmed(EventExchange):
    """Believes that what is written to a socket has arrived."""

    def _await(self, window):
        window.verdicts = Verdicts(set(range(len(window.waiting))))


@both
def test_a_publisher_that_deletes_before_the_confirm(path, broken):
    with Proxy(urlsplit(path.amqp).port) as proxy:
        address = path.amqp.replace(f":{urlsplit(path.amqp).port}/", f":{proxy.port}/")
        exchange = (Unconfirmed if broken else EventExchange)(address)
        path.start()
        publisher = path.publisher(exchange)
        publisher.ship()
        path.start()
        proxy.drop()
        heal = threading.Timer(1.0, proxy.heal)
        heal.start()
        publisher.run(2.0, threading.Event())
        heal.join()
        exchange.close()
    path.publish()
    path.project()
    verdict(path, broken, "wire", "view")


class Careless(EventExchange):
    """Does not ask whether there is a queue."""

    def _open(self):
        super()._open()
        publish = type(self._channel).basic_publish
        self._channel.basic_publish = lambda *given, **_: publish(self._channel, *given)


@both
def test_a_publisher_that_does_not_publish_mandatory(path, broken):
    exchange = (Careless if broken else EventExchange)(path.amqp)
    publisher = path.publisher(exchange)
    path.start()
    publisher.ship()
    with pika.BlockingConnection(pika.URLParameters(path.amqp)) as connection:
        connection.channel().queue_unbind(PROJECTOR, EVENTS.name, "#")
        path.recorder.unbind()
        path.start()
        publisher.ship()
        connection.channel().queue_bind(PROJECTOR, EVENTS.name, "#")
        path.recorder.declare()
    publisher.run(1.5, threading.Event())
    exchange.close()
    path.project()
    verdict(path, broken, "wire", "view")


@both
def test_a_publisher_that_sends_the_newest_first(path, broken, monkeypatch):
    if broken:
        due = Outbox.due
        monkeypatch.setattr(Outbox, "due", lambda *given: due(*given)[::-1])
    with path.application.unit_of_work() as work:
        instance = work.engine.start("approve_request", {}, None, "requester1")
        task = next(event.key.id for event in work.unit.decide_and_write() if event.type == "task.created")
        work.engine.complete(instance, task, {"decision": "APPROVE"})
    path.publish()
    path.project()
    verdict(path, broken, "wire")


@both
def test_a_publisher_without_a_fence(path, broken, monkeypatch):
    """It wakes up with a verdict of long ago on lanes that are somebody else's, and parks what is perfectly well."""
    if broken:
        monkeypatch.setattr(Outbox, "_still_ours", lambda *_: databases.text("1 = 1"))
    path.start()
    exchange = EventExchange(path.amqp)
    late = path.publisher(exchange, "publisher#late", max_attempts=1)
    late.leases.refresh()
    with path.database.reading() as connection:
        window = Outbox(connection, late.leases.held).due()
    successor = path.publisher(exchange)
    successor.leases.refresh()
    assert successor.leases.held.keys() == late.leases.held.keys()
    late._apply_verdicts(window, Verdicts(failed={0: "returned, a minute ago"}))
    successor.run(0.5, threading.Event())
    exchange.close()
    path.project()
    verdict(path, broken, "parked", "outbox", "wire")


@both
def test_a_late_publisher_forgets_nothing_of_its_successors(path, broken, monkeypatch):
    """What only a lease that has passed would delete stays: the fence itself, as no later state shows this defect."""
    if broken:
        monkeypatch.setattr(Outbox, "_still_ours", lambda *_: databases.text("1 = 1"))
    path.start()
    late, successor = (path.publisher(None, f"publisher#{life}") for life in ("late", "next"))
    late.leases.refresh()
    with path.database.reading() as connection:
        window = Outbox(connection, late.leases.held).due()
    successor.leases.refresh()
    deleted = late._apply_verdicts(window, Verdicts(confirmed=set(range(len(window)))))
    assert deleted == (len(window) if broken else 0)


class FiltersOnRevision(Views):
    """The usual guard: update where the revision is smaller, insert where there is none; a duplicate is a repeat."""

    def apply(self, projected):
        for item in projected:
            document = item.document
            older = {"_id": document["_id"], "revision": {"$lt": document["revision"]}}
            write = ReplaceOne(older, document, upsert=True)
            try:
                self._database[item.collection].bulk_write([write])
            except BulkWriteError:
                continue


@both
def test_parallel_projectors_that_filter_on_the_revision(path, broken):
    """The newer of two racing inserts is the duplicate, and is dropped for it."""
    with path.application.unit_of_work() as work:
        for _ in range(PAIRS):
            instance = work.engine.start("approve_request", {}, None, "requester1")
            task = next(event.key.id for event in work.unit.decide_and_write() if event.type == "task.created")
            work.engine.complete(instance, task, {"decision": "APPROVE"})
    path.publish(2.0)
    kind = FiltersOnRevision if broken else Views
    lanes = ([], [])
    for message in _everything(path):
        lanes[b'"sequence":"1"' in message.body].append(message)
    assert min(map(len, lanes)) == 2 * PAIRS
    for _ in range(20 if broken else 1):
        for name in ("task", "process_instance"):
            path.views[name].delete_many({})
        _in_parallel(kind(path.views), lanes)
        if path.violations():
            break
    verdict(path, broken, "view")


def _everything(path):
    """All that is in the log, read from the queue and acknowledged."""
    with path.database.reading() as connection:
        wanted = connection.exec_driver_sql("SELECT count(*) FROM event").scalar()
    messages, queue = [], EventQueue(path.amqp)
    for batch in queue.batches():
        if batch:
            messages += batch
            queue.acknowledge(batch)
        if len(messages) >= wanted:
            break
    queue.close()
    return messages


def _in_parallel(views, lanes):
    """Two projectors, each with its revision of the same aggregates, one message at a time."""
    together = threading.Barrier(len(lanes))

    def work(messages):
        projector = Projector(views, lambda *_: None)
        for message in messages:
            together.wait(10)
            _patiently(projector, message)

    order = sorted(lanes, key=len)
    pairs = {_key(message): message for message in order[0]}
    other = {_key(message): message for message in order[1]}
    rest = [message for key, message in other.items() if key not in pairs]
    shared = [key for key in pairs if key in other]
    threads = [threading.Thread(target=work, args=([side[key] for key in shared],)) for side in (pairs, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    Projector(views, lambda *_: None).apply(rest)


def _patiently(projector, message):
    while True:
        try:
            return projector.apply([message])
        except Transient:
            continue


def _key(message):
    return message.body.partition(b'"partitionkey":"')[2][:36]


class LastOneWins(Views):
    """Replaces whatever is there."""

    def apply(self, projected):
        for item in projected:
            document = item.document
            self._database[item.collection].replace_one({"_id": document["_id"]}, document, upsert=True)


@both
def test_a_projector_without_a_guard_under_reordering(path, broken):
    path.start()
    path.publish()
    queue = EventQueue(path.amqp)
    early = next(batch for batch in queue.batches() if batch)
    queue.close()
    path.executor.carry_out(path.request("claim", _open_task(path)))
    path.publish()
    views = (LastOneWins if broken else Views)(path.views)
    path.project(views)
    Projector(views, lambda *_: None).apply(early)
    verdict(path, broken, "view")


@both
def test_a_savepoint_that_does_not_forget(path, broken, monkeypatch):
    """The engine in memory is ahead of its events, and is saved."""
    if broken:
        monkeypatch.setattr(UnitOfWork, "savepoint", _remembering)
    path.start()
    path.publish()
    path.project()
    task = path.open_task()
    with path.application.unit_of_work() as work:
        try:
            with work.savepoint():
                work.engine.complete(task["processInstanceId"], task["engineTaskId"], {"decision": "APPROVE"})
                raise KeyError
        except KeyError:
            pass
    path.publish()
    path.project()
    verdict(path, broken, "engine")


@contextmanager
def _remembering(self):
    said = list(self._said)
    try:
        with self.connection.begin_nested():
            yield
    except BaseException:
        self._said = said
        raise


@both
def test_an_inbox_that_is_not_asked(path, broken, monkeypatch):
    if broken:
        monkeypatch.setattr(Inbox, "seen", lambda *_: False)
        monkeypatch.setattr(Inbox, "remember", lambda *_: None)
    request = path.request("start", user=REQUESTER, key="approve_request", variables={})
    for _ in range(2):
        path.executor.carry_out(request)
    path.publish()
    path.project()
    verdict(path, broken, "command")


@both
def test_two_writers_on_sqlite_that_begin_without_reserving(path, broken, monkeypatch):
    """Uniqueness keeps the data whole even so; what suffers is that one of two is refused without having waited."""
    if broken:
        monkeypatch.setattr(databases, "_begin_immediate", lambda connection: connection.exec_driver_sql("BEGIN"))
    path.start()
    path.start()
    path.publish()
    path.project()
    tasks = [task["engineTaskId"] for task in path.views.task.find({"state": "open"})]
    database, together, ledger = Database(path.sql, "approval"), threading.Barrier(2), Ledger()
    seen = Inbox.seen
    monkeypatch.setattr(Inbox, "seen", lambda *given: (seen(*given), _meet(together))[0])
    executor = Executor(Store(database).begin, path.application.engine_of, path.executor.now)
    threads = [threading.Thread(target=_claim, args=(path, executor, task, ledger)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    database.close()
    path.publish()
    path.project()
    assert path.violations() == set()
    findings = Findings()
    check_answers(ledger, [log.read(path.database, "approval", findings)], findings)
    assert findings.kinds == ({"answer"} if broken else set())


def _meet(barrier):
    with suppress(threading.BrokenBarrierError):
        barrier.wait(1.0)


def _claim(path, executor, task, ledger):
    """Once, without the patience that a job has."""
    asked = ledger.ask("approver1", "claim", f"/tasks/{task}/claim", task)
    with suppress(Transient):
        executor.carry_out(replace(path.request("claim", task), command_id=asked.command_id))
        asked.status = 200


def _open_task(path):
    with path.database.reading() as connection:
        return connection.exec_driver_sql("SELECT id FROM aggregate WHERE aggregate = 'task'").scalar()
