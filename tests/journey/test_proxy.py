"""Behind a real nginx and a real Caddy, as documented: whom one speaks to, and who one is, stays true."""

from __future__ import annotations

import json
import os
import re
import ssl
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from werkzeug.security import generate_password_hash

from tests.system.running import RunningSystem, temporary_home
from tests.system.tls import Authority
from workers.system.record import free_port, is_free

pytestmark = [pytest.mark.servers, pytest.mark.timeout(200)]

ROOT = Path(__file__).parents[2]
SECRET = "b9c1d27fe03a48d6a5f8e2c7714bd093"
PASSWORD = "lorry 7 umbrella"


@contextmanager
def nginx(folder, taskpool):
    """The documented proxy with a port and a certificate of this test; gives its address and whom to trust."""
    authority, port = Authority(folder), free_port()
    certificate, key = authority.certify("nginx")
    text = documented(
        "nginx.conf",
        ("127.0.0.1:8080", f"127.0.0.1:{taskpool}"),
        ("listen 443 ssl http2", f"listen 127.0.0.1:{port} ssl http2"),
        ("/etc/ssl/tasks.example.crt", str(certificate)),
        ("/etc/ssl/private/tasks.example.key", str(key)),
    )
    config = folder / "nginx.conf"
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind}; " for kind in kinds)
    config.write_text(
        f"pid {folder}/nginx.pid;\nerror_log {folder}/error.log;\nevents {{ worker_connections 2000; }}\n"
        f"http {{ access_log off; {temporary}\n{text}\n}}\n"
    )
    user = "user root;" if os.geteuid() == 0 else ""
    with listening(["/usr/sbin/nginx", "-c", str(config), "-g", f"daemon off; {user}"], port):
        yield f"https://127.0.0.1:{port}", ssl.create_default_context(cafile=str(authority.file))


@contextmanager
def caddy(folder, taskpool):
    """The same with Caddy, which gets no certificate of its own here."""
    authority, port = Authority(folder), free_port()
    certificate, key = authority.certify("caddy")
    text = documented(
        "Caddyfile",
        ("127.0.0.1:8080", f"127.0.0.1:{taskpool}"),
        ("tasks.example {", f"https://127.0.0.1:{port} {{\n\tbind 127.0.0.1\n\ttls {certificate} {key}"),
    )
    config = folder / "Caddyfile"
    config.write_text(f"{{\n\tadmin off\n\tauto_https disable_redirects\n\tgrace_period 1s\n}}\n{text}")
    command = ["/usr/bin/caddy", "run", "--config", str(config), "--adapter", "caddyfile"]
    homes = {"HOME": str(folder), "XDG_DATA_HOME": str(folder / "data"), "XDG_CONFIG_HOME": str(folder / "config")}
    with listening(command, port, homes):
        yield f"https://127.0.0.1:{port}", ssl.create_default_context(cafile=str(authority.file))


def documented(name, *replaced):
    """A configuration of the documentation, with what is different here."""
    text = (ROOT / "docs/proxies" / name).read_text()
    for of_the_documentation, here in replaced:
        assert of_the_documentation in text
        text = text.replace(of_the_documentation, here)
    return text


@contextmanager
def listening(command, port, environment=None):
    """A server, from when its port is taken."""
    process = subprocess.Popen(command, env={**os.environ, **(environment or {})})
    try:
        deadline = time.monotonic() + 20
        while is_free(port):
            assert time.monotonic() < deadline, command
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture(scope="module")
def production():
    """A system in the production profile that trusts one proxy."""
    with temporary_home() as home:
        users = home / "users.json"
        people = {"rosa": ["admins"], "nginx": ["approvers"], "caddy": ["approvers"]}
        password = generate_password_hash(PASSWORD)
        entries = {name: {"password": password, "groups": groups} for name, groups in people.items()}
        users.write_text(json.dumps({"users": entries}))
        settings = {"TASKPOOL_PROFILE": "production", "TASKPOOL_SECRET_KEY": SECRET, "TASKPOOL_USERS": str(users)}
        system = RunningSystem(home / "system", free_port(), TASKPOOL_PROXIES="1", **settings)
        try:
            system.up()
            yield system
        finally:
            system.down()


@pytest.fixture(scope="module", params=[nginx, caddy], ids=lambda proxy: proxy.__name__)
def behind(request, production, tmp_path_factory):
    """That system behind a proxy; gives it, the proxy's address, whom to trust, and the proxy's name."""
    proxy = request.param
    with proxy(tmp_path_factory.mktemp(proxy.__name__), production.port) as (url, trust):
        yield production, url, trust, proxy.__name__


@pytest.fixture
def browser(behind):
    _, url, trust, _ = behind
    with httpx.Client(base_url=url, verify=trust, timeout=70) as client:
        yield client


def token_in(page):
    return re.search(r'name="csrf-token" content="([^"]+)"', page.text).group(1)


def sign_in(browser, name="rosa", password=PASSWORD, **headers):
    form = {"username": name, "password": password, "csrf_token": token_in(browser.get("/sign-in"))}
    return browser.post("/sign-in", data=form, headers={"Referer": f"{browser.base_url}/sign-in", **headers})


def test_the_page_is_signed_in_to_over_https_only(browser):
    answer = sign_in(browser)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    page = browser.get("/")
    assert page.status_code == 200
    here = str(browser.base_url).rstrip("/")
    origin = {"Origin": here, "Referer": f"{here}/", "X-CSRFToken": token_in(page)}
    assert browser.post("/api/v1/tasks/none/claim", headers=origin).status_code == 404
    foreign = {**origin, "Origin": "https://elsewhere.example"}
    assert browser.post("/api/v1/tasks/none/claim", headers=foreign).status_code == 403


def test_an_address_is_the_clients_and_nobody_makes_up_another(behind, browser):
    system, _, _, name = behind
    for n in range(10):
        assert sign_in(browser, name, "wrong", **{"X-Forwarded-For": f"10.1.1.{n}"}).status_code == 401
    assert sign_in(browser, name, "wrong", **{"X-Forwarded-For": "10.1.1.99"}).status_code == 429
    lines = [
        json.loads(line) for line in (system.home / "logs/web.log").read_text().splitlines() if "sign_in_fa" in line
    ]
    guessed = {(line["user"], line["address"]) for line in lines if line["user"] == name}
    assert guessed == {(name, "127.0.0.1")}


def test_without_a_proxy_in_between_the_header_says_who_one_is_and_so_the_web_listens_here_only(behind):
    system, _, _, _ = behind
    assert system.settings.host == "127.0.0.1"
    answer = httpx.get(f"{system.url}/healthz")
    assert "Strict-Transport-Security" not in answer.headers


def test_events_pass_at_once_and_held_requests_are_held(browser):
    sign_in(browser)
    with browser.stream("GET", "/api/v1/tasks/stream") as events:
        began = time.monotonic()
        assert "open" in next(events.iter_text())
        assert time.monotonic() - began < 2
    cursor = browser.get("/api/v1/tasks").json()["cursor"]
    began = time.monotonic()
    answer = browser.get("/api/v1/tasks/changes", params={"cursor": cursor, "wait": 3})
    assert answer.status_code == 200
    assert 2.5 < time.monotonic() - began < 6


def test_long_searches_pass_and_what_is_refused_is_a_problem(browser):
    sign_in(browser)
    assert browser.get("/api/v1/tasks", params={"q": "字" * 1000}).status_code == 200
    assert browser.get("/api/v1/nothing").headers["content-type"] == "application/problem+json"
