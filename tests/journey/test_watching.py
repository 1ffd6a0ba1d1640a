"""What operators look at: Flower, metrics, readiness, status."""

import re
import time

import httpx
import pytest

from workers.system.processes import FLOWER_USER

pytestmark = pytest.mark.servers
WORKERS = {"projector@taskpool"} | {
    f"{role}.{application}@taskpool"
    for role in ("engine", "publisher")
    for application in ("approval", "invoicing", "hosted")
}


def flower(running_system):
    return FLOWER_USER, running_system.settings.flower_password


def test_flower_asks_for_a_password_and_lets_nobody_change_anything(running_system):
    url, known = running_system.settings.flower_url, flower(running_system)
    for path in ("/workers?json=1", "/api/workers", "/tasks"):
        answer = httpx.get(f"{url}{path}", headers={"Origin": "http://elsewhere.example"}, timeout=20)
        assert answer.status_code == 401, path
        assert "access-control-allow-origin" not in answer.headers
        assert "access-control-allow-origin" not in httpx.get(f"{url}{path}", timeout=20, auth=known).headers
    for path in ("task/async-apply/taskpool.clean", "task/send-task/taskpool.clean", "task/apply/taskpool.clean"):
        assert httpx.post(f"{url}/api/{path}", json={"args": []}, timeout=20, auth=known).status_code == 403
    for path in (
        "worker/shutdown/engine.approval@taskpool",
        "task/revoke/x",
        "worker/pool/grow/engine.approval@taskpool",
    ):
        assert httpx.post(f"{url}/api/{path}", timeout=20, auth=known).status_code == 403
    assert httpx.get(f"{url}/api/workers", timeout=20, auth=known).status_code == 200
    printed = running_system.command("status").stdout
    assert "TASKPOOL_FLOWER_PASSWORD" in printed.replace("\n", "")
    assert known[1] not in printed


def test_flower_sees_every_worker_the_projector_included(running_system):
    deadline = time.monotonic() + 30
    online = set()
    while time.monotonic() < deadline and not online >= WORKERS:
        page = httpx.get(
            f"{running_system.settings.flower_url}/workers?json=1", timeout=20, auth=flower(running_system)
        )
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
