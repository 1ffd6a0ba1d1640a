"""Finding: chips of words, groups, filters that are kept and shared, counts of values, a file of what is found."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Browser, LocatorAssertions, Page, expect

from tests.journey.page.people import PATIENCE, narrow, sign_in, signed_in
from tests.system.running import RunningSystem

pytestmark = [pytest.mark.servers, pytest.mark.browser, pytest.mark.timeout(400)]


def tasks_in(system: RunningSystem, *cities: str, **more: object) -> str:
    """One task for the approvers in each city, and the reference that all of their names hold."""
    reference = f"F{uuid4().hex[:8]}"
    records = [
        {
            "id": f"{reference}-{number}",
            "type": "task.created",
            "time": "2026-01-01T00:00:00Z",
            "subject": f"{reference}-{number}",
            "data": {
                "name": f"Visit {reference} {city}",
                "candidateGroups": ["approvers"],
                "priority": 60,
                "payload": {"customer": {"city": f"{city}{reference}"}, "amount": 100 * number},
                **more,
            },
        }
        for number, city in enumerate(cities, 1)
    ]
    body = {"application": "warehouse", "format": "taskpool", "records": records}
    answer = httpx.post(f"{system.url}/api/v1/engine-events", json=body, auth=("admin", "admin"))
    assert answer.json()["rejected"] == []
    return reference


def search(page: Page, reference: str) -> None:
    """The group's tasks with this reference."""
    page.get_by_role("link", name="Group tasks").click()
    narrow(page, reference)


def add(page: Page, sentence: str) -> None:
    field = page.get_by_role("combobox", name="Add a filter")
    field.fill(sentence)
    field.press("Enter")
    expect(field).to_have_value("")


def task(page: Page, name: str) -> LocatorAssertions:
    return expect(page.get_by_text(name, exact=True).first)


def filters_in(page: Page) -> list[str]:
    return parse_qs(urlsplit(page.url).query).get("filter", [])


def test_a_filter_is_built_with_the_keyboard_only(browser: Browser, running_system: RunningSystem) -> None:
    reference = tasks_in(running_system, "Bern", "Wien")
    page = signed_in(browser, running_system.url, "approver1")
    search(page, reference)
    task(page, f"Visit {reference} Wien").to_be_visible(timeout=PATIENCE)
    page.get_by_role("searchbox").press("Escape")
    page.keyboard.press("f")
    field = page.get_by_role("combobox", name="Add a filter")
    expect(field).to_be_focused()
    page.keyboard.type("customer.ci")
    expect(page.get_by_role("option", name="customer.city text")).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("Enter")
    expect(field).to_have_value("customer.city ")
    page.keyboard.type(f"is Bern{reference[:5]}")
    expect(page.get_by_role("option", name=f"Bern{reference}")).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    task(page, f"Visit {reference} Wien").to_be_hidden(timeout=PATIENCE)
    task(page, f"Visit {reference} Bern").to_be_visible()
    expect(field).to_be_focused()
    assert filters_in(page) == [f"customer.city = Bern{reference}"]
    # Changed and taken away, by keyboard as well.
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    changed = page.get_by_role("combobox", name="Change the filter")
    expect(changed).to_have_value(f"customer.city is Bern{reference}")
    changed.fill(f"customer.city is not Bern{reference}")
    changed.press("Enter")
    task(page, f"Visit {reference} Bern").to_be_hidden(timeout=PATIENCE)
    task(page, f"Visit {reference} Wien").to_be_visible()
    page.keyboard.press("Delete")
    task(page, f"Visit {reference} Bern").to_be_visible(timeout=PATIENCE)
    expect(field).to_be_focused()
    assert filters_in(page) == []


def test_two_filters_are_joined_by_or_and_the_address_says_the_same(
    browser: Browser,
    running_system: RunningSystem,
) -> None:
    reference = tasks_in(running_system, "Bern", "Wien", "Rom")
    page = signed_in(browser, running_system.url, "approver1")
    search(page, reference)
    add(page, f"customer.city is Bern{reference}")
    add(page, "amount > 250")
    expect(page.get_by_text("Nothing matches these filters.")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="and: change to or").click()
    task(page, f"Visit {reference} Bern").to_be_visible(timeout=PATIENCE)
    task(page, f"Visit {reference} Rom").to_be_visible()
    task(page, f"Visit {reference} Wien").to_be_hidden()
    expect(page.get_by_role("button", name="or: change to and")).to_be_focused()
    # Opened and back, and in another browser.
    page.get_by_text(f"Visit {reference} Rom", exact=True).first.click()
    expect(page).to_have_url(re.compile("task="))
    page.go_back()
    expect(page.get_by_role("group", name="Any of these").get_by_text("Bern")).to_be_visible()
    other = signed_in(browser, running_system.url, "approver2")
    other.goto(page.url)
    expect(other.get_by_role("searchbox")).to_have_value(reference)
    task(other, f"Visit {reference} Rom").to_be_visible(timeout=PATIENCE)
    task(other, f"Visit {reference} Wien").to_be_hidden()
    expect(other.get_by_role("button", name="or: change to and")).to_be_visible()


