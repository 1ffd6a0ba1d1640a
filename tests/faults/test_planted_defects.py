"""More of what the checker is worth: the traps that were measured in other designs, planted in this one."""

import threading
import time
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from sqlalchemy import text

from domain.errors import BrokerUnavailable, StoreUnavailable
from store.engine import received
from store.engine.received import Received
from store.events.unit_of_work import UnitOfWork
from store.messaging.event_queue import EventQueue
from store.messaging.exchange import EventExchange, Verdicts
from store.outbox.outbox import Outbox
from store.outbox.parked import Parked, ParkedSelection
from store.views import writer
from store.views.writer import Views
from tasks import project as projecting
from tasks.collect import collect
from tasks.project import Projector
from tests.faults import log
from tests.faults.findings import Findings
from tests.faults.ledger import Ledger
from tests.faults.outside import check_foreign, check_units
from tests.faults.path import WholePath
from tests.faults.planted import both, verdict
from tests.faults.rollbacks import Developer, OnPurpose
from workers.system.record import free_port

pytestmark = [pytest.mark.servers, pytest.mark.faults]


@pytest.fixture
def on_postgresql(servers, tmp_path):
    made = WholePath(servers, tmp_path, postgresql=True)
    yield made
    made.close()


def start_and_finish(path):
    """One aggregate with several revisions, in one transaction."""
    with path.application.unit_of_work() as work:
        instance = work.engine.start("approve_request", {"subject": "$secret"}, None, "requester1")
        task = next(event.key.id for event in work.unit.decide_and_write() if event.type == "task.created")
        work.engine.complete(instance, task, {"decision": "APPROVE"})


# --- publisher -------------------------------------------------------------------------------------------------------


@both
def test_a_publisher_that_follows_a_cursor(on_postgresql, broken, monkeypatch):
    """Positions are drawn before they are committed: who asks for `id > last` passes over what commits late."""
    path = on_postgresql
    if broken:
        due, last = Outbox.due, [0]

        def behind(self, *given):
            rows = [row for row in due(self, *given) if row.position > last[0]]
            last[0] = max([last[0], *(row.position for row in rows)])
            return rows

        monkeypatch.setattr(Outbox, "due", behind)
    path.publish()
    drawn, may_commit = threading.Event(), threading.Event()

    def late():
        with path.application.unit_of_work() as work:
            work.engine.start("approve_request", {}, None, "requester1")
            work.unit.decide_and_write()
            drawn.set()
            may_commit.wait(30)

    thread = threading.Thread(target=late)
    thread.start()
    assert drawn.wait(30)
    path.start()
    path.publish()
    may_commit.set()
    thread.join()
    path.publish()
    path.project()
    verdict(path, broken, "wire", "outbox", "view")


@both
def test_two_publishers_that_share_rows_and_not_lanes(path, broken, monkeypatch):
    """`SKIP LOCKED`: each takes other rows, and nothing says whose go first."""
    start_and_finish(path)
    slow, quick = EventExchange(path.amqp), EventExchange(path.amqp)
    one, two = path.publisher(slow, "one#1"), path.publisher(quick, "two#1")
    if broken:
        everything = dict.fromkeys(range(64), 0)
        monkeypatch.setattr("store.outbox.lanes.Leases.refresh", lambda _: everything)
        monkeypatch.setattr(Outbox, "_still_ours", lambda *_: text("1 = 1"))
        one.leases.held = two.leases.held = everything
        due, claimed = Outbox.due, set()

        def unclaimed(self, *given):
            rows = [row for row in due(self, *given) if row.position not in claimed][:2]
            claimed.update(row.position for row in rows)
            return rows

        monkeypatch.setattr(Outbox, "due", unclaimed)
    publish = slow.publish

    def when_the_other_is_done(rows):
        while two.ship():
            continue
        return publish(rows)

    slow.publish = when_the_other_is_done
    while one.ship():
        continue
    for exchange in (slow, quick):
        exchange.close()
    path.project()
    verdict(path, broken, "wire")


class FirstRefused(EventExchange):
    """The broker refuses one row a few times; what stands before it is confirmed, what stands behind is not sent."""

    refusals = 1

    def publish(self, rows):
        if not self.refusals:
            return super().publish(rows)
        self.refusals -= 1
        return Verdicts(failed={0: "the broker refused it (nack)"})


