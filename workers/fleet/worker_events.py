"""What workers tell Flower about themselves: losing some of it is nothing, waiting for it for ever is an outage."""

from __future__ import annotations

from typing import Any

from celery.app.events import Events
from celery.events import EventDispatcher

TWICE = {"max_retries": 1, "interval_start": 0.0, "interval_step": 0.0, "interval_max": 0.0}


class BoundedDispatcher(EventDispatcher):  # type: ignore[misc] # celery has no types
    """Celery's own, but it gives up.

    A heartbeat is sent from the loop that takes jobs, and without a policy kombu tries for ever: after some cuts it
    declares the exchange on a channel that is gone, hundreds of times a second, and the worker takes no job any more.
    """

    def _publish(self, *event: Any, retry_policy: Any = None, **options: Any) -> None:
        super()._publish(*event, retry_policy=retry_policy or TWICE, **options)


class BoundedEvents(Events):  # type: ignore[misc] # celery has no types
    """Where Celery finds it."""

    dispatcher_cls = "workers.fleet.worker_events:BoundedDispatcher"
