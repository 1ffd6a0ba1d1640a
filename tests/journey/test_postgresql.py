"""The same system with PostgreSQL as every application's store."""

import httpx
import pytest

from settings import START_ONE_HERE
from tests.support.stopping import stopped
from tests.support.waiting import soon
from tests.system.running import RunningSystem, temporary_home
from workers.system.record import free_port

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]


def test_a_task_goes_round_on_postgresql():
    with temporary_home() as home:
        system = RunningSystem(home, free_port(), TASKPOOL_SQL_URL=START_ONE_HERE)
        try:
            system.up()
            assert system.process("postgresql")["healthy"]
            base = f"{system.url}/api/v1"
            with httpx.Client(base_url=base, auth=("requester1", "requester1"), timeout=30) as requester:
                path = "/process-definitions/approval/approve_request/start"
                started = requester.post(path, json={"variables": {"subject": "a chair", "amount": 1}})
                assert started.status_code == 201
            with httpx.Client(base_url=base, auth=("approver1", "approver1"), timeout=30) as approver:
                (task,) = approver.get("/tasks").json()["items"]
                assert approver.post(f"/tasks/{task['id']}/claim").status_code == 200
                done = approver.post(f"/tasks/{task['id']}/complete", json={"variables": {"decision": "APPROVE"}})
                assert done.json()["state"] == "completed"
            named_while_away(system)
        finally:
            system.down()


def named_while_away(system):
    """Readiness says which stores do not answer, and that they do again."""
    with stopped(system, "servers:postgresql"):
        told = soon(lambda: httpx.get(f"{system.url}/readyz", timeout=10).json()["reasons"])
        assert {"sql.approval", "sql.invoicing", "sql.hosted"} <= told.keys()
    assert soon(lambda: httpx.get(f"{system.url}/readyz", timeout=10).status_code == 200, 60)
