"""One task on the page: its data, its form with a draft, whom it is given to, what is said about it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journey.page.people import PATIENCE, click_by_hand, narrow, signed_in, start_request
from tests.system.running import RunningSystem

pytestmark = [pytest.mark.servers, pytest.mark.browser, pytest.mark.timeout(400)]

FORM = [
    {"id": "amount", "label": "Sum", "type": "long", "required": True, "constraints": {"min": 1, "max": 500}},
    {"id": "subject", "label": "Matter", "type": "string", "required": True, "constraints": {"maxlength": 20}},
    {"id": "agreed", "label": "Agreed?", "type": "boolean", "required": True},
]


def reference() -> str:
    return f"R-{uuid4().hex[:8]}"


def told(system: RunningSystem, subject: str, kind: str = "created", /, **data: Any) -> None:
    """Something that an outside engine tells of its task."""
    record = {
        "id": f"{subject} {uuid4().hex}",
        "type": f"task.{kind}",
        "time": datetime.now(UTC).isoformat(),
        "subject": subject,
        "data": data,
    }
    body = {"application": "warehouse", "format": "taskpool", "records": [record]}
    answer = httpx.post(f"{system.url}/api/v1/engine-events", json=body, auth=("admin", "admin"))
    assert answer.json()["rejected"] == []


def open_task(page: Page, tab: str | re.Pattern[str], name: str) -> None:
    page.get_by_role("link", name=tab).click()
    narrow(page, name)
    row = page.get_by_role("main").locator("[data-id]").filter(has_text=name).first
    expect(row).to_be_visible(timeout=PATIENCE)
    row.get_by_role("button").first.click()
    expect(page.get_by_role("heading", name="History", exact=True)).to_be_visible(timeout=PATIENCE)


def form_of(page: Page) -> Any:
    return page.locator("#pane form").filter(has=page.get_by_role("button", name="Complete", exact=True))


def test_data_is_read_and_not_json(browser: Browser, running_system: RunningSystem) -> None:
    name = reference()
    payload = {
        "received": "2026-02-03",
        "agreed": True,
        "nothing": None,
        "home": "https://example.com/",
        "customer": {"address": {"city": "Bern"}},
        "lines": [{"article": f"A-{number}", "price": number / 2} for number in range(3)],
        "many": [{"n": number} for number in range(1000)],
        "text": "word " * 500,
    }
    told(running_system, name, name=name, candidateGroups=["approvers"], payload=payload)
    page = signed_in(browser, running_system.url, "approver1")
    open_task(page, "Group tasks", name)
    pane = page.locator("#pane")
    for said in ("Feb 3, 2026", "Yes", "\u2013", "Bern"):
        expect(pane.get_by_role("definition").filter(has_text=said).first).to_be_visible()
    expect(pane.get_by_role("cell", name="A-2", exact=True)).to_be_visible()
    expect(pane.get_by_role("link", name="https://example.com/")).to_have_attribute("rel", "noopener noreferrer")
    pane.get_by_role("button", name=re.compile("^many ")).click()
    expect(pane.get_by_role("row")).to_have_count(4 + 51)
    pane.get_by_role("button", name="Show all 1,000").click()
    expect(pane.get_by_role("row")).to_have_count(4 + 1001)
    more = pane.get_by_role("button", name="more", exact=True)
    more.click()
    expect(pane.get_by_role("button", name="less", exact=True)).to_be_focused()


def test_a_description_is_markdown_that_does_no_harm(browser: Browser, running_system: RunningSystem) -> None:
    name = reference()
    text = "Please **hurry**\n\n![picture](https://example.com/p.png)\n<script>document.title='x'</script>"
    told(running_system, name, name=name, candidateGroups=["approvers"], description=text)
    page = signed_in(browser, running_system.url, "approver1")
    open_task(page, "Group tasks", name)
    pane = page.locator("#pane")
    expect(pane.get_by_role("strong").filter(has_text="hurry")).to_be_visible(timeout=PATIENCE)
    expect(pane.get_by_role("link", name="picture")).to_have_attribute("target", "_blank")
    expect(pane.locator("img, script")).to_have_count(0)


def test_a_draft_is_kept_and_comes_back_elsewhere(browser: Browser, running_system: RunningSystem) -> None:
    name = reference()
    told(running_system, name, name=name, assignee="approver1", formFields=FORM, payload={"amount": 40})
    page = signed_in(browser, running_system.url, "approver1")
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.method) if one.url.endswith("/draft") else None)
    open_task(page, "My tasks", name)
    form_of(page).get_by_label("Matter").fill("Two monitors")
    expect(page.get_by_text("Draft saved", exact=True)).to_be_visible(timeout=PATIENCE)
    assert "GET" not in asked, "the task has said that there is none"
    elsewhere = signed_in(browser, running_system.url, "approver1")
    open_task(elsewhere, "My tasks", name)
    expect(elsewhere.get_by_text("on another device")).to_be_visible(timeout=PATIENCE)
    expect(form_of(elsewhere).get_by_label("Matter")).to_have_value("Two monitors")
    elsewhere.get_by_role("button", name="Start over").click()
    expect(form_of(elsewhere).get_by_label("Matter")).to_have_value("")


def test_what_changes_meanwhile_takes_nothing_that_was_typed(browser: Browser, running_system: RunningSystem) -> None:
    name = reference()
    told(running_system, name, name=name, assignee="approver1", formFields=FORM, payload={"amount": 40})
    page = signed_in(browser, running_system.url, "approver1")
    open_task(page, "My tasks", name)
    amount = form_of(page).get_by_label("Sum")
    amount.fill("41")
    told(running_system, name, "attributes_changed", payload={"amount": 77})
    expect(page.get_by_text("Meanwhile changed to 77")).to_be_visible(timeout=PATIENCE)
    expect(amount).to_have_value("41")
    expect(amount).to_be_focused()
    page.get_by_role("button", name="Use it", exact=True).click()
    expect(amount).to_have_value("77")
    expect(amount).to_be_focused()


def test_what_was_not_seen_is_not_completed(browser: Browser, running_system: RunningSystem) -> None:
    name = reference()
    told(running_system, name, name=name, assignee="approver1", formFields=FORM, payload={"amount": 40})
    page = signed_in(browser, running_system.url, "approver1")
    # No news: what the page shows is what it has read.
    page.route("**/tasks/search/changes?*", lambda route: route.abort())
    open_task(page, "My tasks", name)
    form = form_of(page)
    form.get_by_label("Sum").fill("41")
    form.get_by_label("Matter").fill("Chairs")
    form.get_by_role("radio", name="Yes").check()
    told(running_system, name, "attributes_changed", payload={"amount": 77})
    url = f"{running_system.url}/api/v1/tasks"
    for _ in range(50):
        found = httpx.get(url, params={"q": name, "scope": "visible"}, auth=("approver1", "approver1")).json()["items"]
        if found[0]["payload"] == {"amount": 77}:
            break
        page.wait_for_timeout(200)
    form.get_by_role("button", name="Complete", exact=True).click()
    expect(form.get_by_role("alert")).to_contain_text("has changed since you looked at it: Sum.", timeout=PATIENCE)
    expect(form.get_by_text("Meanwhile changed to 77")).to_be_visible()
    expect(form.get_by_label("Sum")).to_have_value("41")
    expect(form.get_by_label("Matter")).to_have_value("Chairs")
    form.get_by_role("button", name="Complete", exact=True).click()
    expect(page.get_by_text("completed.")).to_be_visible(timeout=PATIENCE)


def test_a_field_is_judged_when_it_is_left_and_enter_only_goes_on(
    browser: Browser,
    running_system: RunningSystem,
) -> None:
    name = reference()
    told(running_system, name, name=name, assignee="approver1", formFields=FORM, payload={"subject": "Chairs"})
    page = signed_in(browser, running_system.url, "approver1")
    open_task(page, "My tasks", name)
    form = form_of(page)
    form.get_by_label("Sum").fill("900")
    form.get_by_label("Sum").press("Enter")
    expect(form.get_by_text("This must be at most 500.")).to_be_visible()
    expect(form.get_by_label("Matter")).to_be_focused()
    expect(form.get_by_label("Sum")).to_have_value("900")
    page.keyboard.press("Control+Enter")
    expect(form.get_by_role("alert")).to_contain_text("2 fields need another look.")
    expect(form.get_by_label("Sum")).to_be_focused()
    form.get_by_label("Sum").fill("500")
    expect(form.get_by_text("This must be at most 500.")).to_have_count(0)


def test_a_click_right_after_a_field_that_is_wrong_is_not_missed(
    browser: Browser,
    running_system: RunningSystem,
) -> None:
    name = reference()
    told(running_system, name, name=name, assignee="approver1", formFields=FORM, payload={"subject": "Chairs"})
    page = signed_in(browser, running_system.url, "approver1")
    open_task(page, "My tasks", name)
    form = form_of(page)
    form.get_by_label("Sum").fill("900")
    click_by_hand(page, form.get_by_role("radio", name="Yes"))
    expect(form.get_by_role("radio", name="Yes")).to_be_checked()
    expect(form.get_by_text("This must be at most 500.")).to_be_visible()
    form.get_by_label("Sum").fill("901")
    form.get_by_label("Matter").fill("x" * 21)
    click_by_hand(page, form.get_by_role("button", name="Complete", exact=True))
    expect(form.get_by_role("alert")).to_contain_text("2 fields need another look.")


def test_a_task_is_taken_handed_on_and_completed_by_keys(browser: Browser, running_system: RunningSystem) -> None:
    name = reference()
    requester = signed_in(browser, running_system.url, "requester1")
    start_request(requester, name)
    page = signed_in(browser, running_system.url, "approver1")
    other = signed_in(browser, running_system.url, "approver2")
    open_task(page, "Group tasks", name)
    page.get_by_role("button", name="Claim", exact=True).dblclick()
    expect(page.get_by_role("button", name="Give back", exact=True)).to_be_visible(timeout=PATIENCE)
    expect(form_of(page).get_by_label("Approve", exact=True)).to_be_focused()
    page.get_by_role("button", name="Assign…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("option", name="Nobody")).to_be_visible(timeout=PATIENCE)
    page.keyboard.type("VER2")
    expect(dialog.get_by_role("option")).to_have_text([re.compile("^approver2")], timeout=PATIENCE)
    page.keyboard.press("Enter")
    expect(page.get_by_text("approver2 has it now.")).to_be_visible(timeout=PATIENCE)
    open_task(other, "My tasks", name)
    form = form_of(other)
    form.get_by_label("Approve", exact=True).check()
    form.get_by_label("Comment", exact=True).fill("Fine with me")
    other.keyboard.press("Control+Enter")
    expect(other.get_by_text("completed.")).to_be_visible(timeout=PATIENCE)
    other.get_by_role("link", name="Completed").click()
    other.get_by_role("main").locator("[data-id]").filter(has_text=name).get_by_role("button").first.click()
    lines = other.get_by_role("heading", name="History", exact=True).locator("..").get_by_role("listitem")
    expect(lines.first).to_contain_text("You completed it", timeout=PATIENCE)
    expect(lines.filter(has_text="approver1 assigned it to you")).to_have_count(1)
    expect(lines.filter(has_text="approver1 claimed it")).to_have_count(1)
    expect(lines.last).to_contain_text("Created")


def test_somebody_is_named_in_a_comment(browser: Browser, running_system: RunningSystem) -> None:
    name = reference()
    told(running_system, name, name=name, candidateGroups=["approvers"])
    page = signed_in(browser, running_system.url, "approver1")
    watcher = signed_in(browser, running_system.url, "approver2")
    for one in (page, watcher):
        open_task(one, "Group tasks", name)
    page.get_by_label("Say something about this task").click()
    page.keyboard.type("Please look, @ver2")
    expect(page.get_by_role("option", name="approver2")).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("Enter")
    page.keyboard.type("soon")
    page.keyboard.press("Control+Enter")
    for one in (page, watcher):
        expect(one.get_by_role("mark").filter(has_text="@approver2")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_label("Say something about this task")).to_have_value("")
    expect(watcher.get_by_role("button", name="Remove comment")).to_have_count(0)
    page.get_by_role("button", name="Remove comment").click()
    expect(page.get_by_role("mark")).to_have_count(0)
    expect(watcher.get_by_role("mark")).to_have_count(0, timeout=PATIENCE)


def test_other_tasks_of_the_process_are_beside_it(browser: Browser, running_system: RunningSystem) -> None:
    name = reference()
    for which in ("one", "other"):
        told(
            running_system,
            f"{name}-{which}",
            name=f"{name} {which}",
            candidateGroups=["approvers"],
            processInstanceId=f'{name} "x"',
        )
    page = signed_in(browser, running_system.url, "approver1")
    open_task(page, "Group tasks", f"{name} one")
    page.locator("#pane").get_by_role("link", name=f"{name} other").click()
    expect(page.get_by_role("heading", name=f"{name} other")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#pane").get_by_role("link", name=f"{name} one")).to_be_visible(timeout=PATIENCE)


def test_a_task_is_delegated_and_comes_back(browser: Browser, running_system: RunningSystem) -> None:
    """Two people, two browsers; what one sees follows what the other does."""
    name = reference()
    part = reference()
    told(running_system, name, name=name, candidateGroups=["approvers"], assignee="approver1")
    told(running_system, part, name=part, candidateGroups=["approvers"], parentTaskId=name)
    first = signed_in(browser, running_system.url, "approver1")
    open_task(first, re.compile("^All"), name)
    expect(first.locator("#pane section").filter(has_text="Subtasks").get_by_role("link", name=part)).to_be_visible()
    held_up = first.locator("#pane .held-up")
    first.keyboard.press("h")
    dialog = first.get_by_role("dialog", name="Delegate the task")
    expect(dialog.get_by_role("option")).to_have_text([re.compile("approver2")])
    first.keyboard.press("Enter")
    expect(held_up).to_have_text("approver2 does this for you.", timeout=PATIENCE)
    first.get_by_role("button", name="Undo").click()
    expect(held_up).to_have_count(0, timeout=PATIENCE)
    expect(form_of(first).get_by_role("button", name="Complete", exact=True)).to_be_visible(timeout=PATIENCE)
    first.locator("#pane").get_by_role("button", name="Delegate…").click()
    dialog.get_by_role("option", name="approver2").click()
    expect(held_up).to_have_text("approver2 does this for you.", timeout=PATIENCE)
    second = signed_in(browser, running_system.url, "approver2")
    open_task(second, "My tasks", name)
    expect(second.locator("#pane .held-up")).to_contain_text("approver1 has asked you")
    expect(second.locator("#pane").get_by_role("button", name="Complete")).to_have_count(0)
    second.locator("#pane").get_by_role("button", name="Give back as done").click()
    expect(first.locator("#pane .held-up")).to_have_count(0, timeout=PATIENCE)
    expect(first.locator("#pane").get_by_text("approver2 gave it back as done")).to_be_visible(timeout=PATIENCE)
    form_of(first).get_by_role("button", name="Complete", exact=True).click()
    expect(first.get_by_text(f"{name}: completed.")).to_be_visible(timeout=PATIENCE)
    first.get_by_role("link", name="Group tasks").click()
    open_task(first, "Group tasks", part)
    expect(first.locator("#pane section").filter(has_text="Part of").get_by_role("link")).to_have_count(0)


def test_who_is_excluded_is_told_and_another_does_it(browser: Browser, running_system: RunningSystem) -> None:
    name = reference()
    told(running_system, name, name=name, candidateGroups=["approvers"], excludedUsers=["approver1"])
    pages = [signed_in(browser, running_system.url, one) for one in ("approver1", "approver2")]
    for page in pages:
        open_task(page, "Group tasks", name)
    panes = [page.locator("#pane") for page in pages]
    expect(panes[0].locator(".held-up")).to_contain_text("you are excluded")
    expect(panes[0].get_by_role("button", name="Claim")).to_have_count(0)
    expect(panes[1].get_by_text("May not do it")).to_be_visible()
    panes[1].get_by_role("button", name="Claim").click()
    expect(pages[0].locator("#pane").get_by_text("approver2 has it")).to_be_visible(timeout=PATIENCE)


def test_what_is_suspended_says_so_is_found_and_goes_on_by_itself(
    browser: Browser, running_system: RunningSystem
) -> None:
    name = reference()
    told(running_system, name, name=name, candidateGroups=["approvers"], assignee="approver1", suspended=True)
    page = signed_in(browser, running_system.url, "approver1")
    page.goto(f"{running_system.url}/?filter=task.suspended+%3D+true&q={name}")
    row = page.get_by_role("main").locator("[data-id]").filter(has_text=name)
    expect(row).to_contain_text("suspended", timeout=PATIENCE)
    page.set_viewport_size({"width": 1440, "height": 860})
    expect(page.get_by_role("table")).to_be_visible()
    expect(row).to_contain_text("suspended")
    row.get_by_role("button").first.click()
    pane = page.locator("#pane")
    expect(pane.locator(".held-up")).to_contain_text("suspended", timeout=PATIENCE)
    for deed in ("Give back", "Assign…", "Delegate…", "Complete"):
        expect(pane.get_by_role("button", name=deed, exact=True)).to_have_count(0)
    expect(pane.get_by_role("button", name="Defer…")).to_be_visible()
    told(running_system, name, "attributes_changed", suspended=False)
    expect(pane.get_by_role("button", name="Complete", exact=True)).to_be_enabled(timeout=PATIENCE)
    expect(pane.get_by_text("Goes on with its process")).to_be_visible(timeout=PATIENCE)
