"""Celery's consumer without what holds it up here."""

from __future__ import annotations

from typing import Any

from celery.worker.consumer import Consumer

UNCONFIRMED = {"transport_options": {"confirm_publish": False}}
TOGETHER_SECONDS = 0.1
"""How long events for Flower wait for others: sent one by one they cost a tenth of what a job does."""


class PromptConsumer(Consumer):  # type: ignore[misc] # celery has no types
    """Quorum queues, no machinery for tasks with an eta or a countdown, and events for Flower that hold up nobody.

    Nothing here is delayed, and native delayed delivery declares 28 queues. All it writes itself are events, from the
    loop that takes jobs: at a hundred jobs a second that loop waited half of its time for the broker to confirm them.
    """

    class Blueprint(Consumer.Blueprint):  # type: ignore[misc] # celery has no types
        """The usual steps but one."""

        default_steps = tuple(step for step in Consumer.Blueprint.default_steps if "delayed_delivery" not in step)

    _telling: Any = None

    def connection_for_write(self, url: str | None = None, heartbeat: float | None = None) -> Any:
        """Open the connection that events are sent on."""
        return self.ensure_connected(self.app.connection_for_write(url, heartbeat=heartbeat, **UNCONFIRMED))

    def register_with_event_loop(self, hub: Any) -> None:
        """At the begin of every connection's loop."""
        super().register_with_event_loop(hub)
        if self._telling is not None:
            self._telling.cancel()
        self._telling = hub.call_repeatedly(TOGETHER_SECONDS, self._flush_events)

    def on_send_event_buffered(self) -> None:
        """Leave it until the next turn."""