@both
def test_a_publisher_that_goes_on_behind_a_row_that_waits(path, broken, monkeypatch):
    if broken:
        due = Outbox.due
        waiting = []

        def charge(self, row, delay):
            waiting.append((row.position, time.time() + 1.5))
            return row.attempts + 1

        def past(self, *given):
            held = {position for position, until in waiting if until > time.time()}
            return [row for row in due(self, *given) if row.position not in held]

        monkeypatch.setattr(Outbox, "charge", charge)
        monkeypatch.setattr(Outbox, "due", past)
    path.publish()
    start_and_finish(path)
    exchange = FirstRefused(path.amqp)
    path.publisher(exchange).run(3.0, threading.Event())
    exchange.close()
    path.project()
    verdict(path, broken, "wire")


@both
def test_a_publisher_that_parks_a_row_and_not_its_aggregate(path, broken, monkeypatch):
    if broken:
        monkeypatch.setattr(Outbox, "park", _park_the_row_alone)
    path.publish()
    start_and_finish(path)
    exchange = FirstRefused(path.amqp)
    publisher = path.publisher(exchange, max_attempts=1)
    publisher.ship()
    publisher.run(0.7, threading.Event())
    with path.database.transaction() as connection:
        if broken:
            connection.exec_driver_sql("UPDATE outbox SET parked = false")
        else:
            assert len(Parked(connection).retry(ParkedSelection(), "operator")) == 1
    publisher.run(1.0, threading.Event())
    exchange.close()
    path.project()
    verdict(path, broken, "wire")


def _park_the_row_alone(self, row, _reason):
    self._connection.exec_driver_sql(
        f"UPDATE outbox SET parked = true, not_before = NULL WHERE position = {row.position}"
    )


class CountsOutages(EventExchange):
    """Takes a broker that is away for a message that is bad."""

    def publish(self, rows):
        try:
            return super().publish(rows)
        except BrokerUnavailable as error:
            return Verdicts(failed={index: str(error) for index in range(len(rows))})


@both
def test_a_publisher_whose_outage_becomes_a_pile_of_poison(path, broken):
    path.start()
    away = (CountsOutages if broken else EventExchange)(
        path.amqp.replace(f":{urlsplit(path.amqp).port}/", f":{free_port()}/")
    )
    path.publisher(away, max_attempts=1).run(0.5, threading.Event())
    path.publish()
    path.project()
    verdict(path, broken, "parked", "wire", "outbox")


# --- projector -------------------------------------------------------------------------------------------------------


@both
def test_a_projector_that_lets_values_be_expressions(path, broken, monkeypatch):
    if broken:
        guarded = writer._guarded

        def bare(item):
            made = guarded(item)
            made._doc[0]["$replaceWith"]["$cond"][1] = item.document
            return made

        monkeypatch.setattr(writer, "_guarded", bare)
    start_and_finish(path)
    path.publish()
    path.project()
    verdict(path, broken, "view")


class Away(Views):
    """MongoDB is away for one batch."""

    away = True

    def apply(self, projected):
        if self.away:
            self.away = False
            raise StoreUnavailable
        super().apply(projected)


@both
def test_a_projector_that_gives_up_when_its_store_is_away(path, broken):
    path.start()
    path.publish()
    queue, batches = EventQueue(path.amqp), None
    projector = Projector(Away(path.views), queue.bury)
    batches = queue.batches()
    batch = next(one for one in batches if one)
    with pytest.raises(StoreUnavailable):
        projector.apply(batch)
    if broken:
        queue.acknowledge(batch)
    batches.close()
    path.project()
    verdict(path, broken, "view", "history")


@both
def test_a_history_that_is_not_keyed_by_the_event(path, broken, monkeypatch):
    """Delivered twice, everything happened twice."""
    if broken:
        made = projecting.project

        def anew(envelope):
            found = made(envelope)
            for item in found:
                if item.once:
                    item.document["_id"] = uuid4().hex
            return found

        monkeypatch.setattr(projecting, "project", anew)
    path.start()
    path.publish()
    queue = EventQueue(path.amqp)
    batches = queue.batches()
    Projector(Views(path.views), queue.bury).apply(next(one for one in batches if one))
    batches.close()
    path.project()
    verdict(path, broken, "history")


