"""Clients that send half of what they promised, go away, or come in crowds: they are ended, and nobody else waits."""

import base64
import json
import socket
import time
from contextlib import ExitStack

import httpx
import pytest

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]

ELSEWHERE = "127.0.0.77"
"""An address of this machine that nobody else comes from."""


def basic(name):
    return "Authorization: Basic " + base64.b64encode(f"{name}:{name}".encode()).decode()


def connected(system, sent, source=ELSEWHERE):
    opened = socket.create_connection(("127.0.0.1", system.settings.port), source_address=(source, 0), timeout=30)
    opened.sendall(sent.encode())
    return opened


def asked(method, path, *headers):
    return "\r\n".join((f"{method} {path} HTTP/1.1", "Host: here", *headers, "", ""))


def answer(opened):
    """Status, headers and body of the next answer."""
    said = b""
    while b"\r\n\r\n" not in said and (more := opened.recv(65536)):
        said += more
    head, _, body = said.decode().partition("\r\n\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head.split("\r\n")[1:])}
    while len(body) < int(headers.get("content-length", 0)):
        body += opened.recv(65536).decode()
    return int(head.split()[1]), headers, body


def latency(system):
    began = time.monotonic()
    assert httpx.get(f"{system.url}/api/v1/me", auth=("approver1", "approver1")).status_code == 200
    return time.monotonic() - began


@pytest.fixture
def many():
    with ExitStack() as opened:
        yield opened.enter_context


def test_half_a_body_and_one_that_trickles_are_ended_while_others_are_served(running_system, many):
    path = "/api/v1/process-definitions/approval/approve_request/start"
    head = asked("POST", path, basic("requester1"), "Content-Type: application/json", "Content-Length: 100000")
    began = time.monotonic()
    halves = [many(connected(running_system, head + "{")) for _ in range(300)]
    trickle = many(connected(running_system, head))
    slowest = 0.0
    while time.monotonic() - began < 9:
        trickle.sendall(b"x")
        slowest = max(slowest, latency(running_system))
        time.sleep(0.5)
    assert slowest < 2
    for opened in (*halves, trickle):
        status, headers, body = answer(opened)
        assert (status, headers["content-type"]) == (408, "application/problem+json")
        assert json.loads(body)["status"] == 408
    assert 9.5 < time.monotonic() - began < 20


def test_headers_that_trickle_are_ended_and_an_idle_connection_is_not(running_system, many):
    idle = many(connected(running_system, ""))
    kept = many(connected(running_system, asked("GET", "/healthz")))
    assert answer(kept)[0] == 200
    halves = [many(connected(running_system, "GET /healthz HTTP/1.1\r\nHost: h")) for _ in range(300)]
    trickle, began = many(connected(running_system, "G")), time.monotonic()
    for letter in "ET /healthz":
        time.sleep(0.8)
        trickle.sendall(letter.encode())
        assert latency(running_system) < 2
    for opened in (*halves, trickle):
        status, headers, _ = answer(opened)
        assert (status, headers["content-type"]) == (408, "application/problem+json")
    assert 9 < time.monotonic() - began < 20
    for opened in (idle, kept):
        opened.sendall(asked("GET", "/healthz").encode())
        assert answer(opened)[0] == 200


def test_a_slow_body_that_comes_steadily_is_taken(running_system, many):
    path = "/api/v1/process-definitions/approval/approve_request/start"
    text = json.dumps({"variables": {"subject": "x" * 200_000, "amount": 1}})
    head = asked("POST", path, basic("requester1"), "Content-Type: application/json", f"Content-Length: {len(text)}")
    opened = many(connected(running_system, head))
    for start in range(0, len(text), 16_000):
        opened.sendall(text[start : start + 16_000].encode())
        time.sleep(0.85)
    assert answer(opened)[0] == 201


@pytest.mark.parametrize("kind", ["changes", "stream"])
def test_who_goes_away_frees_the_place_at_once(running_system, many, kind):
    me = {"auth": ("accountant1", "accountant1"), "timeout": 10}
    cursor = httpx.get(f"{running_system.url}/api/v1/tasks", **me).json()["cursor"]
    poll = asked("GET", f"/api/v1/tasks/{kind}?wait=60&cursor={cursor}", basic("accountant1"))
    url = f"{running_system.url}/api/v1/tasks/changes?wait=0&cursor={cursor}"
    held = [connected(running_system, poll) for _ in range(50)]
    try:
        full(lambda: httpx.get(url, **me), 429)
        assert httpx.get(url, **me).headers["Retry-After"] == "5"
    finally:
        for opened in held:
            opened.close()
    began = time.monotonic()
    full(lambda: httpx.get(url, **me), 200)
    assert time.monotonic() - began < 1


def full(ask, status):
    deadline = time.monotonic() + 5
    while ask().status_code != status:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_one_address_has_so_many_requests_open_and_others_are_served(running_system, many):
    path = "/api/v1/process-definitions/approval/approve_request/start"
    head = asked("POST", path, basic("requester1"), "Content-Type: application/json", "Content-Length: 10")
    for _ in range(500):
        many(connected(running_system, head))
    time.sleep(1)
    status, headers, _ = answer(many(connected(running_system, asked("GET", "/healthz"))))
    assert (status, headers["retry-after"], headers["content-type"]) == (429, "5", "application/problem+json")
    assert latency(running_system) < 2


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("GET /api/v1/tasks?q=" + "x" * 70_000 + " HTTP/1.1", 414),
        ("GET /healthz HTTP/1.1\r\nX-Long: " + "x" * 20_000, 431),
        ("GET /healthz HTTP/9.9", 400),
        ("nonsense", 400),
    ],
    ids=["long line", "long header", "version", "nonsense"],
)
def test_what_the_server_itself_refuses_is_a_problem_too(running_system, many, line, status):
    found, headers, body = answer(many(connected(running_system, f"{line}\r\nHost: here\r\n\r\n")))
    assert (found, headers["content-type"]) == (status, "application/problem+json")
    assert json.loads(body)["status"] == status


def test_all_that_the_schema_allows_fits_into_an_address(running_system):
    url = f"{running_system.url}/api/v1/tasks"
    filters = [f"task.name = {'v' * 90}" for _ in range(50)]
    found = httpx.get(url, params={"q": "字" * 1000, "filter": filters}, auth=("approver1", "approver1"))
    assert (found.status_code, found.json()["items"]) == (200, [])
