"""Two people, two browsers: what one does appears on the other's screen by itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journey.page.people import PATIENCE, narrow, signed_in, start_request
from tests.system.running import RunningSystem

pytestmark = [pytest.mark.servers, pytest.mark.browser, pytest.mark.timeout(400)]


def test_a_request_travels_from_one_screen_to_another(browser: Browser, running_system: RunningSystem) -> None:
    reference = f"R-{uuid4().hex[:8]}"
    requester = signed_in(browser, running_system.url, "requester1")
    approver = signed_in(browser, running_system.url, "approver1")
    watcher = signed_in(browser, running_system.url, "approver2")
    for page in (approver, watcher):
        page.get_by_role("link", name="Group tasks").click()
        expect(page.get_by_role("heading", name="Group tasks")).to_be_visible()
    start_request(requester, reference)
    row = approver.get_by_role("listitem").filter(has_text=reference)
    expect(row).to_be_visible(timeout=PATIENCE)
    row.get_by_role("button").click()
    approver.get_by_role("button", name="Claim", exact=True).click()
    expect(approver.get_by_text("You have it now.")).to_be_visible(timeout=PATIENCE)
    seen = watcher.get_by_role("listitem").filter(has_text=reference)
    expect(seen.get_by_text("approver1 has it")).to_be_visible(timeout=PATIENCE)
    approver.get_by_label("Approve", exact=True).check()
    approver.get_by_role("button", name="Complete", exact=True).click()
    expect(approver.get_by_text("completed.")).to_be_visible(timeout=PATIENCE)
    expect(row).to_have_count(0, timeout=PATIENCE)
    expect(seen).to_have_count(0, timeout=PATIENCE)
    approver.get_by_role("link", name="Completed").click()
    expect(approver.get_by_role("listitem").filter(has_text=reference)).to_be_visible(timeout=PATIENCE)


def test_a_form_says_beside_the_field_what_is_wrong(browser: Browser, running_system: RunningSystem) -> None:
    page = signed_in(browser, running_system.url, "requester2")
    page.get_by_role("button", name="Start a process").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Request approval").click()
    dialog.get_by_label("Amount").fill("1.5")
    dialog.get_by_role("button", name="Start", exact=True).click()
    expect(dialog.get_by_text("This must be a whole number.")).to_be_visible(timeout=PATIENCE)


def test_what_a_task_is_about_is_beside_it_with_what_was_done(browser: Browser, running_system: RunningSystem) -> None:
    reference = f"O-{uuid4().hex[:8]}"
    times = {"time": "2026-01-01T00:00:00Z"}
    entry = {"entryType": "order", "entryId": reference, "name": f"Order {reference}", "payload": {"gate": "B"}}
    log = {"log": {"user": "ann", "message": "Ordered"}, "authorizedGroups": ["approvers"]}
    about = [{"entryType": "order", "entryId": reference}]
    task = {"name": f"Check {reference}", "candidateGroups": ["approvers"], "correlations": about, "priority": 1000}
    records = [
        {"id": f"{reference}-1", "type": "data_entry.saved", **times, "data": {**entry, **log}},
        {"id": f"{reference}-2", "type": "task.created", **times, "subject": reference, "data": task},
    ]
    body = {"application": "warehouse", "format": "taskpool", "records": records}
    answer = httpx.post(f"{running_system.url}/api/v1/engine-events", json=body, auth=("admin", "admin"))
    assert answer.json()["rejected"] == []
    page = signed_in(browser, running_system.url, "approver1")
    page.get_by_role("link", name="Group tasks").click()
    page.get_by_role("listitem").filter(has_text=reference).get_by_role("button").click()
    page.get_by_text(f"Order {reference}").click()
    expect(page.get_by_text("Ordered by ann")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("definition").filter(has_text="B").first).to_be_visible()
    page.get_by_role("button", name="Claim", exact=True).click()
    expect(page.get_by_text("You have it now.")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("Ordered by ann")).to_be_visible()
    expect(page.get_by_text("undefined")).to_have_count(0)


def test_keys_open_the_help_and_close_it(browser: Browser, running_system: RunningSystem) -> None:
    page = signed_in(browser, running_system.url, "requester2")
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Keyboard")).to_be_hidden()


def test_a_wrong_password_says_so_and_stays_outside(browser: Browser, running_system: RunningSystem) -> None:
    page = browser.new_context().new_page()
    page.goto(f"{running_system.url}/sign-in")
    page.get_by_label("Name").fill("approver1")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")


def held(system: RunningSystem) -> int:
    """Requests that wait for changes in the web process."""
    text = httpx.get(f"{system.url}/metrics").text
    return int(float(next(line.split()[1] for line in text.splitlines() if line.startswith("taskpool_held_polls"))))


def within(seconds: float, question: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not question() and time.monotonic() < deadline:
        time.sleep(0.1)
    return question()


def hide(page: Page, hidden: bool) -> None:
    """What a browser does when another tab comes to the front."""
    text = "hidden => { Object.defineProperty(document, 'hidden', {value: hidden, configurable: true}); "
    page.evaluate(text + "document.dispatchEvent(new Event('visibilitychange')); }", hidden)


def test_tabs_of_one_browser_share_one_request_and_hidden_ones_hold_none(
    browser: Browser, running_system: RunningSystem
) -> None:
    # Pages of other tests ask again with every change: how many do at one moment says nothing.
    for context in browser.contexts:
        context.close()
    assert within(10, lambda: held(running_system) == 0)
    first = signed_in(browser, running_system.url, "approver1")
    tabs = [first, *(first.context.new_page() for _ in range(6))]
    for tab in tabs:
        tab.set_default_timeout(PATIENCE)
        tab.goto(f"{running_system.url}/")
        tab.get_by_role("link", name="Group tasks").click()
    assert within(10, lambda: held(running_system) == 1)
    began = time.monotonic()
    assert first.evaluate("fetch('/api/v1/me').then(answer => answer.status)") == 200
    assert time.monotonic() - began < 1

    def started() -> str:
        reference = f"R-{uuid4().hex[:8]}"
        sent = {"variables": {"subject": "a chair", "amount": 5}, "businessKey": reference}
        path = f"{running_system.url}/api/v1/process-definitions/approval/approve_request/start"
        assert httpx.post(path, json=sent, auth=("requester1", "requester1"), timeout=30).status_code == 201
        return reference

    reference = started()
    for tab in tabs:
        expect(tab.get_by_text(reference)).to_be_visible(timeout=3000)
    for tab in tabs[1:]:
        hide(tab, True)
    first.close()
    assert within(5, lambda: held(running_system) == 0)
    missed = started()
    hide(tabs[-1], False)
    expect(tabs[-1].get_by_text(missed)).to_be_visible(timeout=3000)
    assert tabs[1].get_by_text(missed).count() == 0
    assert within(5, lambda: held(running_system) == 1)
    tabs[-1].context.close()


def test_what_tasks_are_about_and_what_runs_have_lists_of_their_own(
    browser: Browser, running_system: RunningSystem
) -> None:
    """Each leads to its data, its log and its tasks; the address says what is shown, and going back works."""
    reference = f"R-{uuid4().hex[:8]}"
    page = signed_in(browser, running_system.url, "requester1")
    start_request(page, reference)
    page.get_by_role("link", name="Processes").click()
    expect(page.get_by_role("heading", name="Running processes")).to_be_visible()
    narrow(page, reference)
    row = page.locator("#list li").filter(has_text=reference)
    expect(row).to_be_visible()
    row.get_by_role("button").click()
    pane = page.locator("#pane")
    expect(pane.get_by_role("heading", name="Request approval")).to_be_visible()
    expect(pane.get_by_text("started by").or_(pane.get_by_text("Started by")).first).to_be_visible()
    number = f"N{uuid4().hex[:8]}"
    sent = {"variables": {"creditor": "Acme", "invoiceNumber": number, "amount": 77}}
    with httpx.Client(base_url=f"{running_system.url}/api/v1", auth=("requester1", "requester1")) as client:
        assert client.post("/process-definitions/invoicing/process_invoice/start", json=sent).status_code == 201
    page.get_by_role("link", name="Workpieces").click()
    expect(page.get_by_role("heading", name="Workpieces")).to_be_visible()
    narrow(page, number)
    entry = page.locator("#list li").filter(has_text=number)
    expect(entry).to_have_count(1, timeout=PATIENCE)
    entry.get_by_role("button").click()
    expect(pane.get_by_role("heading", name="Data")).to_be_visible()
    expect(pane.get_by_text("77", exact=True)).to_be_visible()
    expect(pane.locator(".history li").first).to_contain_text("Received")
    page.reload()
    expect(pane.get_by_role("heading", name="Data")).to_be_visible()
    page.get_by_role("link", name="My tasks").click()
    expect(page.get_by_text("Choose a task")).to_be_visible()
    expect(page.locator("#list li").filter(has_text="R-")).to_have_count(0)


def test_a_list_is_sorted_as_chosen_and_stays_so_as_tasks_come(browser: Browser, running_system: RunningSystem) -> None:
    page = signed_in(browser, running_system.url, "approver1")
    page.get_by_role("link", name="Group tasks").click()
    page.get_by_label("Sort by").select_option("newest first")
    requester = signed_in(browser, running_system.url, "requester1")
    for _ in range(2):
        reference = f"R-{uuid4().hex[:8]}"
        start_request(requester, reference)
        expect(page.locator("#list li").first).to_contain_text(reference, timeout=PATIENCE)
    page.reload()
    expect(page.locator("#list li").first).to_contain_text(reference, timeout=PATIENCE)


def test_a_comment_is_read_by_whoever_opens_the_task(browser: Browser, running_system: RunningSystem) -> None:
    reference = f"R-{uuid4().hex[:8]}"
    requester = signed_in(browser, running_system.url, "requester1")
    start_request(requester, reference)
    for name, comment in (("approver1", "Is this <b>still</b> needed?"), ("approver2", "Yes.")):
        page = signed_in(browser, running_system.url, name)
        page.get_by_role("link", name="Group tasks").click()
        narrow(page, reference)
        page.locator("#list li").filter(has_text=reference).get_by_role("button").click()
        page.get_by_label("Say something about this task").fill(comment)
        page.get_by_role("button", name="Add comment").click()
        expect(page.locator(".comments li").filter(has_text=comment)).to_be_visible()
        expect(page.get_by_label("Say something about this task")).to_have_value("")
    expect(page.locator(".comments li")).to_have_count(2)