# --- unit of work ----------------------------------------------------------------------------------------------------


@contextmanager
def _keeps_what_was_said(self):
    """Rolls back the rows and forgets the engine's instances, but not what was collected."""
    self._flush()
    try:
        with self.connection.begin_nested():
            yield
            self._flush()
    except BaseException:
        self.heads.forget()
        for participant in self._participants:
            participant.forget(participant.touched())
        raise


@both
def test_a_savepoint_that_keeps_what_was_said_in_it(path, broken, monkeypatch):
    if broken:
        monkeypatch.setattr(UnitOfWork, "savepoint", _keeps_what_was_said)
    ledger = Ledger()
    developer = Developer(path.store, ledger, 1)
    for _ in range(3):
        kept = []
        developer._savepoint(kept)
        ledger.kept += kept
    path.publish()
    path.project()
    findings = Findings()
    check_units(ledger, [log.read(path.database, "approval", findings)], path.views, findings)
    assert findings.kinds == ({"rollback"} if broken else set()), findings.found
    verdict(path, broken, "engine")


@both
def test_events_that_are_kept_elsewhere_than_the_engine(path, broken, monkeypatch):
    """Two transactions instead of one, and a failure between them."""
    if broken:
        monkeypatch.setattr(UnitOfWork, "decide_and_write", _committing_first(UnitOfWork.decide_and_write))
    ledger = Ledger()
    ledger.undone.append("unit undone")
    with suppress(OnPurpose), path.application.unit_of_work() as work:
        work.engine.start("approve_request", {}, "unit undone", "requester1")
        work.unit.decide_and_write()
        raise OnPurpose
    path.publish()
    path.project()
    findings = Findings()
    check_units(ledger, [log.read(path.database, "approval", findings)], path.views, findings)
    assert findings.kinds == ({"rollback"} if broken else set()), findings.found


def _committing_first(settle):
    def committing(self):
        found = settle(self)
        self.connection.exec_driver_sql("COMMIT")
        self.connection.exec_driver_sql("BEGIN IMMEDIATE")
        return found

    return committing


# --- records from outside --------------------------------------------------------------------------------------------


def _records(count):
    yield {"id": "r0", "type": "task.created", "time": "2026-01-01T00:00:00Z", "subject": "case", "data": _said(0)}
    for number in range(1, count):
        kind = "task.attributes_changed"
        yield {
            "id": f"r{number}",
            "type": kind,
            "time": "2026-01-01T00:00:00Z",
            "subject": "case",
            "data": _said(number),
        }


def _said(number):
    return {"name": "Foreign", "description": f"marker {number}", "priority": 1}


def _foreign(path, ledger):
    """Posted one by one, the first of them twice, and collected."""
    for record in (*ledger.records, ledger.records[1]):
        with path.store.begin() as work:
            Received(work.connection).add("legacy", [record])
    collect(path.store.begin, path.executor.now, batch=1)
    findings = Findings()
    check_foreign(ledger, log.read(path.database, "hosted", findings), findings)
    return findings.kinds


@both
def test_records_that_are_taken_as_often_as_they_come(path, broken, monkeypatch):
    if broken:
        row = received._row
        monkeypatch.setattr(received, "_row", lambda *given: row(*given) | {"record_id": uuid4().hex})
    ledger = Ledger()
    ledger.records = list(_records(3))
    assert _foreign(path, ledger) >= ({"foreign"} if broken else set())
    assert broken or not _foreign(path, ledger)


@both
def test_records_that_are_applied_in_another_order(path, broken, monkeypatch):
    if broken:
        following = Received.next

        def newest_first(self, limit):
            found = following(self, 100)
            return [*found[:1], *found[:0:-1]][:limit] if found and found[0].position == 1 else found[::-1][:limit]

        monkeypatch.setattr(Received, "next", newest_first)
    ledger = Ledger()
    ledger.records = list(_records(4))
    found = _foreign(path, ledger)
    assert found == ({"foreign"} if broken else set())
