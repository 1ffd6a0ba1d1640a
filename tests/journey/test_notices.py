"""A whole system that tells people: by mail to a real server and to a webhook, with a notifier that is killed."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from werkzeug.security import generate_password_hash

from domain.values import iso
from tests.system.running import RunningSystem, temporary_home
from tests.workers.receiver import Receiver, receiver
from tests.workers.smtp import Inbox, smtp_server
from workers.system.record import free_port

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]

SECRET = "b9c1d27fe03a48d6a5f8e2c7714bd093"
PUBLIC = "https://list.example.org"


@pytest.fixture(scope="module")
def heard() -> Iterator[Receiver]:
    """An address that hears of everything that happens to tasks."""
    with receiver() as made:
        yield made


@pytest.fixture(scope="module")
def told(heard: Receiver) -> Iterator[tuple[RunningSystem, Inbox, Receiver]]:
    inbox = Inbox()
    with temporary_home() as home, smtp_server(inbox) as port, receiver() as hook:
        users = home / "users.json"
        rosa = {"password": generate_password_hash("rosa"), "groups": ["approvers"], "email": "rosa@example.org"}
        users.write_text(json.dumps({"users": {"rosa": rosa}}))
        system = RunningSystem(
            home,
            free_port(),
            TASKPOOL_USERS=str(users),
            TASKPOOL_SMTP_URL=f"smtp://127.0.0.1:{port}?from=taskpool@example.org",
            TASKPOOL_WEBHOOKS=hook.url,
            TASKPOOL_CHANGE_WEBHOOKS=heard.url,
            TASKPOOL_WEBHOOK_SECRET=SECRET,
            TASKPOOL_PUBLIC_URL=PUBLIC,
        )
        try:
            system.up()
            yield system, inbox, hook
        finally:
            system.down()


def within(seconds: float, done: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := done()):
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.1)
    return found


def client(system: RunningSystem, name: str) -> httpx.Client:
    return httpx.Client(base_url=f"{system.url}/api/v1", auth=(name, name), timeout=30)


def new_task(system: RunningSystem) -> str:
    with client(system, "requester1") as requester:
        sent = {"variables": {"subject": "a chair", "amount": 5}}
        started = requester.post("/process-definitions/approval/approve_request/start", json=sent)
        assert started.status_code == 201, started.text
    with client(system, "approver1") as approver:
        query = {"filter": f"task.processInstanceId = {started.json()['processInstanceId']}"}
        found = within(10, lambda: approver.get("/tasks", params=query).json()["items"])
        task: str = found[0]["id"]
        assert approver.post(f"/tasks/{task}/claim").status_code == 200
    return task


def test_who_is_given_a_task_and_who_is_named_hear_of_it(told: tuple[RunningSystem, Inbox, Receiver]) -> None:
    system, inbox, hook = told
    task = new_task(system)
    with client(system, "approver1") as approver:
        assert approver.post(f"/tasks/{task}/comments", json={"text": "@rosa, yours?"}).status_code == 201
        mention = within(20, lambda: [one for one in inbox.messages if "mentioned you" in one["Subject"]])
        assert approver.post(f"/tasks/{task}/assign", json={"assignee": "rosa"}).status_code == 200
    given = within(20, lambda: [one for one in inbox.messages if "Yours now" in one["Subject"]])
    assert (len(mention), len(given)) == (1, 1)
    assert f"{PUBLIC}/?task={task}" in given[0].get_body(("plain",)).get_content()
    posts = within(20, lambda: len(hook.posted) >= 2 and [json.loads(body) for _, body in hook.posted])
    assert [(one["kind"], one["user"], one["by"]) for one in posts] == [
        ("mention", "rosa", "approver1"),
        ("assignment", "rosa", "approver1"),
    ], "and of his own claim approver1 hears nothing"


def test_mail_is_in_the_language_of_its_reader(told: tuple[RunningSystem, Inbox, Receiver]) -> None:
    system, inbox, _ = told
    inbox.messages.clear()
    task = new_task(system)
    with client(system, "rosa") as rosa, client(system, "approver1") as approver:
        read = {"locale": "de-CH", "timeZone": "Asia/Kolkata"}
        assert rosa.post("/me/locale", json=read).status_code == 200
        due = {"dueDate": "2099-11-30T20:00:00Z"}
        assert approver.post(f"/tasks/{task}/change", json=due).status_code == 200
        assert approver.post(f"/tasks/{task}/assign", json={"assignee": "rosa"}).status_code == 200
        [mail] = within(20, lambda: inbox.messages)
        assert rosa.post("/me/locale", json={**read, "locale": "en"}).status_code == 200
    assert mail["Subject"] == "Jetzt deine Aufgabe: Approve request"
    assert "Fällig: Dienstag, 1. Dezember 2099, 01:30 (Asia/Kolkata)" in mail.get_body(("plain",)).get_content()


def test_an_address_hears_of_all_that_happens_to_a_task_each_once(
    told: tuple[RunningSystem, Inbox, Receiver], heard: Receiver
) -> None:
    system, _, hook = told
    told_before = len(hook.posted)
    task = new_task(system)
    with client(system, "approver1") as approver:
        done = approver.post(f"/tasks/{task}/complete", json={"variables": {"decision": "APPROVE", "comment": "psst"}})
        assert done.status_code == 200, done.text
    posts = within(20, lambda: len(found := of_task(heard, task)) >= 3 and found)
    posts.sort(key=lambda one: one[1]["revision"])
    assert [(one["type"], one["by"]) for _, one in posts] == [
        ("task.created", None),
        ("task.assigned", "approver1"),
        ("task.completed", "approver1"),
    ]
    assert len({one["id"] for _, one in posts}) == 3
    for headers, one in posts:
        assert headers["Idempotency-Key"] == one["id"]
        assert (one["kind"], one["application"]) == ("change", "approval")
        assert (one["task"]["name"], one["task"]["url"]) == ("Approve request", f"{PUBLIC}/?task={task}")
        assert one["task"].keys() == {"id", "name", "processName", "businessKey", "dueDate", "url"}
    assert "psst" not in str(heard.posted)
    assert len(hook.posted) == told_before, "what is told of changes is told to nobody else"


def of_task(heard: Receiver, task: str) -> list[tuple[dict[str, str], dict[str, Any]]]:
    """What was posted of a task, as (headers, body); all of it is signed."""
    for headers, body in heard.posted:
        signed = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        assert headers["X-Taskpool-Signature"] == f"sha256={signed}"
    posts = [(headers, json.loads(body)) for headers, body in heard.posted]
    return [(headers, one) for headers, one in posts if one["task"]["id"] == task]


def test_an_address_that_is_away_holds_up_nobody_and_hears_of_it_later(
    told: tuple[RunningSystem, Inbox, Receiver], heard: Receiver
) -> None:
    system, inbox, _ = told
    inbox.messages.clear()
    heard.status = 503
    try:
        task = new_task(system)
        with client(system, "approver1") as approver, client(system, "admin") as admin:
            assert approver.post(f"/tasks/{task}/assign", json={"assignee": "rosa"}).status_code == 200
            within(20, lambda: [one for one in inbox.messages if "Yours now" in one["Subject"]])
            # Tried in vain, they wait for a minute.
            within(20, lambda: len(waiting(admin, task)) == 3)
            heard.status, told_before = 204, len(of_task(heard, task))
            for one in waiting(admin, task):
                assert admin.post(f"/ops/notices/{one['id']}/retry").status_code == 200
            within(20, lambda: len(of_task(heard, task)) == told_before + 3)
            within(20, lambda: not waiting(admin, task))
    finally:
        heard.status = 204


def waiting(admin: httpx.Client, task: str) -> list[dict[str, Any]]:
    """What waits after the address has refused it."""
    items = admin.get("/ops/notices", params={"state": "waiting", "size": 200}).json()["items"]
    return [one for one in items if one["taskId"] == task and one["ways"][0]["reason"] == "answered 503"]


def test_it_is_watched_and_counted(told: tuple[RunningSystem, Inbox, Receiver]) -> None:
    system, _, _ = told
    assert system.process("notifier")["healthy"]
    assert httpx.get(f"{system.url}/readyz").json() == {"ready": True, "reasons": {}, "degraded": {}}
    within(20, lambda: "taskpool_notices_waiting 0.0" in httpx.get(f"{system.url}/metrics").text)
    numbers = httpx.get(f"{system.url}/metrics").text
    assert 'taskpool_ready{part="notifier"} 1.0' in numbers
    assert 'taskpool_notices_total{channel="mail",outcome="sent"}' in numbers
    assert 'taskpool_notices_total{channel="change1",outcome="sent"}' in numbers


def test_a_killed_notifier_comes_back_and_loses_nothing(told: tuple[RunningSystem, Inbox, Receiver]) -> None:
    system, inbox, _ = told
    task = new_task(system)
    inbox.messages.clear()
    system.kill("notifier")
    with client(system, "approver1") as approver:
        assert approver.post(f"/tasks/{task}/assign", json={"assignee": "rosa"}).status_code == 200
    within(60, lambda: [one for one in inbox.messages if "Yours now" in one["Subject"]])
    system.wait_until_healthy(30, "notifier")
    assert len(inbox.messages) == 1


def test_one_that_hangs_makes_nobody_wait_for_the_list(told: tuple[RunningSystem, Inbox, Receiver]) -> None:
    system, _, _ = told
    pid = system.kill("notifier", signal.SIGSTOP)
    try:
        degraded = within(30, lambda: httpx.get(f"{system.url}/readyz").json()["degraded"])
        assert degraded.keys() == {"notifier"}
        assert httpx.get(f"{system.url}/readyz").status_code == 200
        assert not system.process("notifier")["healthy"]
    finally:
        os.kill(pid, signal.SIGCONT)
    system.wait_until_healthy(30, "notifier")


def test_a_date_is_told_of_once_and_stands_in_the_calendar(told: tuple[RunningSystem, Inbox, Receiver]) -> None:
    system, inbox, _ = told
    inbox.messages.clear()
    created = {"name": "Pay", "assignee": "rosa", "dueDate": iso(datetime.now(UTC) + timedelta(hours=2))}
    record = {"id": "r1", "type": "task.created", "time": iso(datetime.now(UTC)), "subject": "1", "data": created}
    with client(system, "admin") as admin:
        sent = {"application": "ledger", "format": "taskpool", "records": [record]}
        assert admin.post("/engine-events", json=sent).status_code == 202
    subjects = within(100, lambda: (found := {one["Subject"] for one in inbox.messages}) >= {"Due soon: Pay"} and found)
    assert subjects == {"Yours now: Pay", "Due soon: Pay"}
    with client(system, "rosa") as rosa:
        url = rosa.post("/me/calendar").json()["url"]
    assert url.startswith(f"{PUBLIC}/calendar/")
    feed = httpx.get(url.replace(PUBLIC, system.url))
    assert (feed.status_code, feed.text.count("SUMMARY:Pay")) == (200, 1)
