"""Notices that nobody was told, as operators see and decide about them over HTTP."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from domain.notices.change import Change
from domain.notices.notice import Notice
from domain.values import iso
from store.lists.task_list import Documents
from store.people.notices import FAILED, Delivery
from webapp.services import Services

pytestmark = pytest.mark.servers

ADMIN = {"Authorization": "Bearer operate"}
NOW = datetime.now(UTC).replace(microsecond=0)
NOTICES = "/api/v1/ops/notices"


@pytest.fixture(autouse=True)
def given_up(database: Documents, services: Services) -> None:
    """One of each kind that was given up, the change later than the notice, and one that waits."""
    services.notices.prepare()
    services.changes.prepare()
    services.notices.add([Notice("n1", "mention", "k1", "rosa", iso(NOW), "olaf")], NOW)
    taken = services.notices.take(NOW, timedelta(minutes=5))
    assert taken is not None
    over = {"mail": Delivery(10, None, FAILED, "the receiver was refused: 450"), "webhook1": Delivery(1, None, "sent")}
    services.notices.finish(taken, FAILED, NOW, over)
    services.changes.add([change("c1", NOW + timedelta(seconds=1))], NOW)
    lot = services.changes.take("change1", NOW, timedelta(minutes=5), 1)
    services.changes.settle([(lot[0], Delivery(10, None, FAILED, "ConnectError"))], NOW)
    services.changes.add([change("c2", NOW)], NOW)


def change(name: str, at: datetime) -> Change:
    return Change(name, "change1", f"e-{name}", "task.completed", "approval", "k2", iso(at), "olaf", (1, 3))


def listed(client: FlaskClient, **query: Any) -> dict[str, Any]:
    answer = client.get(NOTICES, query_string=query, headers=ADMIN)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def test_only_operators(client: FlaskClient) -> None:
    asked = [client.get(NOTICES, auth=("approver1", "approver1"))]
    asked += [
        client.post(f"{NOTICES}/{what}", auth=("approver1", "approver1"))
        for what in ("retry", "n1/retry", "n1/discard")
    ]
    assert {one.status_code for one in asked} == {403}
    assert client.get(NOTICES).status_code == 401


def test_what_was_given_up_says_for_whom_by_which_way_how_often_and_why(client: FlaskClient) -> None:
    found = listed(client)
    assert found["next"] is None
    assert found["items"] == [
        {
            "id": "c1",
            "state": "failed",
            "kind": "change",
            "event": "task.completed",
            "user": None,
            "taskId": "k2",
            "since": iso(NOW + timedelta(seconds=1)),
            "ways": [{"way": "change1", "tries": 10, "outcome": "failed", "reason": "ConnectError", "next": None}],
        },
        {
            "id": "n1",
            "state": "failed",
            "kind": "mention",
            "event": None,
            "user": "rosa",
            "taskId": "k1",
            "since": iso(NOW),
            "ways": [
                {
                    "way": "mail",
                    "tries": 10,
                    "outcome": "failed",
                    "reason": "the receiver was refused: 450",
                    "next": None,
                },
                {"way": "webhook1", "tries": 1, "outcome": "sent", "reason": None, "next": None},
            ],
        },
    ]
    assert [one["id"] for one in listed(client, state="waiting")["items"]] == ["c2"]


def test_they_come_page_after_page(client: FlaskClient) -> None:
    first = listed(client, size=1)
    second = listed(client, size=1, after=first["next"])
    assert [one["id"] for page in (first, second) for one in page["items"]] == ["c1", "n1"]
    assert second["next"] is None
    assert client.get(NOTICES, query_string={"after": "x"}, headers=ADMIN).status_code == 400
    assert client.get(NOTICES, query_string={"state": "sent"}, headers=ADMIN).status_code == 400


def test_one_is_tried_again_and_another_discarded_by_whom_the_log_says(
    client: FlaskClient, services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    again = client.post(f"{NOTICES}/n1/retry", headers=ADMIN).get_json()["retried"]
    assert (again["state"], [(one["way"], one["tries"], one["outcome"]) for one in again["ways"]]) == (
        "waiting",
        [("mail", 0, None), ("webhook1", 1, "sent")],
    )
    assert client.post(f"{NOTICES}/c1/discard", headers=ADMIN).get_json()["discarded"]["state"] == "discarded"
    assert listed(client)["items"] == []
    assert services.notices.take(datetime.now(UTC), timedelta(minutes=5)) is not None
    said = {one.message: one.__dict__ for one in caplog.records}
    assert (said["notice_retried"]["notice"], said["notice_discarded"]["notice"]) == ("n1", "c1")
    assert said["notice_retried"]["operator"]
    acts = client.get("/api/v1/ops/audit", headers=ADMIN).get_json()["items"]
    assert [(one["action"], one["status"], one["about"][0]["id"], one["about"][0]["name"]) for one in acts] == [
        ("notice.discarded", "accepted", "c1", "change1: task.completed"),
        ("notice.retried", "accepted", "n1", "rosa"),
    ]
    for what in ("retry", "discard"):
        assert client.post(f"{NOTICES}/c1/{what}", headers=ADMIN).status_code == 404
        assert client.post(f"{NOTICES}/nobody/{what}", headers=ADMIN).status_code == 404


def test_all_are_tried_again(client: FlaskClient) -> None:
    assert client.post(f"{NOTICES}/retry", headers=ADMIN).get_json() == {"retried": 2}
    assert listed(client)["items"] == []
    assert {one["id"] for one in listed(client, state="waiting")["items"]} == {"c1", "c2", "n1"}
    assert client.post(f"{NOTICES}/retry", headers=ADMIN).get_json() == {"retried": 0}
    acts = client.get("/api/v1/ops/audit", query_string={"action": "notice.retried"}, headers=ADMIN).get_json()["items"]
    assert [(one["about"], one["details"]) for one in acts] == [([], {"retried": 0}), ([], {"retried": 2})]
