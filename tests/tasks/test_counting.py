"""What the publisher, the projector and the engine count while they work."""

import logging
import time
from datetime import UTC, datetime
from threading import Event
from types import SimpleNamespace

import pytest

from domain.access import User
from domain.errors import BrokerUnavailable
from domain.events.envelope import Envelope
from domain.identity import Key
from domain.requests.request import Request
from domain.values import iso
from observe import metrics
from store.fakes.exchange_and_views import MemoryExchange
from store.messaging.topology import PROJECTOR
from tasks.carry_out import Executor
from tests.store.databases import each_database
from tests.support.publishing import publisher, said
from workers.fleet import projector


def value(counter, *labels):
    return (counter.labels(*labels) if labels else counter)._value.get()


def observed(histogram, *labels):
    return next(
        sample.value
        for sample in (histogram.labels(*labels) if labels else histogram)._child_samples()
        if sample.name == "_count"
    )


@pytest.fixture
def grown():
    """How much each of these has grown since it was first asked about."""
    before = {}

    def growth(*counter_and_labels):
        now = value(*counter_and_labels)
        return now - before.setdefault(counter_and_labels, now)

    return growth


@each_database
def test_what_arrives_what_does_not_and_what_is_parked(store, grown):
    name = store.database.application
    counters = [
        (metrics.events, "app", "task.created"),
        (metrics.published, name),
        (metrics.unpublished, name, "returned"),
        (metrics.aggregates_parked, name),
        (metrics.fenced, name),
    ]
    for counter in counters:
        grown(*counter)
    windows = observed(metrics.window_rows, name)
    said(store, "bad")
    said(store, "good")
    bad = Key("app", "task", "bad").opaque
    refusing = MemoryExchange(refuse=lambda row: "returned: 312" if row.key == bad else None)
    publisher(store, refusing, max_attempts=1).ship()
    assert [grown(*counter) for counter in counters] == [2, 1, 1, 1, 0]
    assert observed(metrics.window_rows, name) == windows + 1


@each_database
def test_rows_confirmed_to_a_publisher_that_had_lost_their_lanes(store, grown):
    name = store.database.application
    grown(metrics.fenced, name)
    said(store, "a", changes=1)

    class Slow(MemoryExchange):
        def publish(self, rows):
            publisher(store, MemoryExchange(), "p#2").leases.refresh()
            return MemoryExchange.publish(self, rows)

    publisher(store, Slow(), "p#1").ship()
    assert grown(metrics.fenced, name) == 2


@each_database
def test_a_publisher_shows_that_it_works_also_while_it_waits(store, grown):
    class Away(MemoryExchange):
        def publish(self, rows):
            raise BrokerUnavailable("away")

    name, shown = store.database.application, []
    grown(metrics.backoffs, name, "BrokerUnavailable")
    said(store, "a")
    stop = SimpleNamespace(is_set=lambda: len(shown) > 2, wait=lambda _seconds: None)
    publisher(store, Away(), alive=lambda: shown.append(1)).run(5, stop)
    assert len(shown) == 3
    assert grown(metrics.backoffs, name, "BrokerUnavailable") == 3


@each_database
def test_a_publisher_that_has_only_tried_again_for_long_shows_no_sign_of_life(store, monkeypatch):
    class Away(MemoryExchange):
        away = True

        def publish(self, rows):
            if self.away:
                raise BrokerUnavailable("away")
            return MemoryExchange.publish(self, rows)

    monkeypatch.setattr("tasks.publish.FRUITLESS_SECONDS", 0.3)
    shown, exchange, stop = [], Away(), Event()
    worker = publisher(store, exchange, alive=lambda: shown.append(time.monotonic()))
    said(store, "a")
    worker.run(0.25, stop)
    assert shown
    worker.run(0.6, stop)
    count = len(shown)
    worker.run(0.2, stop)
    assert len(shown) == count, "and in the next slice neither"
    exchange.away = False
    worker.run(0.5, stop)
    worker.run(0.1, stop)
    assert len(shown) > count


def event(kind, moment, routing_key=None, traceparent=None):
    key = Key("app", kind, "1")
    envelope = Envelope(key, 1, 1, f"{kind}.created", iso(moment), {}, {}, traceparent=traceparent)
    return SimpleNamespace(routing_key=routing_key or envelope.routing_key), envelope


def test_how_long_it_took_is_observed_once_per_unit_of_work_and_not_for_what_is_sent_again(caplog):
    now = time.time()
    first, second = datetime.fromtimestamp(now - 2, UTC), datetime.fromtimestamp(now - 1, UTC)
    trace = "0af7651916cd43dd8448eb211c80319c"
    units, seconds = observed(metrics.visible_seconds), metrics.visible_seconds._sum.get()
    with caplog.at_level(logging.INFO):
        projector._record_metrics(
            [
                *(event("task", first) for _ in range(3)),
                event("command", second, traceparent=f"00-{trace}-b7ad6b7169203331-01"),
                event("task", datetime(2020, 1, 1, tzinfo=UTC), PROJECTOR),
                event("command", datetime(2020, 1, 1, tzinfo=UTC), PROJECTOR),
            ],
            now,
        )
    assert observed(metrics.visible_seconds) == units + 2
    assert metrics.visible_seconds._sum.get() - seconds == pytest.approx(3, abs=0.01)
    (line,) = [record for record in caplog.records if record.message == "outcomes_visible"]
    assert line.trace_ids == [trace]


@each_database
def test_a_command_is_counted_once_however_often_it_comes(store, grown):
    counter = (metrics.commands, "app", "start", "rejected")
    grown(*counter)
    times = ("2026-01-01T00:00:00.000Z", "2999-01-01T00:01:00.000Z")
    asked = Request("c-1", "app", "start", User("rosa"), *times, arguments={"key": "p"})
    executor = Executor(store.begin, None, lambda: datetime.now(UTC))
    for _ in range(3):
        executor.carry_out(asked)
    assert grown(*counter) == 1
