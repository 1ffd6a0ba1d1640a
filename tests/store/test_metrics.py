"""Counting in many processes: what one has counted outlives it, and there are never more files than processes."""

import os
import subprocess
import sys

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector

from domain.events.envelope import Envelope
from domain.identity import Key
from observe import metrics

COUNTING = """
import os, signal
from observe import metrics
metrics.starts.labels(metrics.PROCESS).inc()
metrics.published.labels("approval").inc(10)
metrics.visible_seconds.observe(0.02)
print(bool(metrics.FOLDER), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def life(folder, process, code=COUNTING):
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder), "TASKPOOL_PROCESS": process}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def total(folder, name, **labels):
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(folder))
    return registry.get_sample_value(name, labels)


def test_a_killed_process_goes_on_counting_where_it_ended(tmp_path):
    for _ in range(3):
        assert life(tmp_path, "publisher.approval") == "True"
    assert life(tmp_path, "publisher.second") == "True"
    assert total(tmp_path, "taskpool_events_published_total", store="approval") == 40
    assert total(tmp_path, "taskpool_process_starts_total", process="publisher.approval") == 3
    assert total(tmp_path, "taskpool_commit_to_visible_seconds_count") == 4
    assert total(tmp_path, "taskpool_commit_to_visible_seconds_bucket", le="0.025") == 4
    assert total(tmp_path, "taskpool_commit_to_visible_seconds_bucket", le="0.01") == 0
    assert len(list(tmp_path.iterdir())) == 4


def test_room_is_taken_before_anything_is_counted(tmp_path):
    """A page that a full disk has no room for would kill the process when it counts."""
    life(tmp_path, "projector")
    for file in tmp_path.iterdir():
        assert file.stat().st_blocks * 512 >= metrics.RESERVED_BYTES


def test_where_nothing_can_be_written_a_process_works_and_counts_alone(tmp_path):
    assert life(tmp_path / "missing", "projector") == "False"


def envelope(kind, revision):
    return Envelope(Key("count", "task", "1"), 1, revision, kind, "2026-01-01T00:00:00.000Z", {}, {})


def test_events_are_counted_by_application_and_type():
    before = metrics.events.labels("count", "task.assigned")._value.get()
    metrics.count_events([envelope("task.created", 1), envelope("task.assigned", 2), envelope("task.assigned", 3)])
    assert metrics.events.labels("count", "task.assigned")._value.get() == before + 2


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("returned: 312 NO_ROUTE for task.created.x", "returned"),
        ("channel closed: 406", "channel"),
        ("the broker refused it (nack)", "nacked"),
    ],
)
def test_rows_that_did_not_arrive_are_counted_by_kind(reason, kind):
    metrics.count_failures("test", [reason])
    assert metrics.unpublished.labels("test", kind)._value.get() == 1
