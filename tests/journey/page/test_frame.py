"""What is everywhere on the page: one field for everything, keys, settings, starting, the bar of a telephone."""

from __future__ import annotations

import gzip
import re
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, Response, expect

from tests.journey.page.people import PATIENCE, PHONE, phone, signed_in, start_request
from tests.system.running import RunningSystem

pytestmark = [pytest.mark.servers, pytest.mark.browser, pytest.mark.timeout(400)]

NOTES = """window.notes = [];
window.Notification = class { constructor(title, given) { window.notes.push([title, given.body]); } close() {} };
Notification.permission = "granted"; Notification.requestPermission = async () => "granted";"""
UNMARKED = """() => {
  const spared = '[dir=auto], [lang], kbd, time, .brand, .number, .count, .mark, option, pre, code, .data dd, b';
  const found = new Set();
  const look = (text, where) => {
    if (/\\p{L}{2}/u.test(text) && !text.includes('⟦')) found.add(`${where}: ${text.trim().slice(0, 60)}`);
  };
  const walk = document.createTreeWalker(document.getElementById('app'), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const holder = walk.currentNode.parentElement;
    if (holder.checkVisibility() && !holder.closest(spared)) look(walk.currentNode.textContent, holder.className);
  }
  for (const one of document.querySelectorAll('#app [aria-label], #app [placeholder]'))
    for (const name of one.checkVisibility() ? ['aria-label', 'placeholder'] : [])
      look(one.getAttribute(name) ?? '', name);
  return [...found];
}"""


def offered_task(system: RunningSystem, reference: str) -> None:
    """A task that approvers see, of an engine that is not asked."""
    data = {"name": f"Look at {reference}", "candidateGroups": ["approvers"], "businessKey": reference}
    record = {
        "id": reference,
        "type": "task.created",
        "time": "2026-01-01T00:00:00Z",
        "subject": reference,
        "data": data,
    }
    body = {"application": "warehouse", "format": "taskpool", "records": [record]}
    answer = httpx.post(f"{system.url}/api/v1/engine-events", json=body, auth=("admin", "admin"))
    assert answer.json()["rejected"] == []


def palette(page: Page) -> Locator:
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Search or do anything")
    expect(field).to_be_focused()
    return field


def current(page: Page) -> Locator:
    return page.get_by_role("listbox", name="What fits").get_by_role("option", selected=True)


def until(page: Page, question: str) -> None:
    """Asks the page until it says yes; its policy forbids `wait_for_function`."""
    for _ in range(100):
        if page.evaluate(question):
            return
        page.wait_for_timeout(200)
    pytest.fail(question)


def test_one_field_finds_tasks_lists_processes_and_actions(browser: Browser, running_system: RunningSystem) -> None:
    reference = f"P{uuid4().hex[:8]}"
    offered_task(running_system, reference)
    page = signed_in(browser, running_system.url, "approver1")
    palette(page).fill(reference)
    expect(page.get_by_role("option", name=f"Look at {reference}")).to_be_visible(timeout=PATIENCE)
    expect(current(page)).to_contain_text(f"Look at {reference}")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=f"Look at {reference}")).to_be_visible(timeout=PATIENCE)
    palette(page).fill("gr ta")
    expect(current(page)).to_contain_text("Group tasks")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Group tasks")).to_be_visible()
    palette(page)
    expect(page.get_by_role("group", name="Recent").get_by_role("option", name="Group tasks")).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(current(page)).to_contain_text("My tasks")
    page.keyboard.press("Escape")
    expect(page.get_by_role("combobox", name="Search or do anything")).to_have_count(0)
    palette(page).fill("sett")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Settings")).to_be_visible()


