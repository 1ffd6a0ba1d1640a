"""How Celery behaves: queues, routes, acknowledgement, JSON, and what beat asks for."""

from __future__ import annotations

import os
from typing import Any

from settings import HOSTED, Settings
from store.messaging.broker import tls_of
from store.messaging.topology import COMMANDS, TICKS, engine_queue, found, tick_queue

_settings = Settings.from_env(os.environ)
_applications = (*_settings.applications, HOSTED)

_application = os.environ.get("TASKPOOL_APPLICATION")
broker_url = _settings.application_amqp_url(_application) if _application else _settings.amqp_url
broker_use_ssl = tls_of(broker_url)
broker_heartbeat = 10
broker_pool_limit = 10
broker_connection_retry_on_startup = True
broker_connection_max_retries = None
# confirm_publish: without it a publish the broker drops is lost in silence.
broker_transport_options = {"confirm_publish": True, "max_retries": 1}
task_publish_retry_policy = {"max_retries": 1, "interval_start": 0.1}

# The platform declares them: an application may not make the queues it reads.
task_queues = [
    *(found(engine_queue(application)) for application in _applications),
    *(found(tick_queue(kind, application)) for kind in TICKS for application in _applications),
]
task_create_missing_queues = False
task_default_exchange = COMMANDS.name
task_default_exchange_type = "topic"
task_default_queue = f"engine.{HOSTED}"
task_default_queue_type = "quorum"
worker_detect_quorum_queues = True
worker_consumer = "workers.fleet.consumer:PromptConsumer"

task_acks_late = True
task_reject_on_worker_lost = True
# A job that raises must reach the dead letters, not be acknowledged in silence.
task_acks_on_failure = False
task_acks_on_timeout = False
worker_prefetch_multiplier = 1
# A child that was ended gives its job back at once: what it might still have said is in the database.
worker_lost_wait = 0.2
# One that an accepted step has left large is replaced between two jobs; in KiB.
worker_max_memory_per_child = int(_settings.budget.megabytes * 1024) + 256 * 1024
task_serializer = "json"
accept_content = ["json"]
task_ignore_result = True
result_backend = None
enable_utc = True
imports = ("tasks.jobs",)

worker_send_task_events = True
task_send_sent_event = False
worker_hijack_root_logger = False
worker_soft_shutdown_timeout = 5.0

beat_schedule_filename = str(_settings.home / "run" / "beat")


def _every(seconds: float, job: str, queue: str) -> dict[str, Any]:
    options = {"exchange": COMMANDS.name, "routing_key": queue, "confirm_timeout": 5, "expires": seconds * 5}
    return {"task": job, "schedule": seconds, "options": options}


beat_schedule = {
    **{f"publisher {name}": _every(1.0, "taskpool.publish", f"publisher.{name}") for name in _applications},
    **{f"timers {name}": _every(1.0, "taskpool.engine.timers", f"timers.{name}") for name in _settings.applications},
    **{f"jobs {name}": _every(1.0, "taskpool.jobs", f"jobs.{name}") for name in _settings.applications},
    "collect": _every(1.0, "taskpool.collect", f"collect.{HOSTED}"),
    "settle": _every(1.0, "taskpool.settle", f"settle.{HOSTED}"),
    "spread": _every(1.0, "taskpool.spread", f"spread.{HOSTED}"),
    **{f"clean {name}": _every(60.0, "taskpool.clean", f"clean.{name}") for name in _applications},
}
