"""Each for whom the page is made, doing what they come for; the operator is in `test_operate`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from domain.values import iso
from tests.journey.page.people import PATIENCE, asks_for, narrow, phone, sign_in, signed_in, started
from tests.system.running import RunningSystem

pytestmark = [pytest.mark.servers, pytest.mark.browser, pytest.mark.timeout(400)]

HANDS = """window.hands = 0;
for (const kind of ['mousedown', 'touchstart']) addEventListener(kind, () => { window.hands += 1; }, true);
"""
EARS = """window.heard = [];
const said = (node) => {
  const live = (node.nodeType === 1 ? node : node.parentElement)?.closest('[aria-live], [role=status], [role=alert]');
  const text = live?.textContent.trim();
  if (text && window.heard.at(-1) !== text) window.heard.push(text);
};
addEventListener('DOMContentLoaded', () =>
  new MutationObserver((all) => all.forEach((one) => said(one.target))).observe(document.body, {
    subtree: true, childList: true, characterData: true,
  }),
);
"""
CLOSES_AND_ASKS = """() => {
  document.querySelector("dialog[open]").close();
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "?", bubbles: true }));
}"""
NAMED = "document.activeElement.getAttribute('aria-label') || document.activeElement.textContent.trim()"


def keys(page: Page, *pressed: str) -> None:
    for key in pressed:
        page.keyboard.press(key)


def searched(page: Page, words: str, many: int) -> None:
    """By keys; what is typed counts as soon as one goes on to the rows."""
    with page.expect_response(lambda answer: asks_for(answer.request, words)):
        keys(page, "/")
        page.keyboard.type(words)
        keys(page, "Escape")
    rows = page.locator("#list [data-id]")
    expect(rows).to_have_count(many, timeout=PATIENCE)
    expect(rows.filter(has_not_text=words)).to_have_count(0, timeout=PATIENCE)


def test_an_approver_clears_the_list_without_a_mouse(browser: Browser, running_system: RunningSystem) -> None:
    """From the password on; once all are claimed, a task costs a look and three keys."""
    many = 6
    reference = started(running_system, many)
    page = browser.new_context(viewport={"width": 1440, "height": 860}).new_page()
    page.set_default_timeout(PATIENCE)
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.add_init_script(HANDS)
    page.goto(running_system.url)
    expect(page.get_by_label("Name")).to_be_focused()
    for key in ("Tab", "Enter"):
        page.keyboard.type("approver1")
        keys(page, key)
    expect(page.get_by_text("Choose a task")).to_be_visible()
    rows = page.locator("#list [data-id]")
    keys(page, "g", "g")
    expect(page.get_by_role("heading", name="Group tasks", exact=True)).to_be_visible()
    searched(page, reference, many)
    keys(page, "*", "c")
    expect(page.get_by_text(f"You have {many} tasks more.")).to_be_visible(timeout=PATIENCE)
    keys(page, "g", "m")
    searched(page, reference, many)
    keys(page, "j", "o")
    approve = page.locator("form.task-form").get_by_label("Approve", exact=True)
    for left in range(many, 0, -1):
        expect(approve).not_to_be_checked(timeout=PATIENCE)
        keys(page, "e")
        expect(approve).to_be_focused(timeout=PATIENCE)
        keys(page, "Space", "Control+Enter")
        expect(rows).to_have_count(left - 1, timeout=PATIENCE)
    assert page.evaluate("window.hands") == 0


def test_a_team_lead_sees_what_is_late_and_who_has_most_and_hands_work_out(
    browser: Browser, running_system: RunningSystem
) -> None:
    """What is handed out stands in the other's list at once, and its dates with it."""
    reference = started(running_system, 4)
    with httpx.Client(base_url=f"{running_system.url}/api/v1", timeout=60, auth=("admin", "admin")) as client:
        found = client.get("/tasks", params={"q": reference, "scope": "visible", "sort": "businessKey"}).json()["items"]
        assert len(found) == 4
        for task in found[:3]:
            assert client.post(f"/tasks/{task['id']}/assign", json={"assignee": "approver1"}).status_code == 200
        late = iso(datetime.now(UTC) - timedelta(days=2))
        for task in found[1:]:
            assert client.post(f"/tasks/{task['id']}/change", json={"dueDate": late}).status_code == 200
    lead = signed_in(browser, running_system.url, "approver2")
    lead.set_viewport_size({"width": 1440, "height": 860})
    rows = lead.locator("#list [data-id]")
    lead.get_by_role("link", name="All", exact=False).first.click()
    narrow(lead, reference)
    expect(rows).to_have_count(4, timeout=PATIENCE)
    lead.get_by_role("button", name="Overview").click()
    had = lead.get_by_role("group", name="Assignee").get_by_role("button", name="approver1, 3")
    expect(had).to_be_visible(timeout=PATIENCE)
    lead.get_by_role("group", name="Due").get_by_role("button", name="overdue, 3").click(timeout=PATIENCE)
    expect(rows).to_have_count(3, timeout=PATIENCE)
    expect(rows.filter(has_text="2 days")).to_have_count(3)
    other = signed_in(browser, running_system.url, "approver1")
    other.goto(f"{running_system.url}/?tab=mine&q={reference}")
    expect(other.locator("#list [data-id]")).to_have_count(3, timeout=PATIENCE)
    lead.keyboard.press("*")
    expect(lead.get_by_text("3 chosen")).to_be_visible()
    lead.keyboard.press("a")
    dialog = lead.get_by_role("dialog")
    expect(dialog.get_by_role("option", name="Nobody")).to_be_visible(timeout=PATIENCE)
    lead.keyboard.type("approver2")
    expect(dialog.get_by_role("option")).to_have_count(1, timeout=PATIENCE)
    lead.keyboard.press("Enter")
    # Of what was handed out, two were the other's.
    expect(rows.filter(has_text="you")).to_have_count(3, timeout=PATIENCE)
    expect(other.locator("#list [data-id]")).to_have_count(1, timeout=PATIENCE)