def test_a_process_is_started_from_the_palette_and_found_among_the_requests(
    browser: Browser, running_system: RunningSystem
) -> None:
    page = signed_in(browser, running_system.url, "requester1")
    palette(page).fill("request app")
    expect(page.get_by_role("option", name="Request approval")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("option", name="Request approval").click()
    dialog = page.get_by_role("dialog", name="Request approval")
    dialog.get_by_label("Amount").fill("1.5")
    dialog.get_by_label("Amount").press("Control+Enter")
    expect(dialog.get_by_text("This must be a whole number.")).to_be_visible(timeout=PATIENCE)
    expect(dialog.get_by_label("Amount")).to_be_focused()
    dialog.get_by_label("Subject").fill("A chair")
    dialog.get_by_label("Amount").fill("90")
    dialog.get_by_label("Amount").press("Control+Enter")
    page.get_by_role("button", name="See it in My requests").click()
    expect(page.get_by_role("heading", name="My requests")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Start a process").click()
    first = page.get_by_role("dialog").get_by_role("listitem").first
    expect(first).to_contain_text("Request approval")
    expect(first).to_contain_text("recent")


def test_a_link_opens_the_form_of_a_process(browser: Browser, running_system: RunningSystem) -> None:
    page = signed_in(browser, running_system.url, "requester1")
    page.goto(f"{running_system.url}/?start=approval/approve_request")
    expect(page.get_by_role("dialog", name="Request approval")).to_be_visible(timeout=PATIENCE)
    expect(page).not_to_have_url(re.compile("start="))
    page.goto(f"{running_system.url}/?start=approval/nothing")
    expect(page.get_by_text("not there for you to start")).to_be_visible(timeout=PATIENCE)


def test_keys_after_each_other_go_to_lists_but_not_while_typing(
    browser: Browser, running_system: RunningSystem
) -> None:
    page = signed_in(browser, running_system.url, "approver1")
    for key, title in (("g", "Group tasks"), ("d", "Deferred tasks"), ("r", "My requests"), ("m", "My tasks")):
        page.keyboard.press("g")
        page.keyboard.press(key)
        expect(page.get_by_role("heading", name=title)).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("gg")
    expect(page.get_by_role("heading", name="My tasks")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    help_ = page.get_by_role("dialog", name="Keyboard")
    expect(help_.get_by_text("Unassigned")).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("u")
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="My tasks")).to_be_visible()


def test_what_was_chosen_is_kept(browser: Browser, running_system: RunningSystem) -> None:
    page = signed_in(browser, running_system.url, "approver1")
    page.get_by_role("button", name="approver1: Settings").click()
    settings = page.get_by_role("dialog")
    settings.get_by_label("Appearance").select_option("contrast")
    settings.get_by_label("Time zone").select_option("Asia/Tokyo")
    settings.get_by_label("Language").select_option("de")
    expect(page.get_by_role("heading", name="Einstellungen")).to_be_visible()
    page.reload()
    expect(page.get_by_role("link", name="Meine Aufgaben")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("html")).to_have_attribute("data-theme", "contrast")
    page.get_by_role("button", name="approver1: Einstellungen").click()
    expect(page.get_by_label("Zeitzone")).to_have_value("Asia/Tokyo")
    page.get_by_label("Sprache").select_option("en")


def test_the_browser_tells_of_what_somebody_else_assigns(browser: Browser, running_system: RunningSystem) -> None:
    page = signed_in(browser, running_system.url, "approver1")
    page.add_init_script(NOTES)
    page.reload()
    page.get_by_role("button", name="approver1: Settings").click()
    page.get_by_label("Tell me when").check()
    page.get_by_label("Quiet from").fill("12:00")
    page.get_by_label("until").fill("12:00")
    with page.expect_response(re.compile("/tasks/search$")):
        page.reload()
    expect(page.get_by_role("link", name="My tasks")).to_be_visible()
    # It begins to follow what is theirs; what came before that is no news, so it is tried until it does.
    for _ in range(20):
        reference = f"N{uuid4().hex[:8]}"
        data = {"name": f"For you {reference}", "assignee": "approver1", "candidateGroups": ["approvers"]}
        record = {"id": reference, "type": "task.created", "time": "2026-01-01T00:00:00Z", "subject": reference}
        body = {"application": "warehouse", "format": "taskpool", "records": [{**record, "data": data}]}
        httpx.post(f"{running_system.url}/api/v1/engine-events", json=body, auth=("admin", "admin"))
        page.wait_for_timeout(1000)
        if page.evaluate("window.notes.length"):
            break
    assert page.evaluate("window.notes[0][0]").startswith("Assigned to you: For you N")


def test_a_telephone_has_what_matters_under_the_thumb(browser: Browser, running_system: RunningSystem) -> None:
    context, page = phone(browser, running_system.url, "requester1")
    bar = page.get_by_role("navigation", name="Quick access")
    bar.get_by_role("link", name="Group tasks").click()
    expect(page.get_by_role("heading", name="Group tasks")).to_be_visible()
    bar.get_by_role("button", name="Search").click()
    expect(page.get_by_role("combobox", name="Search or do anything")).to_be_visible()
    page.keyboard.press("Escape")
    bar.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("dialog", name="Start a process")).to_be_visible()
    page.keyboard.press("Escape")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"]  # type: ignore[index]
    # One line: nothing stands alone below the name.
    assert page.evaluate("document.querySelector('.bar').offsetHeight") < 64
    context.close()


