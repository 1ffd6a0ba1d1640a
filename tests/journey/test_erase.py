"""Somebody asks to be forgotten: what people see before and after, on a whole system."""

import sqlite3
import time
from uuid import uuid4

import httpx
import pytest

pytestmark = pytest.mark.servers


@pytest.fixture
def accountant(running_system):
    auth = ("accountant1", "accountant1")
    with httpx.Client(base_url=f"{running_system.url}/api/v1", auth=auth, trust_env=False, timeout=60) as client:
        yield client


def eventually(question, seconds=30):
    deadline = time.monotonic() + seconds
    while not (found := question()) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert found, "it did not happen in time"
    return found


def test_a_creditor_is_erased(accountant, running_system):
    creditor = f"Wilhelmina{uuid4().hex[:8]}"
    sent = {"variables": {"creditor": creditor, "invoiceNumber": "R-1", "amount": 5}}
    accountant.post("/process-definitions/invoicing/process_invoice/start", json=sent).raise_for_status()

    def entries(query):
        return accountant.get("/data-entries", params={"q": query}).json()["items"]

    [entry] = eventually(lambda: entries(creditor))
    [task] = eventually(lambda: accountant.get("/tasks", params={"q": creditor}).json()["items"])
    assert (entry["payload"]["creditor"], task["payload"]["creditor"]) == (creditor, creditor)
    assert creditor in entry["name"]
    database = running_system.home / "data" / "sql" / "invoicing.db"
    with sqlite3.connect(database) as connection:
        said = [body for (body,) in connection.execute("SELECT body FROM event UNION ALL SELECT state FROM aggregate")]
    assert not [body for body in said if creditor in body]

    refused = running_system.command("erase", "--application", "approval", "--yes", creditor)
    assert refused.returncode == 2
    assert "declares no personal data" in refused.stderr
    assert running_system.command("erase", "--application", "invoicing", creditor).returncode == 1, "nobody agreed"
    done = running_system.command("erase", "--application", "invoicing", "--yes", creditor)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "invoicing: erased."), done.stderr

    eventually(lambda: not entries(creditor) and not accountant.get("/tasks", params={"q": creditor}).json()["items"])
    shown = accountant.get(f"/tasks/{task['id']}").json()
    assert shown["payload"] == {**task["payload"], "creditor": "erased"}
    seen = [accountant.get(f"/tasks/{task['id']}/history"), accountant.get(f"/data-entries/{entry['id']}/history")]
    [again] = [one for one in entries("erased") if one["id"] == entry["id"]]
    assert (again["name"], again["payload"]) == ("erased", {**entry["payload"], "creditor": "erased"})
    variables = accountant.get(f"/process-instances/invoicing/{task['processInstanceId']}/variables")
    assert not [one for one in (*seen, variables) if creditor in one.text]
    with sqlite3.connect(database) as connection:
        kept = [state for (state,) in connection.execute("SELECT state FROM instance")]
    assert not [state for state in kept if creditor in state]
    # Work goes on with what is left.
    assert accountant.post(f"/tasks/{task['id']}/claim").status_code == 200
