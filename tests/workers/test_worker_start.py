"""A worker that cannot open what its jobs need does not take jobs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from workers.system.record import free_port

ROOT = Path(__file__).parents[2]


@pytest.mark.servers
@pytest.mark.timeout(90)
def test_a_worker_whose_store_is_away_ends_and_is_started_again_by_its_supervisor(tmp_path, servers):
    """Celery only logs what a signal raises: it would go on, answer pings, and fail every job it gets."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("TASKPOOL_")},
        "TASKPOOL_HOME": str(tmp_path),
        "TASKPOOL_PROCESS": "engine.approval",
        "TASKPOOL_APPLICATION": "approval",
        "TASKPOOL_AMQP_URL": servers.amqp_url,
        "TASKPOOL_SQL_URL": f"postgresql+psycopg://taskpool:x@127.0.0.1:{free_port()}/taskpool",
    }
    (tmp_path / "run").mkdir()
    worker = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "workers.fleet.app",
        "worker",
        "-Q",
        "engine.approval",
        "-P",
        "threads",
    ]
    done = subprocess.run(worker, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1, done.stderr
    assert "StoreUnavailable" in done.stderr
