"""Celery's consumer without native delayed delivery: nothing here is delayed, and it declares 28 queues for it."""

from __future__ import annotations

from celery.worker.consumer import Consumer


class PromptConsumer(Consumer):  # type: ignore[misc] # celery has no types
    """Quorum queues, and no machinery for tasks with an eta or a countdown: there are none."""

    class Blueprint(Consumer.Blueprint):  # type: ignore[misc] # celery has no types
        """The usual steps but one."""

        default_steps = tuple(step for step in Consumer.Blueprint.default_steps if "delayed_delivery" not in step)
