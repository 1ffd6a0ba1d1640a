"""What the page's own addresses answer: languages, files that are kept, links while outside, how it is installed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile
from string import Formatter

import pytest
from flask.testing import FlaskClient
from pymongo import MongoClient
from werkzeug.wrappers import Response

from tests.webapp.conftest import services_over, web_settings
from webapp.page import assets
from webapp.page.pages import page
from webapp.page.words import CATALOGUES
from webapp.server.factory import create_app

BUILT = {
    "page.js": 'import "./part-1.js";',
    "page.css": "",
    "sign_in.js": "",
    "sign_in.css": "",
    "part-1.js": "export {};",
    "service_worker.js": "self;",
    "first.json": json.dumps({"page.js": ["part-1.js"]}),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What setting up has built, of which nothing is needed here but its names."""
    built = tmp_path / "built"
    built.mkdir()
    for name, text in BUILT.items():
        (built / name).write_text(text)
    for mark in ("mark.svg", "mark_whole.svg"):
        copyfile(Path(str(page.static_folder)) / mark, tmp_path / mark)
    monkeypatch.setattr(page, "static_folder", str(tmp_path))
    monkeypatch.setattr(assets, "_BUILT", built)
    return built


@pytest.fixture
def browser(folder: Path) -> Iterator[FlaskClient]:
    """One that is not signed in; no document is asked for."""
    with MongoClient[dict[str, object]]("mongodb://127.0.0.1:9", connect=False) as nowhere:
        yield create_app(services_over(nowhere["nowhere"], web_settings())).test_client()


def got(browser: FlaskClient, address: str) -> Response:
    with browser.get(address) as answer:
        answer.get_data()
        return answer


def enter(browser: FlaskClient, address: str = "/sign-in") -> str:
    form = browser.get(address).text
    found = re.search(r'name="csrf-token" content="([^"]+)"', form)
    action = re.search(r'action="([^"]+)"', form)
    assert found
    assert action
    filled = {"username": "approver1", "password": "approver1", "csrf_token": found.group(1)}
    return browser.post(action.group(1).replace("&amp;", "&"), data=filled).headers["Location"]


@pytest.mark.parametrize(
    ("asked", "lang", "button"),
    [
        ("de-CH,de;q=0.9,en;q=0.8", "de", "Anmelden"),
        ("en-GB", "en", "Sign in"),
        ("fr", "en", "Sign in"),
        ("", "en", "Sign in"),
    ],
)
def test_who_is_outside_is_spoken_to_in_their_language(
    browser: FlaskClient, asked: str, lang: str, button: str
) -> None:
    answer = browser.get("/sign-in", headers={"Accept-Language": asked})
    assert f'<html lang="{lang}">' in answer.text
    assert f'<button class="primary">{button}</button>' in answer.text
    assert "Accept-Language" in answer.headers["Vary"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_every_language_says_the_same_things() -> None:
    english = CATALOGUES["en"]
    for words in CATALOGUES.values():
        assert words.keys() == english.keys()
        assert all(words.values())
        for name, text in words.items():
            assert places(text) == places(english[name])


def places(text: str) -> list[str | None]:
    return [place for _, place, _, _ in Formatter().parse(text) if place]


def test_a_built_file_has_an_address_that_changes_with_it(browser: FlaskClient, folder: Path) -> None:
    before = script_of(browser)
    assert "immutable" in got(browser, before).headers["Cache-Control"]
    (folder / "page.js").write_text("something_else();")
    after = script_of(browser)
    assert after != before
    # Who has the old page does not keep the new file under the old address.
    assert "immutable" not in got(browser, before).headers["Cache-Control"]


def script_of(browser: FlaskClient) -> str:
    if browser.get("/").status_code != 200:
        enter(browser)
    found = re.search(r'<script type="module" src="(/static/built/page\.js\?v=\w+)"', browser.get("/").text)
    assert found
    return found.group(1)


def test_parts_are_named_at_once_and_other_files_are_asked_for_again(browser: FlaskClient) -> None:
    enter(browser)
    assert '<link rel="modulepreload" href="/static/built/part-1.js">' in browser.get("/").text
    assert got(browser, "/static/mark.svg").headers["Cache-Control"] == "no-cache"


def test_a_link_leads_to_what_it_says_after_signing_in(browser: FlaskClient) -> None:
    outside = browser.get("/?tab=group&task=a%20b").headers["Location"]
    assert outside.startswith("/sign-in?to=")
    assert enter(browser, outside) == "/?tab=group&task=a%20b"


def test_a_link_leads_nowhere_else(browser: FlaskClient) -> None:
    assert enter(browser, "/sign-in?to=https://example.com").startswith("/?")


def test_nothing_but_what_was_built_is_read(
    browser: FlaskClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder.parent.parent / "secret").write_text("not a part of the page")
    read: list[str] = []
    monkeypatch.setattr(assets, "_version", lambda name: read.append(name) or "1")
    for name in ("../../secret", "%2e%2e/%2e%2e/secret", "..%2f..%2fsecret", "nothing.js", "%00"):
        assert got(browser, f"/static/built/{name}?v=1").status_code == 404
    assert read == []


def test_what_is_kept_long_brings_nobodys_session(browser: FlaskClient) -> None:
    enter(browser)
    assert "Set-Cookie" in got(browser, "/").headers
    assert "Set-Cookie" not in got(browser, "/static/built/part-1.js").headers


def test_a_link_with_a_line_break_leads_to_the_list(browser: FlaskClient) -> None:
    assert enter(browser, "/sign-in?to=a%0d%0aSet-Cookie:x") == "/"
    assert got(browser, "/sign-in?to=a%0d%0ab").headers["Location"] == "/"


def test_it_can_be_installed(browser: FlaskClient) -> None:
    said = json.loads(browser.get("/manifest.webmanifest").data)
    assert (said["start_url"], said["scope"], said["display"]) == ("/", "/", "standalone")
    assert all(got(browser, icon["src"]).status_code == 200 for icon in said["icons"])
    assert "manifest-src 'self'" in browser.get("/sign-in").headers["Content-Security-Policy"]


def test_the_shell_is_kept_by_a_script_that_is_always_the_newest(browser: FlaskClient, folder: Path) -> None:
    answer = browser.get("/service-worker.js")
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("text/javascript", "no-cache")
    (folder / "service_worker.js").unlink()
    assert browser.get("/service-worker.js").status_code == 404


def test_the_tour_is_for_the_demo(browser: FlaskClient) -> None:
    enter(browser)
    assert 'data-demo="true"' in browser.get("/").text
