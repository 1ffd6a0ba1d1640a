"""The page's session: signing in and out, and the token that guards what it may do."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from threading import Timer
from time import monotonic
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.security import generate_password_hash

from store.identity.sessions import Session
from tests.webapp.conftest import web_settings
from tests.webapp.stand_in import DirectAsking
from webapp.api import changes
from webapp.identity import accounts, believed
from webapp.identity.accounts import open_accounts
from webapp.identity.guesses import Guesses
from webapp.server.factory import create_app
from webapp.services import Services

pytestmark = pytest.mark.servers


def token_in(client: FlaskClient, path: str) -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', client.get(path).text)
    assert found
    return found.group(1)


def sign_in(client: FlaskClient, name: str, password: str | None = None) -> int:
    form = {"username": name, "password": password or name, "csrf_token": token_in(client, "/sign-in")}
    return client.post("/sign-in", data=form).status_code


def test_the_page_wants_somebody_signed_in(client: FlaskClient) -> None:
    assert client.get("/").headers["Location"] == "/sign-in"
    assert "requester1" in client.get("/sign-in").text
    assert sign_in(client, "approver1", "wrong") == 401
    assert sign_in(client, "approver1") == 302
    assert "approver1" in client.get("/").text
    assert client.get("/api/v1/me").status_code == 200


def test_signing_in_needs_the_token_of_the_form(client: FlaskClient) -> None:
    assert client.post("/sign-in", data={"username": "approver1", "password": "approver1"}).status_code == 400
    assert client.get("/api/v1/me").status_code == 401


def test_a_session_needs_the_token_for_what_changes_things(client: FlaskClient, engine: DirectAsking) -> None:
    task = engine.create_task("t1", candidate_groups=("approvers",))
    sign_in(client, "approver1")
    path, token = f"/api/v1/tasks/{task}/claim", token_in(client, "/")
    refused = client.post(path)
    assert (refused.status_code, refused.content_type) == (400, "application/problem+json")
    assert client.post(path, headers={"X-CSRFToken": token}).status_code == 200
    assert client.post(f"/api/v1/tasks/{task}/unclaim", auth=("approver1", "approver1")).status_code == 200


def test_signing_out_ends_the_session(client: FlaskClient) -> None:
    sign_in(client, "approver1")
    assert client.post("/sign-out", data={"csrf_token": token_in(client, "/")}).status_code == 302
    assert client.get("/api/v1/me").status_code == 401


def test_every_answer_forbids_framing_and_guessing(client: FlaskClient) -> None:
    cookie = client.get("/sign-in").headers["Set-Cookie"]
    for path in ("/sign-in", "/api/v1/me", "/healthz"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert (headers["X-Frame-Options"], headers["X-Content-Type-Options"]) == ("DENY", "nosniff")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@cache
def hashed(password: str) -> str:
    return generate_password_hash(password, "pbkdf2:sha256:1")


def users_of(folder: Path, people: dict[str, str]) -> Path:
    file = folder / "users.json"
    entries = {name: {"password": hashed(word)} for name, word in people.items()}
    file.write_text(json.dumps({"users": entries}))
    return file


@pytest.fixture
def people(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Path, FlaskClient, FlaskClient]:
    """Two browsers of one web whose users stand in a file."""
    monkeypatch.setattr(accounts, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(believed, "BELIEVED_SECONDS", 0.0)
    file = users_of(tmp_path, {"ann": "one", "bob": "two"})
    settings = web_settings(users_file=file)
    app = create_app(replace(services, settings=settings, accounts=open_accounts(settings)))
    clients = app.test_client(), app.test_client()
    for client in clients:
        assert sign_in(client, "ann", "one") == 302
    return tmp_path, *clients


def statuses(*clients: FlaskClient) -> list[int]:
    return [client.get("/api/v1/me").status_code for client in clients]


def test_signing_out_ends_all_sessions_and_a_copied_cookie_too(people: tuple[Path, FlaskClient, FlaskClient]) -> None:
    _, here, there = people
    cookie = here.get_cookie("taskpool")
    assert cookie is not None
    here.post("/sign-out", data={"csrf_token": token_in(here, "/")})
    here.set_cookie("taskpool", cookie.value)
    assert statuses(here, there) == [401, 401]


@pytest.mark.parametrize("now", [{"ann": "new", "bob": "two"}, {"bob": "two"}], ids=["new password", "removed"])
def test_a_new_password_and_a_removed_user_end_their_sessions(
    people: tuple[Path, FlaskClient, FlaskClient], now: dict[str, str]
) -> None:
    folder, here, there = people
    there.delete_cookie("taskpool")
    assert sign_in(there, "bob", "two") == 302
    users_of(folder, now)
    assert statuses(here, there) == [401, 200]
    users_of(folder, {"ann": "one", "bob": "two"})
    assert statuses(here, there) == [401, 200]


def test_operators_see_who_is_signed_in_and_end_it(
    people: tuple[Path, FlaskClient, FlaskClient], services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    _, here, there = people
    for token in ("", "x", "y"):
        services.sessions.begin(Session("somebody", token))
    there.delete_cookie("taskpool")
    assert sign_in(there, "bob", "two") == 302
    operator = {"Authorization": "Bearer operate"}
    path = "/api/v1/ops/sessions"

    def told(**query: Any) -> list[dict[str, str]]:
        answer = here.get(path, headers=operator, query_string=query).json
        assert answer is not None
        return [*answer["items"], *(told(**{**query, "after": answer["next"]}) if answer["next"] else [])]

    found = told()
    assert (found[0]["user"], sorted(found[0])) == ("bob", ["id", "lastSeen", "since", "user"])
    assert told(size=1) == found, "page by page they are the same"
    assert {one["user"] for one in told(user="ann")} == {"ann"}
    assert "somebody" not in str(found), "who is gone is signed in nowhere"
    assert here.get(path).status_code == 403
    assert here.post(f"{path}/{found[0]['id']}/end", auth=("ann", "one")).status_code == 403
    assert statuses(here, there) == [200, 200]
    assert here.post(f"{path}/{found[0]['id']}/end", headers=operator).json == {"ended": found[0]}
    assert statuses(here, there) == [200, 401]
    assert [record.__dict__["user"] for record in caplog.records if record.message == "session_ended"] == ["bob"]
    assert here.post(f"{path}/{found[0]['id']}/end", headers=operator).status_code == 404
    for wrong in ({"size": 0}, {"size": 201}, {"after": "x"}):
        assert here.get(path, headers=operator, query_string=wrong).status_code == 400


def test_a_file_that_cannot_be_read_any_more_changes_nothing(
    people: tuple[Path, FlaskClient, FlaskClient], caplog: pytest.LogCaptureFixture
) -> None:
    folder, here, there = people
    (folder / "users.json").write_text("{")
    assert statuses(here, there) == [200, 200]
    assert "users_file_unreadable" in caplog.text


def test_a_held_poll_and_a_stream_end_with_the_session(
    people: tuple[Path, FlaskClient, FlaskClient], services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "_LOOK_SECONDS", 0.2)
    monkeypatch.setattr(changes, "_HEARTBEAT", 0.2)
    folder, here, there = people
    cursor = here.get("/api/v1/tasks").json["cursor"]  # type: ignore[index]
    stream = there.get("/api/v1/tasks/stream", query_string={"cursor": cursor}, buffered=False)
    said = stream.response
    assert "open" in str(next(iter(said)))
    Timer(0.5, lambda: users_of(folder, {"bob": "two"})).start()
    began = monotonic()
    assert here.get("/api/v1/tasks/changes", query_string={"cursor": cursor, "wait": 20}).status_code == 401
    assert all(b"data" not in part for part in said)
    assert monotonic() - began < 10


def test_who_waits_with_a_password_is_not_hashed_again_and_ends_with_it(
    people: tuple[Path, FlaskClient, FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten thousand who wait would otherwise be hashed every twenty seconds."""
    monkeypatch.setattr(changes, "_LOOK_SECONDS", 0.1)
    folder, here, _ = people
    basic = {"auth": ("ann", "one")}
    cursor = here.get("/api/v1/tasks", **basic).json["cursor"]  # type: ignore[index,arg-type]
    checked: list[str] = []
    monkeypatch.setattr(accounts, "check_password_hash", lambda *_: bool(checked.append("once more")))
    monkeypatch.setattr(accounts.Checked, "recently", lambda *_: not checked and here.application.extensions["first"])
    here.application.extensions["first"] = True
    query = {"cursor": cursor, "wait": 1}
    Timer(0.4, lambda: here.application.extensions.update(first=False)).start()
    assert here.get("/api/v1/tasks/changes", query_string=query, **basic).status_code == 200  # type: ignore[arg-type]
    assert checked == []
    here.application.extensions["first"] = True
    Timer(0.4, lambda: users_of(folder, {"bob": "two"})).start()
    query["wait"] = 20
    assert here.get("/api/v1/tasks/changes", query_string=query, **basic).status_code == 401  # type: ignore[arg-type]