def test_a_filter_is_kept_and_shared_and_another_sees_it_with_its_count(
    browser: Browser,
    running_system: RunningSystem,
) -> None:
    reference = tasks_in(running_system, "Bern", "Bern", "Wien")
    page = signed_in(browser, running_system.url, "approver1")
    page.get_by_role("link", name="Group tasks").click()
    add(page, f"customer.city is Bern{reference}")
    page.get_by_role("button", name="Save filter").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill(f"Bern {reference}")
    dialog.get_by_label("approvers").check()
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name=f"Bern {reference}")).to_be_visible(timeout=PATIENCE)
    other = signed_in(browser, running_system.url, "approver2")
    shared = other.get_by_role("list", name="Shared with you").get_by_role("link", name=f"Bern {reference}")
    expect(shared.get_by_title("2 tasks")).to_be_visible(timeout=PATIENCE)
    expect(shared).to_have_attribute("title", f"Bern {reference}, shared by approver1")
    shared.click()
    task(other, f"Visit {reference} Bern").to_be_visible(timeout=PATIENCE)
    # Narrowed further, it is saved under the same name; then it has another, and then it is gone.
    add(page, "amount > 150")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("list", name="Saved filters").get_by_title("1 task", exact=True).first).to_be_visible(
        timeout=PATIENCE
    )
    page.get_by_role("button", name=f"Change Bern {reference}").press("Enter")
    dialog.get_by_label("Name").fill(f"Rich {reference}")
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name=f"Rich {reference}")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name=f"Change Rich {reference}").press("Enter")
    dialog.get_by_role("button", name="Delete filter").click()
    dialog.get_by_role("button", name="Delete it for good").click()
    expect(page.get_by_role("link", name=f"Rich {reference}")).to_have_count(0, timeout=PATIENCE)
    expect(page.get_by_role("heading", name="My tasks")).to_be_visible()


def test_a_filter_has_a_colour_and_says_what_it_is_for(browser: Browser, running_system: RunningSystem) -> None:
    reference = tasks_in(running_system, "Bern")
    page = signed_in(browser, running_system.url, "approver1")
    page.get_by_role("link", name="Group tasks").click()
    add(page, f"customer.city is Bern{reference}")
    page.get_by_role("button", name="Save filter").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill(f"Bern {reference}")
    dialog.get_by_label("What it is for").fill("Whom to visit first")
    dialog.get_by_role("radio", name="green").check()
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name=f"Bern {reference}")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("Whom to visit first")).to_be_visible()
    link = page.get_by_role("list", name="Saved filters").get_by_role("link", name=f"Bern {reference}")
    expect(link.locator(".color-dot.green")).to_be_visible()
    expect(link).to_have_attribute("title", f"Bern {reference}\nWhom to visit first")
    # Another question under the same name keeps both; they are taken away where the filter is changed.
    add(page, "amount > 50")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("button", name="Save changes")).to_have_count(0, timeout=PATIENCE)
    expect(link.locator(".color-dot.green")).to_be_visible()
    page.get_by_role("button", name=f"Change Bern {reference}").press("Enter")
    expect(dialog.get_by_label("What it is for")).to_have_value("Whom to visit first")
    dialog.get_by_label("What it is for").fill("")
    dialog.get_by_role("radio", name="none").check()
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Whom to visit first")).to_have_count(0, timeout=PATIENCE)
    expect(link.locator(".color-dot")).to_have_count(0)


def test_what_is_overdue_is_kept_as_a_question_about_now(browser: Browser, running_system: RunningSystem) -> None:
    reference = tasks_in(running_system, "Bern", dueDate="2020-01-02T00:00:00Z")
    page = signed_in(browser, running_system.url, "approver1")
    search(page, reference)
    add(page, "overdue")
    task(page, f"Visit {reference} Bern").to_be_visible(timeout=PATIENCE)
    assert filters_in(page) == ["task.dueDate < now"]
    page.get_by_role("button", name="Save filter").click()
    page.get_by_role("dialog").get_by_label("Name").fill(f"Late {reference}")
    page.get_by_role("dialog").get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name=f"Late {reference}")).to_be_visible(timeout=PATIENCE)
    kept = page.get_by_role("list", name="Saved filters").get_by_role("link", name=f"Late {reference}")
    expect(kept.get_by_title("1 task", exact=True)).to_be_visible(timeout=PATIENCE)