def test_a_finger_to_the_right_claims_a_card(browser: Browser, running_system: RunningSystem) -> None:
    reference = f"S-{uuid4().hex[:8]}"
    requester = signed_in(browser, running_system.url, "requester1")
    start_request(requester, reference)
    context, page = phone(browser, running_system.url, "approver1")
    page.goto(f"{running_system.url}/?tab=group&q={reference}")
    row = page.locator("#list [data-id]").filter(has_text=reference)
    expect(row).to_be_visible(timeout=PATIENCE)
    row.evaluate(
        """(row) => {
          const {left, top} = row.getBoundingClientRect();
          const send = (name, x) => {
            const touch = new Touch({identifier: 1, target: row, clientX: left + x, clientY: top + 20});
            const touches = name === 'touchend' ? [] : [touch];
            const given = {bubbles: true, cancelable: true, touches, changedTouches: [touch]};
            row.dispatchEvent(new TouchEvent(name, given));
          };
          send('touchstart', 20); send('touchmove', 60); send('touchmove', 160); send('touchend', 160);
        }"""
    )
    expect(page.get_by_text("You have it now.")).to_be_visible(timeout=PATIENCE)
    context.close()


def test_the_tour_is_shown_once_and_is_in_nobodys_way(browser: Browser, running_system: RunningSystem) -> None:
    page = signed_in(browser, running_system.url, "approver2")
    tour = page.get_by_role("region", name="A short tour")
    expect(tour).to_contain_text("Step 1 of 3")
    assert page.evaluate("document.activeElement === document.body")
    tour.get_by_role("button", name="Next").click()
    tour.get_by_role("button", name="Next").press("Enter")
    expect(tour).to_contain_text("Step 3 of 3")
    tour.get_by_role("button", name="Done").press("Escape")
    expect(tour).to_have_count(0)
    page.reload()
    expect(page.get_by_role("link", name="My tasks")).to_be_visible()
    expect(tour).to_have_count(0)