def test_waiting_for_changes_does_not_keep_a_session_alive(
    people: tuple[Path, FlaskClient, FlaskClient], services: Services
) -> None:
    _, here, _ = people
    asked: list[bool] = []
    real = services.sessions.find
    found = here.application.extensions["taskpool"].sessions

    def noting(token: str, *, used: bool) -> Session | None:
        asked.append(used)
        return real(token, used=used)

    with patch.object(type(found), "find", lambda _self, token, *, used: noting(token, used=used)):
        cursor = here.get("/api/v1/tasks").json["cursor"]  # type: ignore[index]
        assert asked == [True]
        here.get("/api/v1/tasks/changes", query_string={"cursor": cursor, "wait": 0})
        assert set(asked[1:]) == {False}


def test_passwords_are_guessed_a_few_times_only(services: Services, caplog: pytest.LogCaptureFixture) -> None:
    client = create_app(replace(services, guesses=Guesses(""))).test_client()
    wrong, right = ("approver2", "wrong"), ("approver2", "approver2")
    answers = [client.get("/api/v1/me", auth=wrong).status_code for _ in range(11)]
    assert answers == [401] * 10 + [429]
    refused = client.get("/api/v1/me", auth=right)
    assert (refused.status_code, refused.content_type) == (429, "application/problem+json")
    assert 1 <= int(refused.headers["Retry-After"]) <= 61
    assert sign_in(client, "approver2") == 429
    assert client.get("/api/v1/me", auth=("approver1", "approver1")).status_code == 200
    elsewhere = {"REMOTE_ADDR": "10.0.0.9"}
    assert client.get("/api/v1/me", auth=right, environ_base=elsewhere).status_code == 200
    assert client.get("/api/v1/me", auth=right).status_code == 200
    failed = [record for record in caplog.records if record.message == "sign_in_failed"]
    assert [(record.__dict__["user"], record.__dict__["address"]) for record in failed] == [
        ("approver2", "127.0.0.1")
    ] * 10


def test_an_address_that_guesses_names_is_limited_too(services: Services) -> None:
    client = create_app(replace(services, guesses=Guesses(""))).test_client()
    answers = [client.get("/api/v1/me", auth=(f"nobody{n}", "x")).status_code for n in range(101)]
    assert answers == [401] * 100 + [429]


def test_guesses_are_counted_by_all_processes_together_and_without_redis_by_each(servers: Any) -> None:
    name = uuid4().hex
    one, other, alone = Guesses(servers.redis_url), Guesses(servers.redis_url), Guesses("redis://127.0.0.1:1/0")
    for _ in range(5):
        one.failed(name, "a")
        other.failed(name, "a")
        alone.failed(name, "a")
    assert (one.left(name, "a"), other.left(name, "a"), one.left(name, "b")) == (False, False, True)
    assert 0 < one.seconds(name, "a") <= 61
    assert alone.left(name, "a")
    for _ in range(5):
        alone.failed(name, "a")
    assert not alone.left(name, "a")
