"""What the processes of a system count. They share it through files, one set per process name, which the web reads.

Without `PROMETHEUS_MULTIPROC_DIR` in the environment (`workers.system.launch` sets it) a process counts for itself
alone.
"""

from __future__ import annotations

import os
from collections import Counter as Tally
from collections.abc import Iterable
from pathlib import Path

from prometheus_client import REGISTRY, Counter, Histogram, values
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from domain.events.envelope import Envelope

RESERVED_BYTES = 256 * 1024


def _folder() -> str | None:
    """Where to count, with room for it; nowhere when there is none, because work matters more."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    try:
        for kind in ("counter", "histogram") if folder else ():
            # Writing to a page of a sparse file that a full disk has no room for would kill the process.
            with (Path(folder or "") / f"{kind}_{PROCESS}.db").open("ab") as file:
                os.posix_fallocate(file.fileno(), 0, RESERVED_BYTES)
    except OSError:
        return None
    return folder


PROCESS = os.environ.get("TASKPOOL_PROCESS") or f"pid-{os.getpid()}"
FOLDER = _folder()

# By the name of the process, not by its pid: a restarted one goes on counting where its last life ended, and the
# files are never more than there are processes. There is one process of a name; the children of a pool have numbers.
values.ValueClass = values.MultiProcessValue(lambda: PROCESS) if FOLDER else values.MutexValue

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
ROWS = (1, 3, 10, 30, 100, 300, 1000)

starts = Counter("taskpool_process_starts", "Lives begun since `up`; more than one means it died", ("process",))
jobs = Counter("taskpool_jobs", "Jobs ended: SUCCESS, REJECTED (set aside or given back), FAILURE", ("job", "state"))

events = Counter("taskpool_events", "Events committed to a log", ("application", "type"))
records = Counter("taskpool_records", "Records of outside engines, by what became of them", ("outcome",))
commands = Counter("taskpool_commands", "Commands answered by their engine", ("application", "action", "status"))
# Without labels: whatever such a command says of itself is made up.
commands_forged = Counter("taskpool_commands_forged", "Commands refused because the web has not signed them")
command_seconds = Histogram(
    "taskpool_command_seconds", "From issuing a command to the commit of its outcome", ("application",), buckets=SECONDS
)
application_jobs = Counter(
    "taskpool_application_jobs", "Tries of jobs of applications: done, error, failed or dropped", ("store", "outcome")
)
timers = Counter("taskpool_timers", "Instances whose timers were due: fired or failed", ("store", "outcome"))

incidents = Counter("taskpool_incidents_made", "Incidents that came up", ("store", "kind"))
budgets_exceeded = Counter(
    "taskpool_budgets_exceeded", "Units of work ended for what they used", ("application", "resource")
)

published = Counter("taskpool_events_published", "Events that RabbitMQ has confirmed", ("store",))
unpublished = Counter(
    "taskpool_publish_failures", "Rows that did not arrive: returned, nacked, channel", ("store", "reason")
)
fenced = Counter("taskpool_publish_fenced", "Rows confirmed after another publisher had taken their lane", ("store",))
aggregates_parked = Counter("taskpool_aggregates_parked", "Aggregates that were parked", ("store",))
backoffs = Counter("taskpool_publisher_backoffs", "Pauses because something was away", ("store", "reason"))
window_rows = Histogram("taskpool_publish_window_rows", "Rows sent together", ("store",), buckets=ROWS)
window_seconds = Histogram(
    "taskpool_publish_window_seconds", "From reading a window to its deletion, confirmed", ("store",), buckets=SECONDS
)

batch_events = Histogram("taskpool_projector_batch_events", "Events written together", buckets=ROWS)
batch_seconds = Histogram("taskpool_projector_batch_seconds", "From a batch to its durable write", buckets=SECONDS)
set_aside = Counter("taskpool_events_set_aside", "Events that cannot be projected, now dead letters")
dead_letters_expired = Counter("taskpool_dead_letters_expired", "Dead letters forgotten because nobody decided in time")
projector_waits = Counter("taskpool_projector_waits", "Tries in vain because a server was away")
visible_seconds = Histogram(
    "taskpool_commit_to_visible_seconds",
    "From an event's `time`, when its unit of work began, to its durable write into the views; once per unit of work",
    buckets=SECONDS,
)

notices = Counter(
    "taskpool_notices",
    "Notices by what became of them: sent, later (tried again), failed, dropped (no longer so), unwanted",
    ("channel", "outcome"),
)
notifier_waits = Counter("taskpool_notifier_waits", "Tries in vain because a server was away")

requests = Counter("taskpool_http_requests", "Requests answered", ("endpoint", "method", "status"))
request_seconds = Histogram("taskpool_http_seconds", "Time to answer", ("endpoint",), buckets=SECONDS)
answers = Counter("taskpool_command_answers", "What people were told about their commands", ("action", "status"))


def count_as_child(number: int) -> None:
    """Called once in a child of a pool, before it counts anything: it has files of its own."""
    global PROCESS, FOLDER  # noqa: PLW0603 - the library asks for the name again after a fork
    PROCESS = f"{PROCESS}.{number}"
    FOLDER = _folder()


def count_events(envelopes: Iterable[Envelope]) -> None:
    """Count what one unit of work has committed."""
    tally = Tally((envelope.key.application, envelope.type) for envelope in envelopes)
    for (application, kind), number in tally.items():
        events.labels(application, kind).inc(number)


def count_failures(store: str, reasons: Iterable[str]) -> None:
    """Count the rows of a window that did not arrive, by the kind of their reason."""
    for reason in reasons:
        kind = reason.partition(":")[0] if reason.startswith(("returned", "channel")) else "nacked"
        unpublished.labels(store, kind.partition(" ")[0]).inc()


def count_records(**outcomes: int) -> None:
    """Count records of outside engines: accepted, duplicate, rejected, and later applied or quarantined."""
    for outcome, number in outcomes.items():
        records.labels(outcome).inc(number)


def counted() -> Collector:
    """What all processes have counted, or this one alone where nothing is shared."""
    return MultiProcessCollector(None, FOLDER) if FOLDER else REGISTRY