def test_a_requester_asks_on_a_telephone_and_learns_where_it_stands(
    browser: Browser, running_system: RunningSystem
) -> None:
    """By a link, once a month, with a thumb; nothing is wider than the screen."""
    context, page = phone(browser, running_system.url, "requester1")
    page.goto(f"{running_system.url}/?start=approval/approve_request")
    dialog = page.get_by_role("dialog")
    reference = f"P{uuid4().hex[:8]}"
    for label, text in (("Subject", "A chair"), ("Amount", "120"), ("Reference", reference)):
        dialog.get_by_label(label).fill(text)
    dialog.get_by_role("button", name="Start", exact=True).tap()
    expect(page.get_by_text("has been started")).to_be_visible(timeout=PATIENCE)
    page.goto(f"{running_system.url}/?tab=requests&q={reference}")
    row = page.locator("#list [data-id]").filter(has_text=reference)
    expect(row).to_contain_text("waits for approvers", timeout=PATIENCE)
    with httpx.Client(base_url=f"{running_system.url}/api/v1", timeout=60, auth=("approver1", "approver1")) as client:
        [task] = client.get("/tasks", params={"q": reference}).json()["items"]
        assert client.post(f"/tasks/{task['id']}/claim").status_code == 200
        page.reload()
        expect(row).to_contain_text("approver1 has it", timeout=PATIENCE)
        done = client.post(f"/tasks/{task['id']}/complete", json={"variables": {"decision": "APPROVE"}})
        assert done.status_code == 200, done.text
    page.reload()
    expect(row).to_contain_text("finished", timeout=PATIENCE)
    row.get_by_role("button").first.tap()
    expect(page.locator("#pane").get_by_text("finished").first).to_be_visible(timeout=PATIENCE)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


def test_somebody_who_only_hears_the_page_is_told_and_not_talked_to_death(
    browser: Browser, running_system: RunningSystem
) -> None:
    """What live regions say and where the focus is, is all there is, by roles and names."""
    reference = started(running_system, 3)
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.add_init_script(EARS)
    sign_in(page, running_system.url, "approver1")
    expect(page.get_by_text("Choose a task")).to_be_visible()
    for role, name in (("banner", None), ("navigation", "Lists"), ("main", None)):
        expect(page.get_by_role(role, name=name)).to_have_count(1)  # type: ignore[arg-type]
    page.goto(f"{running_system.url}/?tab=unassigned&q={reference}&sort=businessKey")
    rows = page.locator("#list [data-id]")
    expect(rows).to_have_count(3, timeout=PATIENCE)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Tab")
    assert page.evaluate(NAMED) == "Skip to the list"
    page.keyboard.press("Enter")
    page.keyboard.press("j")
    assert f"{reference}-0" in page.evaluate(NAMED)
    # What others do far away is counted, and not read out task by task.
    page.evaluate("window.heard = []")
    for _ in range(4):
        started(running_system, 5)
    page.wait_for_timeout(2000)
    assert page.evaluate("window.heard") == []
    # What they themselves do is told once, and the focus is on a row that has a name.
    page.keyboard.press("c")
    expect(page.get_by_text("You have it now.")).to_be_visible(timeout=PATIENCE)
    expect(rows).to_have_count(2, timeout=PATIENCE)
    heard = page.evaluate("window.heard")
    assert sum("You have it now." in one for one in heard) == 1, heard
    assert len(heard) <= 4, heard
    assert f"{reference}-1" in page.evaluate(NAMED)
    # A number has a unit, and is not said again when a dialog closes.
    assert "2 tasks" in heard
    expect(page.locator(".unseen[role=status]")).to_be_empty()
    # What has a list is heard as a field first: until then a screen reader keeps letters for itself.
    for key, name in (("Control+k", "Search or do anything"), ("a", "To whom?")):
        page.keyboard.press(key)
        field = page.get_by_role("combobox", name=name)
        expect(field).to_be_focused()
        expect(page.get_by_role("dialog").get_by_role("option").first).to_be_visible()
        assert field.get_attribute("aria-activedescendant") is None
        expect(page.get_by_role("dialog").get_by_role("option", selected=True)).to_have_count(0)
        page.keyboard.press("ArrowDown")
        expect(page.get_by_role("dialog").get_by_role("option", selected=True)).to_have_count(1)
        assert field.get_attribute("aria-activedescendant")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    # A key right after the one that closes a dialog opens the next, which stays.
    page.keyboard.press("d")
    expect(page.get_by_role("dialog", name="Defer the task")).to_be_visible()
    page.evaluate(CLOSES_AND_ASKS)
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.wait_for_timeout(500)
    # The keys begin with what they are, not with the button at their end.
    expect(page.get_by_role("heading", name="Keyboard")).to_be_focused()
