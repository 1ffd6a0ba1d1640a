"""What operators look at: Flower, metrics, readiness, status."""

import re
import time

import httpx
import pytest

pytestmark = pytest.mark.servers
WORKERS = {"projector@taskpool"} | {
    f"{role}.{application}@taskpool"
    for role in ("engine", "publisher")
    for application in ("approval", "invoicing", "hosted")
}


def test_flower_sees_every_worker_the_projector_included(running_system):
    deadline = time.monotonic() + 30
    online = set()
    while time.monotonic() < deadline and not online >= WORKERS:
        page = httpx.get(f"{running_system.settings.flower_url}/workers?json=1", timeout=20)
        online = {worker["hostname"] for worker in page.json()["data"] if worker["status"]}
        time.sleep(0.5)
    assert online >= WORKERS


def test_status_names_every_process_once(running_system):
    status = running_system.status()
    names = [process["name"] for process in status["processes"]]
    assert len(names) == len(set(names))
    assert all(process["healthy"] and process["pid"] for process in status["processes"])
    roles = {process["role"] for process in status["processes"]}
    assert roles >= {"rabbitmq", "mongodb", "redis", "web", "publisher", "projector", "engine", "beat", "flower"}
    assert status["url"] == running_system.url


def test_health_readiness_and_metrics_need_no_credentials(running_system):
    assert httpx.get(f"{running_system.url}/healthz").status_code == 200
    assert httpx.get(f"{running_system.url}/readyz").status_code == 200
    metrics = httpx.get(f"{running_system.url}/metrics").text
    assert re.search(r"^# TYPE taskpool_\w+", metrics, re.MULTILINE)


def test_the_api_describes_itself(running_system):
    described = httpx.get(f"{running_system.url}/api/v1/openapi.json").json()
    assert {"/api/v1/tasks", "/api/v1/tasks/changes", "/api/v1/engine-events"} <= described["paths"].keys()