def test_values_are_counted_and_a_click_narrows_to_them(browser: Browser, running_system: RunningSystem) -> None:
    process = f"Visits {uuid4().hex[:8]}"
    reference = tasks_in(running_system, "Bern", "Wien", processName=process)
    page = signed_in(browser, running_system.url, "approver1")
    search(page, reference)
    page.get_by_role("button", name="Overview").click()
    value = page.get_by_role("group", name="Process").get_by_role("button", name=f"{process}, 2")
    value.click(timeout=PATIENCE)
    expect(value).to_have_attribute("aria-pressed", "true")
    assert filters_in(page) == [f"task.processName = {process}"]
    page.get_by_role("group", name="Priority").get_by_role("button", name="high, 2").click(timeout=PATIENCE)
    expect(page.get_by_text("priority is high")).to_be_visible()
    value.click()
    expect(value).to_have_attribute("aria-pressed", "false")
    assert filters_in(page) == ["task.priority [] 51 | 75"]


def test_groups_that_tasks_are_offered_to_are_counted(browser: Browser, running_system: RunningSystem) -> None:
    reference = tasks_in(running_system, "Bern", "Wien", candidateGroups=["approvers", f"others-{uuid4().hex[:8]}"])
    page = signed_in(browser, running_system.url, "approver1")
    search(page, reference)
    page.get_by_role("button", name="Overview").click()
    group = page.get_by_role("group", name="Group", exact=True)
    group.get_by_role("button", name="approvers, 2").click(timeout=PATIENCE)
    expect(group.get_by_role("button")).to_have_count(1)
    expect(group.get_by_role("button", name="approvers, 2")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text("group is approvers")).to_be_visible()
    assert filters_in(page) == ["task.candidateGroups = approvers"]
    task(page, f"Visit {reference} Wien").to_be_visible(timeout=PATIENCE)


def test_what_is_found_is_exported_and_nothing_in_it_is_calculated(
    browser: Browser,
    running_system: RunningSystem,
    tmp_path: Path,
) -> None:
    reference = tasks_in(running_system, "Bern", "Wien", businessKey="=1+1", dueDate="2026-01-02T00:00:00Z")
    page = signed_in(browser, running_system.url, "approver1")
    search(page, reference)
    task(page, f"Visit {reference} Wien").to_be_visible(timeout=PATIENCE)
    add(page, f"customer.city is Bern{reference}")
    task(page, f"Visit {reference} Wien").to_be_hidden(timeout=PATIENCE)
    page.get_by_role("button", name="Export", exact=True).click()
    with page.expect_download() as told:
        page.get_by_role("dialog").get_by_role("button", name="Export", exact=True).click()
    file = tmp_path / "tasks.csv"
    told.value.save_as(file)
    rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"))))
    assert [one["Name"] for one in rows] == [f"Visit {reference} Bern"]
    assert rows[0]["Business key"] == "'=1+1"
    page.goto(rows[0]["Link"])
    expect(page.get_by_role("heading", name=f"Visit {reference} Bern")).to_be_visible(timeout=PATIENCE)


def test_days_and_times_are_those_of_the_zone_that_was_chosen(
    browser: Browser,
    running_system: RunningSystem,
    tmp_path: Path,
) -> None:
    reference = tasks_in(running_system, "Kyoto", dueDate="2026-01-02T19:00:00Z")
    page = signed_in(browser, running_system.url, "approver1")
    page.get_by_role("button", name="approver1: Settings").click()
    page.get_by_role("dialog").get_by_label("Time zone").select_option("Asia/Tokyo")
    page.keyboard.press("Escape")
    search(page, reference)
    add(page, "due is 2026-01-03")
    task(page, f"Visit {reference} Kyoto").to_be_visible(timeout=PATIENCE)
    assert "2026-01-02T15:00:00.000Z" in filters_in(page)[0]
    page.get_by_role("button", name="Export", exact=True).click()
    with page.expect_download() as told:
        page.get_by_role("dialog").get_by_role("button", name="Export", exact=True).click()
    told.value.save_as(tmp_path / "tasks.csv")
    (row,) = csv.DictReader(io.StringIO((tmp_path / "tasks.csv").read_text("utf-8-sig")))
    assert row["Due"] == "2026-01-03 04:00"
    page.get_by_text(f"Visit {reference} Kyoto", exact=True).first.click()
    page.get_by_role("button", name="Change…").click()
    expect(page.get_by_role("dialog").get_by_label("Due")).to_have_value("2026-01-03T04:00")