def test_while_the_connection_is_away_it_is_said_quietly(browser: Browser, running_system: RunningSystem) -> None:
    page = signed_in(browser, running_system.url, "approver1")
    page.context.set_offline(True)
    expect(page.get_by_role("banner").get_by_text("No connection.")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.context.set_offline(False)
    expect(page.get_by_role("banner").get_by_text("No connection.")).to_be_hidden(timeout=60_000)


def test_the_shell_is_there_without_a_server_and_gone_after_signing_out(
    browser: Browser, running_system: RunningSystem
) -> None:
    page = signed_in(browser, running_system.url, "approver1")
    until(page, "navigator.serviceWorker.controller !== null")
    page.reload()
    expect(page.get_by_role("link", name="My tasks")).to_be_visible()
    until(page, "caches.match('/').then(Boolean)")
    kept = page.evaluate(
        "caches.keys().then((names) => Promise.all(names.map(async (name) => (await caches.open(name)).keys())))"
        ".then((all) => all.flat().map((one) => new URL(one.url).pathname))"
    )
    assert not [path for path in kept if path.startswith("/api/")]
    page.context.set_offline(True)
    page.reload()
    expect(page.get_by_role("link", name="My tasks")).to_be_visible()
    page.context.set_offline(False)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Password")).to_be_visible()
    # What stays is of nobody: scripts and styles, which the page one signs in on has, too.
    until(page, "caches.match('/').then((found) => !found)")


def test_the_page_speaks_german_where_the_browser_does(browser: Browser, running_system: RunningSystem) -> None:
    page = browser.new_context(locale="de-DE").new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{running_system.url}/sign-in")
    page.get_by_label("Name").fill("approver1")
    page.get_by_label("Passwort").fill("approver1")
    page.get_by_role("button", name="Anmelden", exact=True).click()
    expect(page.get_by_role("link", name="Gruppenaufgaben")).to_be_visible()


def test_mail_is_written_as_the_page_is_read(browser: Browser, running_system: RunningSystem) -> None:
    name = "accountant1"
    client = httpx.Client(base_url=f"{running_system.url}/api/v1", auth=(name, name))

    def opened(locale: str) -> Page:
        page = browser.new_context(locale=locale, timezone_id="Europe/Zurich").new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(f"{running_system.url}/sign-in")
        page.locator("input[name=username]").fill(name)
        page.locator("input[name=password]").fill(name)
        with page.expect_response("**/me/locale"):
            page.keyboard.press("Enter")
        return page

    with client:
        client.post("/me/locale", json={"locale": "en", "timeZone": "UTC"}).raise_for_status()
        page = opened("de-CH")
        with page.expect_response("**/me/locale"):
            settings_of(page, name, "Einstellungen").get_by_label("Sprache").select_option("en")
        assert client.get("/me/locale").json() == {"locale": "en", "timeZone": "Europe/Zurich"}
        with page.expect_response("**/me/locale"):
            page.get_by_role("dialog").get_by_label("Time zone").select_option("Asia/Tokyo")
        with page.expect_response("**/me/locale"):
            page.get_by_role("dialog").get_by_label("Language").select_option("system")
        kept = {"locale": "de-CH", "timeZone": "Asia/Tokyo"}
        assert client.get("/me/locale").json() == kept
        opened("en-GB")
        assert client.get("/me/locale").json() == kept, "another browser has chosen nothing"


def settings_of(page: Page, name: str, said: str) -> Locator:
    page.get_by_role("button", name=f"{name}: {said}").click()
    return page.get_by_role("dialog")


def test_every_word_of_the_page_is_in_the_catalogue(browser: Browser, running_system: RunningSystem) -> None:
    reference = f"W{uuid4().hex[:8]}"
    offered_task(running_system, reference)
    page = signed_in(browser, running_system.url, "approver1")
    page.goto(f"{running_system.url}/?pseudo")
    page.get_by_role("button", name="approver1: Settings").click()
    page.get_by_label("Language").select_option("pseudo")
    assert page.evaluate(UNMARKED) == []
    page.keyboard.press("Escape")
    page.goto(f"{running_system.url}/?tab=group&q={reference}")
    row = page.locator("#list [data-id]").filter(has_text=reference)
    expect(row).to_be_visible(timeout=PATIENCE)
    assert page.evaluate(UNMARKED) == []
    row.get_by_role("button").first.click()
    expect(page.get_by_role("heading", name=f"Look at {reference}")).to_be_visible(timeout=PATIENCE)
    assert page.evaluate(UNMARKED) == []
    for key in ("?", "Control+k", "s"):
        page.keyboard.press(key)
        expect(page.locator("dialog[open]")).to_be_visible()
        assert page.evaluate(UNMARKED) == []
        page.keyboard.press("Escape")
        expect(page.locator("dialog[open]")).to_have_count(0)


def test_a_list_needs_no_more_script_than_was_agreed(browser: Browser, running_system: RunningSystem) -> None:
    """150,000 bytes gzipped, whatever the first page with a list asks for; diagrams come when they are wanted."""
    page = signed_in(browser, running_system.url, "approver1")
    answers: list[Response] = []
    page.on("response", lambda one: answers.append(one))  # noqa: PLW0108 - it wants a function of Python
    page.goto(f"{running_system.url}/?tab=group")
    expect(page.get_by_role("heading", name="Group tasks")).to_be_visible(timeout=PATIENCE)
    # One request always waits for changes, so that the network is never idle.
    page.wait_for_timeout(1000)
    scripts = {one.url: one.body() for one in answers if one.request.resource_type == "script"}
    assert scripts
    assert sum(len(gzip.compress(body)) for body in scripts.values()) <= 150_000
