"""Somebody who has never seen the page: from a full list to what is decided, handed on and kept, in few steps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from domain.values import iso
from tests.journey.page.people import PATIENCE, signed_in
from tests.system.running import RunningSystem

pytestmark = [pytest.mark.servers, pytest.mark.browser, pytest.mark.timeout(400)]

MOST = 25


class Steps:
    """Counts clicks, keys, and texts typed in one go, each as one."""

    def __init__(self, page: Page) -> None:
        self.page, self.taken = page, 0

    def click(self, what: Locator) -> None:
        self.taken += 1
        what.click()

    def press(self, key: str) -> None:
        self.taken += 1
        self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.taken += 1
        self.page.keyboard.type(text)


def invoices(system: RunningSystem, reference: str) -> None:
    """Five requests: four are overdue, one of these is small."""
    path = "/process-definitions/approval/approve_request/start"
    with httpx.Client(base_url=f"{system.url}/api/v1", timeout=60) as client:
        for number, amount in enumerate((900, 800, 20, 700, 600)):
            sent = {
                "variables": {"subject": f"{reference} chairs", "amount": amount},
                "businessKey": f"{reference}-{number}",
            }
            assert client.post(path, json=sent, auth=("requester1", "requester1")).status_code == 201
            found = client.get("/tasks", params={"q": f"{reference} {number}"}, auth=("approver1", "approver1")).json()
            [task] = [one for one in found["items"] if one["businessKey"] == f"{reference}-{number}"]
            due = datetime.now(UTC) + timedelta(days=number - 4 if number < 4 else 2)
            changed = client.post(f"/tasks/{task['id']}/change", json={"dueDate": iso(due)}, auth=("admin", "admin"))
            assert changed.status_code == 200, changed.text


def test_the_oldest_are_taken_one_is_completed_one_is_handed_on_and_the_view_is_kept(
    browser: Browser, running_system: RunningSystem
) -> None:
    reference = f"N{uuid4().hex[:8]}"
    invoices(running_system, reference)
    page = signed_in(browser, running_system.url, "approver1")
    page.set_viewport_size({"width": 1440, "height": 900})
    step = Steps(page)
    rows = page.locator("#list [data-id]")

    # Find all that are overdue and over 500, the oldest first.
    step.click(page.get_by_role("link", name="Group tasks"))
    step.press("/")
    step.type(reference)
    step.press("Escape")
    step.press("f")
    for sentence in ("amount > 500", "overdue"):
        step.type(sentence)
        step.press("Enter")
    expect(rows).to_have_count(3, timeout=PATIENCE)
    step.click(page.get_by_role("columnheader", name="Due").get_by_role("button").first)
    expect(rows.first).to_contain_text(f"{reference}-0")

    # Take the three.
    step.click(page.get_by_label("Choose all", exact=True))
    step.press("c")
    expect(page.get_by_text("You have 3 tasks more.")).to_be_visible(timeout=PATIENCE)

    # Complete one.
    step.click(rows.first.get_by_role("button"))
    form = page.locator("form.task-form")
    step.click(form.get_by_label("Approve", exact=True))
    step.press("Control+Enter")
    expect(rows).to_have_count(2, timeout=PATIENCE)

    # Hand one to a colleague, with a comment.
    step.click(rows.first.get_by_role("button"))
    step.click(page.get_by_label("Say something about this task"))
    step.type("Would you look at this?")
    step.press("Control+Enter")
    expect(page.locator("#pane").get_by_text("Would you look at this?").first).to_be_visible(timeout=PATIENCE)
    step.click(page.get_by_role("button", name="Assign…"))
    expect(page.get_by_role("dialog").get_by_role("option", name="Nobody")).to_be_visible(timeout=PATIENCE)
    step.type("approver2")
    expect(page.get_by_role("dialog").get_by_role("option")).to_have_count(1, timeout=PATIENCE)
    step.press("Enter")
    expect(page.get_by_text("approver2 has it now.")).to_be_visible(timeout=PATIENCE)

    # Keep the view.
    step.click(page.get_by_role("button", name="Save filter"))
    expect(page.get_by_role("dialog").get_by_label("Name")).to_be_focused(timeout=PATIENCE)
    step.type(f"Late and large {reference}")
    step.press("Enter")
    expect(page.get_by_role("link", name=f"Late and large {reference}")).to_be_visible(timeout=PATIENCE)
    assert step.taken <= MOST, step.taken
