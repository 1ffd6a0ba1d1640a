"""One action on several tasks, of which one is refused: what became of each is said, and the others are done."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.journey.page.people import PATIENCE
from tests.journey.page.test_list import listed, row, rows, told
from tests.system.running import RunningSystem

pytestmark = [pytest.mark.servers, pytest.mark.browser, pytest.mark.timeout(400)]

MINE, THEIRS = {"assignee": "approver1"}, {"assignee": "approver2"}
NOT_MINE = "Only who has it can do that. Claim it first."


@pytest.fixture
def name() -> str:
    """What the tasks of a test begin with."""
    return f"Several{uuid4().hex[:10]}"


@pytest.fixture(autouse=True)
def nothing_left(running_system: RunningSystem, name: str) -> Iterator[None]:
    yield
    told(running_system, "task.deleted", {f"{name}-{number}": {} for number in range(3)})


def test_several_are_completed(browser: Browser, running_system: RunningSystem, name: str) -> None:
    page = chosen(browser, running_system, name, THEIRS)
    page.keyboard.press("e")
    asks = page.get_by_role("dialog", name="Complete 3 tasks?")
    expect(asks.get_by_role("listitem")).to_have_text([f"{name}-{number}" for number in range(3)])
    asks.get_by_role("button", name="Complete 3", exact=True).click()
    refused(page, name, NOT_MINE, "The other 2 are completed.")
    expect(rows(page)).to_have_count(1, timeout=PATIENCE)
    expect(row(page, f"{name}-2")).to_be_visible()


def test_several_are_deferred(browser: Browser, running_system: RunningSystem, name: str) -> None:
    page = chosen(browser, running_system, name, THEIRS)
    page.keyboard.press("d")
    page.get_by_role("dialog").get_by_role("button", name="Defer", exact=True).click()
    refused(page, name, NOT_MINE, "The other 2 are deferred.")
    expect(rows(page)).to_have_count(1, timeout=PATIENCE)
    expect(row(page, f"{name}-2")).to_be_visible()


def test_several_are_changed(browser: Browser, running_system: RunningSystem, name: str) -> None:
    page = chosen(browser, running_system, name, THEIRS)
    page.keyboard.press("t")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Priority").select_option("88")
    dialog.get_by_role("button", name="Change", exact=True).click()
    refused(page, name, NOT_MINE, "The other 2 are changed.")
    for number in range(2):
        expect(row(page, f"{name}-{number}")).to_contain_text("critical", timeout=PATIENCE)
    expect(row(page, f"{name}-2")).not_to_contain_text("critical")


def test_several_are_assigned(browser: Browser, running_system: RunningSystem, name: str) -> None:
    page = chosen(browser, running_system, name, {"suspended": True})
    page.keyboard.press("a")
    dialog = page.get_by_role("dialog", name="Assign 3 tasks")
    expect(dialog.get_by_role("option", name="approver2")).to_be_visible(timeout=PATIENCE)
    page.keyboard.type("approver2")
    expect(dialog.get_by_role("option")).to_have_count(1, timeout=PATIENCE)
    page.keyboard.press("Enter")
    refused(page, name, "Its process is suspended", "The other 2 are assigned.")
    for number in range(2):
        expect(row(page, f"{name}-{number}")).to_contain_text("approver2", timeout=PATIENCE)
    expect(row(page, f"{name}-2")).not_to_contain_text("approver2")


def chosen(browser: Browser, system: RunningSystem, name: str, last: dict[str, Any]) -> Page:
    """The page of approver1 with three tasks that are chosen: two they have, and the last, which is as it is said."""
    offered = {"candidateGroups": ["approvers"]}
    tasks = {f"{name}-{number}": {"name": f"{name}-{number}", **offered, **MINE} for number in range(2)}
    told(system, "task.created", {**tasks, f"{name}-2": {"name": f"{name}-2", **offered, **last}})
    page = listed(browser, system, "approver1", f"tab=group&q={name}&sort=name", 3)
    page.keyboard.press("*")
    expect(page.get_by_text("3 chosen")).to_be_visible()
    return page


def refused(page: Page, name: str, why: str, others: str) -> None:
    """The last is named with the reason and stays chosen, alone."""
    dialog: Locator = page.get_by_role("dialog", name="1 task could not be changed")
    expect(dialog.get_by_text(others)).to_be_visible(timeout=PATIENCE)
    expect(dialog.get_by_role("listitem")).to_have_count(1)
    expect(dialog.get_by_role("listitem")).to_contain_text(f"{name}-2")
    expect(dialog.get_by_role("listitem")).to_contain_text(why)
    dialog.get_by_role("button", name="Close", exact=True).last.click()
    expect(page.get_by_text("1 chosen")).to_be_visible()
