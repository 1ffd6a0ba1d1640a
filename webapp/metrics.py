"""What the web process counts."""

from __future__ import annotations

import time

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from webapp.services import Services

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """The counters of one application, in a registry of their own."""

    def __init__(self, services: Services) -> None:
        self.registry = CollectorRegistry()
        lists = services.hub.lists
        self._gauge("taskpool_held_polls", "Requests waiting for changes").set_function(lambda: lists.held)
        self._gauge("taskpool_poll_wakes_total", "Waiting requests woken by a change").set_function(lambda: lists.wakes)
        self._gauge("taskpool_hub_running", "Whether the change stream is open").set_function(
            lambda: float(services.hub.running)
        )
        labels = ("endpoint", "method", "status")
        self.requests = Counter("taskpool_http_requests", "HTTP requests answered", labels, registry=self.registry)
        self.seconds = Histogram(
            "taskpool_http_seconds", "Time to answer", ("endpoint",), buckets=_BUCKETS, registry=self.registry
        )
        self.commands = Counter(
            "taskpool_commands", "Commands by what became of them", ("action", "status"), registry=self.registry
        )

    def install(self, app: Flask) -> None:
        """Count every request of the application."""
        app.extensions["metrics"] = self
        app.before_request(_begin)
        app.after_request(self._count)

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(name, text, registry=self.registry)

    def _count(self, response: Response) -> Response:
        endpoint = request.endpoint or "none"
        self.requests.labels(endpoint, request.method, response.status_code).inc()
        self.seconds.labels(endpoint).observe(time.perf_counter() - g.get("began", time.perf_counter()))
        return response


def _begin() -> None:
    g.began = time.perf_counter()
