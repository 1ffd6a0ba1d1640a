"""Where things stand: requests, processes with their picture, workpieces; told in words, and found again by address."""

from __future__ import annotations

import re
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect

from tests.journey.page.people import PATIENCE, narrow, signed_in, start_request
from tests.system.running import RunningSystem

pytestmark = [pytest.mark.servers, pytest.mark.browser, pytest.mark.timeout(400)]


def come_back(page: Page) -> None:
    """What a browser says when one returns to the window: whatever is shown is read again."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def reads_again(page: Page, shown: Locator, text: str) -> None:
    """The text appears there once it has been read again."""
    for _ in range(20):
        come_back(page)
        page.wait_for_timeout(500)
        if text in (shown.text_content() or ""):
            break
    expect(shown).to_contain_text(text)


def row_of(page: Page, reference: str) -> Locator:
    return page.locator("#list li").filter(has_text=reference)


def claim(page: Page, reference: str) -> None:
    page.get_by_role("link", name="Group tasks").click()
    narrow(page, reference)
    row_of(page, reference).get_by_role("button").first.click()
    page.get_by_role("button", name="Claim", exact=True).click()
    expect(page.get_by_text("You have it now.")).to_be_visible(timeout=PATIENCE)


def test_a_requester_is_told_who_has_the_request(browser: Browser, running_system: RunningSystem) -> None:
    reference = f"R-{uuid4().hex[:8]}"
    requester = signed_in(browser, running_system.url, "requester1")
    start_request(requester, reference)
    requester.get_by_role("link", name="My requests").click()
    expect(requester.get_by_role("heading", name="My requests")).to_be_visible()
    row = row_of(requester, reference)
    expect(row).to_contain_text("Approve request: waits for approvers", timeout=PATIENCE)
    approver = signed_in(browser, running_system.url, "approver1")
    claim(approver, reference)
    reads_again(requester, row, "Approve request: approver1 has it")
    approver.get_by_label("Approve", exact=True).check()
    approver.get_by_role("button", name="Complete", exact=True).click()
    expect(approver.get_by_text("completed.")).to_be_visible(timeout=PATIENCE)
    reads_again(requester, row, "finished")
    requester.get_by_label("Running", exact=True).check()
    expect(row).to_have_count(0)
    requester.get_by_label("Finished", exact=True).check()
    expect(row).to_be_visible()


def test_the_picture_of_a_process_marks_where_it_stands(browser: Browser, running_system: RunningSystem) -> None:
    reference = f"R-{uuid4().hex[:8]}"
    page = signed_in(browser, running_system.url, "requester1")
    told: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            told.append(message.text)

    page.on("console", listen)
    start_request(page, reference)
    page.get_by_role("link", name="My requests").click()
    row_of(page, reference).get_by_role("button").click()
    pane = page.locator("#pane")
    expect(pane.get_by_role("heading", name="Where it stands")).to_be_visible()
    expect(pane.locator(".stands li")).to_contain_text("waits for approvers")
    picture = pane.get_by_role("group", name="Diagram of Request approval")
    expect(picture.locator('[data-element-id="approve"].is-here')).to_be_visible(timeout=PATIENCE)
    expect(picture.locator(".is-here")).to_have_count(1)
    expect(picture.get_by_title("Powered by bpmn.io")).to_be_visible()
    before = picture.locator(".viewport").get_attribute("transform")
    picture.focus()
    page.keyboard.press("+")
    expect(picture.locator(".viewport")).not_to_have_attribute("transform", before or "")
    expect(row_of(page, reference).get_by_role("button")).to_have_attribute("aria-current", "true")
    pane.get_by_role("button", name="Enlarge").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator('[data-element-id="approve"].is-here')).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert told == []


def test_what_others_are_given_of_a_model_is_its_picture(browser: Browser, running_system: RunningSystem) -> None:
    """Nothing of how it is run, whoever is no operator."""
    reference = f"R-{uuid4().hex[:8]}"
    page = signed_in(browser, running_system.url, "requester1")
    start_request(page, reference)
    with httpx.Client(base_url=f"{running_system.url}/api/v1", auth=("requester1", "requester1")) as client:
        found = client.get("/process-instances", params={"businessKey": reference}).json()["items"][0]
        path = f"/process-instances/{found['id']}/diagram"
        answer = client.get(path)
        xml = answer.json()["xml"]
        again = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        whole = client.get(path, auth=("admin", "admin")).json()["xml"]
    assert 'name="Approve request"' in xml
    assert "conditionExpression" not in xml
    assert "conditionExpression" in whole
    assert again.status_code == 304


def test_an_opened_process_has_an_address_of_its_own(browser: Browser, running_system: RunningSystem) -> None:
    reference = f"R-{uuid4().hex[:8]}"
    page = signed_in(browser, running_system.url, "requester2")
    start_request(page, reference)
    page.get_by_role("link", name="Processes").click()
    expect(page.get_by_role("heading", name="Running processes")).to_be_visible()
    narrow(page, reference)
    row_of(page, reference).get_by_role("button").click()
    pane = page.locator("#pane")
    expect(pane.get_by_role("heading", name="Request approval")).to_be_visible()
    expect(pane.get_by_role("definition").filter(has_text="requester2")).to_be_visible()
    address = page.url
    page.reload()
    expect(pane.get_by_role("heading", name="Request approval")).to_be_visible()
    page.get_by_label("State").select_option("finished")
    expect(page.get_by_role("heading", name="Finished processes")).to_be_visible()
    expect(row_of(page, reference)).to_have_count(0)
    page.go_back()
    expect(page).to_have_url(address)
    expect(row_of(page, reference)).to_be_visible()
    page.keyboard.press("Escape")
    expect(pane.get_by_role("heading", name="Request approval")).to_have_count(0)
    other = signed_in(browser, running_system.url, "accountant1")
    other.goto(address)
    expect(other.get_by_text("That is not there for you.")).to_be_visible(timeout=PATIENCE)


def test_workpieces_are_searched_narrowed_and_opened(browser: Browser, running_system: RunningSystem) -> None:
    reference = f"W{uuid4().hex[:8]}"
    kind = f"Order {reference}"
    about = [{"entryType": "order", "entryId": reference}]
    entry = {"entryType": "order", "entryId": reference, "type": kind, "name": f"Paper {reference}"}
    entry |= {"payload": {"gate": "B"}, "authorizedGroups": ["approvers"], "log": {"user": "ann", "message": "Ordered"}}
    other = {**entry, "entryId": f"{reference}-2", "type": f"Bill {reference}", "name": f"Ink {reference}"}
    task = {"name": f"Check {reference}", "candidateGroups": ["approvers"], "correlations": about}
    time = {"time": "2026-01-01T00:00:00Z"}
    records = [
        {"id": f"{reference}-1", "type": "data_entry.saved", **time, "data": entry},
        {"id": f"{reference}-2", "type": "data_entry.saved", **time, "data": other},
        {"id": f"{reference}-3", "type": "task.created", **time, "subject": reference, "data": task},
    ]
    body = {"application": "warehouse", "format": "taskpool", "records": records}
    answer = httpx.post(f"{running_system.url}/api/v1/engine-events", json=body, auth=("admin", "admin"))
    assert answer.json()["rejected"] == []
    page = signed_in(browser, running_system.url, "approver1")
    page.get_by_role("link", name="Workpieces").click()
    expect(page.get_by_role("heading", name="Workpieces")).to_be_visible()
    narrow(page, reference)
    rows = page.locator("#list li")
    reads_again(page, page.locator("#list"), f"Ink {reference}")
    expect(rows).to_have_count(2)
    page.get_by_label("Type").select_option(label=kind)
    expect(rows).to_have_count(1)
    rows.get_by_role("button").click()
    pane = page.locator("#pane")
    expect(pane.get_by_role("heading", name=f"Paper {reference}")).to_be_visible()
    expect(pane.get_by_role("heading", name="Data")).to_be_visible()
    expect(pane.locator(".history li").first).to_contain_text("Ordered by ann")
    address = page.url
    pane.get_by_role("link", name=f"Check {reference}").click()
    expect(page.get_by_role("heading", name="All tasks")).to_be_visible()
    expect(pane.get_by_role("heading", name=f"Check {reference}")).to_be_visible()
    page.go_back()
    expect(page).to_have_url(address)
    expect(pane.get_by_role("heading", name=f"Paper {reference}")).to_be_visible()
    expect(rows).to_have_count(1)
    page.keyboard.press("Escape")
    page.get_by_label("Type").select_option(label="Every type")
    expect(rows).to_have_count(2)


def test_a_telephone_shows_the_list_or_what_is_opened(browser: Browser, running_system: RunningSystem) -> None:
    reference = f"R-{uuid4().hex[:8]}"
    page = signed_in(browser, running_system.url, "requester1")
    start_request(page, reference)
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{running_system.url}/?tab=requests")
    row = row_of(page, reference)
    row.get_by_role("button").click()
    expect(row).to_be_hidden()
    expect(page.locator("#pane")).to_be_focused()
    page.get_by_role("button", name=re.compile("Back")).click()
    expect(row.get_by_role("button")).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
