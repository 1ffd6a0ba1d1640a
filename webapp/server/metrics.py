"""What Prometheus is told: what all processes have counted, and how it all is at this moment."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from observe import metrics
from settings import HOSTED
from store.health.backlog import COUNTED_TO, backlog
from store.health.checks import Questions, queue_depths, sign_of_life_age, within
from store.messaging.topology import DEAD, DEAD_COMMANDS, NOTIFIER, PROJECTOR
from store.people.changes import Changes
from store.people.notices import Notices
from webapp.server.health import Readiness
from webapp.server.parts import NOTIFIER_PROCESS, processes
from webapp.services import Services

PATIENCE_SECONDS = 0.7
"""Everything is asked at once; a scrape takes hardly longer than this, whatever is down."""

GAUGES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "taskpool_ready": ("1 when the part works, as in `/readyz`", ("part",)),
    "taskpool_answered": ("1 when the numbers of this source came in time; 0: they are missing here", ("source",)),
    "taskpool_sign_of_life_age_seconds": ("Since the process last showed that it works", ("process",)),
    "taskpool_outbox_events": (f"Events that wait to be published, counted to {COUNTED_TO}", ("store",)),
    "taskpool_outbox_oldest_seconds": ("How long the first of them has waited", ("store",)),
    "taskpool_parked": (f"Aggregates that wait for an operator, counted to {COUNTED_TO}", ("store",)),
    "taskpool_incidents": (f"Open incidents, counted to {COUNTED_TO}", ("store",)),
    "taskpool_lanes_unheld": ("Lanes that no living publisher has leased", ("store",)),
    "taskpool_received_waiting": (f"Records received and not yet applied, counted to {COUNTED_TO}", ("store",)),
    "taskpool_timers_overdue_seconds": ("How long the first due timer has waited", ("store",)),
    "taskpool_queue_messages": (
        "Messages that wait, besides what its readers hold; of the projector's queue, its lag",
        ("queue",),
    ),
    "taskpool_queue_consumers": ("Who reads the queue", ("queue",)),
    "taskpool_notices_waiting": (
        "Notices that are not over; those to people and those of changes are each counted to 100000",
        (),
    ),
    "taskpool_notices_failed": ("Notices given up in the last 90 days, of changes in 7, each counted to 100000", ()),
    "taskpool_held_polls": ("Requests waiting for changes, in the web process that answers", ()),
    "taskpool_hub_running": ("1 when its change stream is open", ()),
}
WAKES = "taskpool_poll_wakes", "Waiting requests woken by a change"

_Sample = tuple[str, list[str], float]
_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})


def install(app: Flask, services: Services) -> None:
    """Count every request, and have the numbers ready for `/metrics`."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(metrics.counted())
    registry.register(Now(services, app.extensions["readiness"]))
    app.extensions["metrics"] = registry
    app.after_request(_count)


class Now(Collector):
    """How it all is now. What does not answer in time is left out: an old number would look like a good one."""

    def __init__(self, services: Services, readiness: Readiness) -> None:
        self._services, self._readiness, self._settings = services, readiness, services.settings
        stores = (*self._settings.applications, HOSTED)
        notices = self._settings.notifying.is_on
        queues = [PROJECTOR, DEAD, DEAD_COMMANDS, *([NOTIFIER] if notices else [])]
        queues += [f"engine.{name}" for name in stores]
        self._sources: Questions[Iterable[_Sample]] = Questions(
            {
                "queues": lambda: _of_queues(queue_depths(self._settings.amqp_url, queues)),
                **({"notices": self._of_notices} if notices else {}),
                **{f"sql.{name}": partial(self._of_store, name) for name in stores},
            }
        )

    def collect(self) -> Iterable[Metric]:
        """Ask everybody at once, for a second at most."""
        families = {name: GaugeMetricFamily(name, text, labels=labels) for name, (text, labels) in GAUGES.items()}
        for name, labels, value in self._samples():
            families[name].add_metric(labels, float(value))
        yield from families.values()
        yield CounterMetricFamily(*WAKES, value=self._services.hub.lists.wakes)

    def _samples(self) -> Iterator[_Sample]:
        yield from self._of_this_process()
        told = [NOTIFIER_PROCESS] if self._settings.notifying.is_on else []
        for name in [*processes(self._settings), *told]:
            if (age := sign_of_life_age(self._settings.home, name)) is not None:
                yield "taskpool_sign_of_life_age_seconds", [name], age
        asked = self._sources.ask()
        for part, works in self._readiness.parts(PATIENCE_SECONDS).items():
            yield "taskpool_ready", [part], works
        for source, samples in within(asked, 0.1).items():
            yield "taskpool_answered", [source], not isinstance(samples, Exception)
            yield from () if isinstance(samples, Exception) else samples

    def _of_this_process(self) -> Iterator[_Sample]:
        hub = self._services.hub
        yield "taskpool_held_polls", [], hub.lists.held
        yield "taskpool_hub_running", [], hub.running

    def _of_notices(self) -> list[_Sample]:
        told: tuple[Notices | Changes, ...] = (self._services.notices, self._services.changes)
        return [
            ("taskpool_notices_waiting", [], sum(one.waiting() for one in told)),
            ("taskpool_notices_failed", [], sum(one.failed() for one in told)),
        ]

    def _of_store(self, store: str) -> list[_Sample]:
        with self._services.operations.databases.open(store).reading() as connection:
            found = backlog(connection)
        return [
            ("taskpool_outbox_events", [store], found.outbox),
            ("taskpool_outbox_oldest_seconds", [store], found.outbox_oldest),
            ("taskpool_parked", [store], found.parked),
            ("taskpool_incidents", [store], found.incidents),
            ("taskpool_lanes_unheld", [store], found.lanes_unheld),
            ("taskpool_received_waiting", [store], found.received),
            ("taskpool_timers_overdue_seconds", [store], found.timers_overdue),
        ]


def _of_queues(depths: Mapping[str, tuple[int, int]]) -> list[_Sample]:
    waiting = [("taskpool_queue_messages", [queue], float(messages)) for queue, (messages, _) in depths.items()]
    return waiting + [("taskpool_queue_consumers", [queue], float(readers)) for queue, (_, readers) in depths.items()]


def _count(response: Response) -> Response:
    endpoint = request.endpoint or "none"
    # Only what we know: everything else is made up by whoever asks, and would be kept for ever.
    method = request.method if request.method in _METHODS else "other"
    metrics.requests.labels(endpoint, method, response.status_code).inc()
    metrics.request_seconds.labels(endpoint).observe(time.perf_counter() - g.began)
    return response
