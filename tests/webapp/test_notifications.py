"""What people want to hear, who is named in a comment, and the calendar behind a secret address."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar

from domain.access import User
from settings import Notifying
from store.lists.task_list import Documents
from store.people.wishes import CALENDARS
from tests.read_side import task
from tests.webapp.stand_in import DirectAsking
from webapp.api.calendar_feed import MOST, written
from webapp.server.factory import create_app
from webapp.services import Services

pytestmark = pytest.mark.servers

APPROVER, REQUESTER = ("approver1", "approver1"), ("requester1", "requester1")
EVERYTHING = {"assignment": True, "dueSoon": True, "overdue": True, "mention": True}
NIGHT = {"from": "22:00", "to": "07:00", "timeZone": "Europe/Zurich"}
WISHES, CALENDAR, LOCALE = "/api/v1/me/notifications", "/api/v1/me/calendar", "/api/v1/me/locale"


@pytest.fixture
def telling(services: Services, engine: DirectAsking) -> FlaskClient:
    """A web of a system that has a way to tell people."""
    settings = replace(services.settings, notifying=Notifying(webhooks=("http://127.0.0.1/",)))
    return create_app(replace(services, settings=settings)).test_client()


def test_everything_is_wanted_until_somebody_says_otherwise(client: FlaskClient) -> None:
    assert client.get(WISHES).status_code == 401
    assert client.get(WISHES, auth=APPROVER).json == {"mail": EVERYTHING, "quietHours": None}
    wanted = {"mail": {**EVERYTHING, "mention": False}, "quietHours": NIGHT}
    assert client.post(WISHES, json=wanted, auth=APPROVER).json == wanted
    assert client.get(WISHES, auth=APPROVER).json == wanted
    assert client.get(WISHES, auth=REQUESTER).json == {"mail": EVERYTHING, "quietHours": None}
    again = {"mail": EVERYTHING, "quietHours": None}
    assert client.post(WISHES, json={"mail": EVERYTHING}, auth=APPROVER).json == again


def test_in_which_language_one_reads_is_kept_beside_what_one_wants(client: FlaskClient) -> None:
    assert client.get(LOCALE, auth=APPROVER).json == {"locale": None, "timeZone": None}
    wanted = {"mail": {**EVERYTHING, "mention": False}, "quietHours": NIGHT}
    read = {"locale": "de-CH", "timeZone": "Europe/Zurich"}
    assert client.post(LOCALE, json=read, auth=APPROVER).json == read
    assert client.get(WISHES, auth=APPROVER).json == {"mail": EVERYTHING, "quietHours": None}
    assert client.post(WISHES, json=wanted, auth=APPROVER).json == wanted
    assert client.post(LOCALE, json={**read, "locale": "en"}, auth=APPROVER).status_code == 200
    assert client.get(WISHES, auth=APPROVER).json == wanted
    assert client.get(LOCALE, auth=APPROVER).json == {**read, "locale": "en"}
    assert client.get(LOCALE, auth=REQUESTER).json == {"locale": None, "timeZone": None}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"locale": "de"}, 400),
        ({"locale": "../de", "timeZone": "Europe/Zurich"}, 400),
        ({"locale": "de_DE", "timeZone": "Europe/Zurich"}, 400),
        ({"locale": "de", "timeZone": "Europe"}, 422),
    ],
)
def test_a_language_that_cannot_be_is_refused(client: FlaskClient, body: Any, status: int) -> None:
    assert client.post(LOCALE, json=body, auth=APPROVER).status_code == status
    operator = {"Authorization": "Bearer operate"}
    read = {"locale": "de", "timeZone": "Europe/Zurich"}
    assert client.post(LOCALE, json=read, headers=operator).status_code == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"mail": {"assignment": True}}, 400),
        ({"mail": {**EVERYTHING, "mention": "yes"}}, 400),
        ({"mail": EVERYTHING, "quietHours": {**NIGHT, "from": "24:00"}}, 400),
        ({"mail": EVERYTHING, "quietHours": {**NIGHT, "from": "07:00"}}, 422),
        ({"mail": EVERYTHING, "quietHours": {**NIGHT, "timeZone": "../etc/passwd"}}, 422),
        ({"mail": EVERYTHING, "quietHours": {**NIGHT, "timeZone": "Europe"}}, 422),
    ],
)
def test_wishes_that_cannot_be_are_refused(client: FlaskClient, body: Any, status: int) -> None:
    assert client.post(WISHES, json=body, auth=APPROVER).status_code == status


def test_what_is_no_person_wants_nothing(client: FlaskClient) -> None:
    operator = {"Authorization": "Bearer operate"}
    assert client.post(WISHES, json={"mail": EVERYTHING}, headers=operator).status_code == 403
    assert client.post(CALENDAR, headers=operator).status_code == 403


def test_who_is_named_and_may_read_the_task_is_noticed_once(
    telling: FlaskClient, engine: DirectAsking, database: Documents
) -> None:
    made = engine.create_task("t1", candidate_groups=("approvers",))
    text = "@approver2 and @approver1, see @requester1, @nobody and @approver2."
    once = {"json": {"text": text}, "headers": {"Idempotency-Key": "k"}, "auth": APPROVER}
    said = [telling.post(f"/api/v1/tasks/{made}/comments", **once) for _ in range(2)]
    assert [one.status_code for one in said] == [201, 201]
    [notice] = database["notice"].find()
    assert (notice["user"], notice["by"], notice["kind"]) == ("approver2", "approver1", "mention")
    assert notice["comment_id"] == said[0].json["id"]
    assert text not in str(notice)


def test_who_is_named_about_several_at_once_is_noticed_once_with_how_many_they_may_read(
    telling: FlaskClient, engine: DirectAsking, services: Services, database: Documents
) -> None:
    both = [engine.create_task(name, candidate_groups=("approvers",)) for name in ("t1", "t2")]
    mine = engine.create_task("t3", candidate_users=("approver1", "requester1"))
    sent = {"action": "comment", "ids": [*both, mine], "text": "@approver2, @requester1: yours?"}
    for ids in (sent["ids"], sent["ids"][::-1]):
        asked = {"json": {**sent, "ids": ids}, "headers": {"Idempotency-Key": "k"}}
        answer = telling.post("/api/v1/tasks/bulk", auth=APPROVER, **asked)
        assert {one["status"] for one in answer.json["items"]} == {"accepted"}
    found = {one["user"]: one for one in database["notice"].find()}
    assert {name: one["tasks"] for name, one in found.items()} == {"approver2": 2, "requester1": 1}
    assert found["approver2"]["task_key"] in both
    assert found["requester1"]["task_key"] == mine
    taken = [services.notices.take(datetime.now(UTC), timedelta(minutes=5)) for _ in found]
    assert {one.notice.user: one.notice.tasks for one in taken if one} == {"approver2": 2, "requester1": 1}


def test_a_system_without_a_way_to_tell_notices_nothing(
    client: FlaskClient, engine: DirectAsking, database: Documents
) -> None:
    made = engine.create_task("t1", candidate_groups=("approvers",))
    client.post(f"/api/v1/tasks/{made}/comments", json={"text": "@approver2"}, auth=APPROVER)
    assert database["notice"].count_documents({}) == 0


def path_of(client: FlaskClient, *, renewed: bool = True) -> str:
    answer = (client.post if renewed else client.get)(CALENDAR, auth=APPROVER)
    return str(answer.json["url"]).removeprefix("http://localhost")


def test_a_calendar_has_ones_own_open_tasks_with_a_date(client: FlaskClient, engine: DirectAsking) -> None:
    date = "2026-12-01T08:30:00.000Z"
    mine = engine.create_task("t1", assignee="approver1", due_date=date, name="Zoë; a, b\nc" + "x" * 100)
    engine.create_task("t2", assignee="approver1")
    engine.create_task("t3", assignee="approver2", due_date=date)
    engine.create_task("t4", candidate_users=("approver1",), due_date=date)
    path = path_of(client)
    assert path_of(client, renewed=False) == path
    answer = client.get(path)
    assert answer.headers["Cache-Control"].startswith("private")
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert max(len(line) for line in answer.data.split(b"\r\n")) <= 75
    [event] = Calendar.from_ical(answer.data).events
    assert (str(event["uid"]), event["dtstart"].dt) == (f"{mine}@taskpool", datetime(2026, 12, 1, 8, 30, tzinfo=UTC))
    assert str(event["summary"]) == "Zoë; a, b\nc" + "x" * 100
    assert str(event["url"]) == f"http://localhost/?task={mine}"


def test_a_new_address_ends_the_one_before(client: FlaskClient, database: Documents) -> None:
    assert client.get(CALENDAR, auth=APPROVER).json == {"url": None}
    first, second = path_of(client), path_of(client)
    assert len(first.split("/")[2]) == 64 + len(".ics"), "256 bits"
    assert [client.get(path).status_code for path in (first, second, "/calendar/x.ics")] == [404, 200, 404]
    [kept] = database[CALENDARS].find()
    assert second.split("/")[2].removesuffix(".ics") not in str(kept)


def test_the_calendar_of_a_removed_user_is_over_also_for_who_is_called_so_later(
    client: FlaskClient, services: Services, database: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = path_of(client)
    with monkeypatch.context() as patched:
        patched.setattr(services.accounts, "user", lambda _name: None)
        assert client.get(path).status_code == 404
    assert client.get(path).status_code == 404
    assert database[CALENDARS].count_documents({}) == 0


def test_a_calendar_is_bounded_and_answered_by_an_index(services: Services, database: Documents) -> None:
    begin = datetime(2026, 12, 1, tzinfo=UTC)
    database["task"].insert_many(
        task(f"t{n}", assignee="anna" if n % 2 else "mia", due_date=(begin + timedelta(minutes=n)).isoformat())[
            0
        ].document
        for n in range(1200)
    )
    found = services.due.of(User("anna"), MOST)
    assert len(found) == MOST
    assert [one["dueDate"] for one in found] == sorted(one["dueDate"] for one in found)


def test_what_no_calendar_takes_is_left_out() -> None:
    odd = {"_id": "k", "name": "a\x00b\x07\rc", "dueDate": "2026-12-01T08:30:00.000Z", "eventTime": None}
    shown = written("rosa\nX-EVIL:1", [odd, {"_id": "l", "name": "no date", "dueDate": "whenever"}], "https://list")
    assert b"\nX-EVIL" not in shown.replace(b"\r\n ", b"")
    [event] = Calendar.from_ical(shown).events
    assert str(event["summary"]) == "abc"
