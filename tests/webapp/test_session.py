"""The page's session: signing in and out, and the token that guards what it may do."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from tests.webapp.stand_in import DirectAsking

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