@pytest.mark.parametrize(
    ("locale", "chosen", "is_this_week"),
    [("en-US", "", False), ("en-GB", "", True), ("en-US", "Monday", True), ("en-GB", "Sunday", False)],
)
def test_a_week_begins_on_the_readers_day(
    browser: Browser,
    running_system: RunningSystem,
    locale: str,
    chosen: str,
    is_this_week: bool,
) -> None:
    wednesday = next_wednesday()
    sunday = wednesday + timedelta(days=4)
    reference = tasks_in(running_system, "Bern", dueDate=f"{sunday:%Y-%m-%d}T12:00:00Z")
    page = browser.new_context(locale=locale, timezone_id="UTC").new_page()
    page.clock.set_fixed_time(wednesday)
    sign_in(page, running_system.url, "approver1")
    if chosen:
        page.get_by_role("button", name="approver1: Settings").click()
        page.get_by_role("dialog").get_by_label("A week begins on").select_option(chosen)
        page.keyboard.press("Escape")
    search(page, reference)
    page.get_by_role("checkbox", name="By day").check()
    heading = page.locator("#list .day").first
    expect(heading).to_have_text(re.compile("This week" if is_this_week else "Later"), timeout=PATIENCE)
    page.get_by_role("button", name="Overview").click()
    due = page.get_by_role("group", name="Due")
    week = due.get_by_role("button", name=f"this week, {int(is_this_week)}")
    week.click(timeout=PATIENCE)
    expect(page.get_by_role("button", name=re.compile("^due is this week"))).to_be_visible()
    begins = sunday - timedelta(days=6 if is_this_week else 7)
    assert f"task.dueDate [] {begins:%Y-%m-%d}T00:00:00.000Z" in filters_in(page)[0]
    week.click()
    page.get_by_text(f"Visit {reference} Bern", exact=True).first.click(timeout=PATIENCE)
    page.get_by_role("button", name="Defer…").click()
    page.get_by_role("dialog").get_by_role("button", name="Next week").click()
    until = sunday + timedelta(days=int(is_this_week))
    expect(page.get_by_role("dialog").get_by_label("Until")).to_have_value(f"{until:%Y-%m-%d}T08:00")
    page.context.close()


def next_wednesday() -> datetime:
    """Its noon; within a week."""
    noon = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    return noon + timedelta(days=(2 - noon.weekday()) % 7 or 7)


def test_a_filter_that_cannot_be_read_is_marked_and_said(browser: Browser, running_system: RunningSystem) -> None:
    page = signed_in(browser, running_system.url, "approver1")
    field = page.get_by_role("combobox", name="Add a filter")
    field.fill("priority at least many")
    field.press("Enter")
    expect(page.get_by_text("This needs a number.")).to_be_visible()
    page.goto(f"{running_system.url}/?tab=group&filter=task.priority+%3E+many")
    expect(page.get_by_text("cannot be read: a whole number is needed.")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Remove priority more than many").click()
    expect(page.get_by_text("cannot be read")).to_have_count(0, timeout=PATIENCE)


def test_an_empty_list_says_which_filter_hides_how_many(browser: Browser, running_system: RunningSystem) -> None:
    reference = tasks_in(running_system, "Bern", "Wien")
    page = signed_in(browser, running_system.url, "approver1")
    search(page, reference)
    task(page, f"Visit {reference} Wien").to_be_visible(timeout=PATIENCE)
    add(page, "customer.city is Atlantis")
    line = page.get_by_role("listitem").filter(has_text="2 tasks without “customer.city is Atlantis”")
    line.get_by_role("button", name="Take it away").click(timeout=PATIENCE)
    task(page, f"Visit {reference} Wien").to_be_visible(timeout=PATIENCE)


def test_a_narrow_screen_has_a_menu_of_all_lists(browser: Browser, running_system: RunningSystem) -> None:
    page = signed_in(browser, running_system.url, "approver1")
    page.set_viewport_size({"width": 320, "height": 640})
    menu = page.get_by_role("button", name="All lists")
    expect(menu).to_have_attribute("aria-expanded", "false")
    expect(page.get_by_role("link", name="Deferred")).to_be_hidden()
    menu.press("Enter")
    page.get_by_role("link", name="Deferred").click()
    expect(page.get_by_role("heading", name="Deferred tasks")).to_be_visible()
    expect(menu).to_have_attribute("aria-expanded", "false")
    menu.press("Enter")
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
