"""Forms that are JSON Schemas, drawn on the page."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.journey.page.people import PATIENCE, click_by_hand, narrow, signed_in
from tests.journey.page.trip import Trip
from tests.system.running import RunningSystem

pytestmark = [pytest.mark.servers, pytest.mark.browser, pytest.mark.timeout(400)]


@pytest.fixture
def trip(running_system: RunningSystem) -> Trip:
    return Trip(running_system)


def signed_in_under_policy(browser: Browser, url: str, name: str) -> Page:
    """Their page, on which whatever the policy refuses is an error of the test."""
    page = signed_in(browser, url, name)
    page.on("console", lambda said: pytest.fail(said.text) if "Content Security Policy" in said.text else None)
    return page


def opened(page: Page, trip: Trip) -> Locator:
    """The form of the task, drawn."""
    page.get_by_role("link", name="My tasks").click()
    narrow(page, trip.key)
    page.locator("#list [data-id] button").first.click()
    drawn = page.locator("#pane .task-form")
    expect(drawn.get_by_label("Guest")).to_be_visible(timeout=PATIENCE)
    return drawn


def entry(within: Locator, number: int) -> Locator:
    return within.get_by_role("group", name=f"Entry {number}", exact=True)


def completed(page: Page, trip: Trip) -> dict[str, Any]:
    """What the process knows when the task is done."""
    expect(page.get_by_role("heading", name=f"Book {trip.key}")).to_have_count(0, timeout=PATIENCE)
    return dict(trip.task("Next")["payload"])


def test_a_schema_is_drawn_and_what_is_filled_in_is_sent(browser: Browser, trip: Trip) -> None:
    trip.start(guest="Ann")
    page = signed_in_under_policy(browser, trip.system.url, "approver1")
    drawn = opened(page, trip)
    labels = [
        label.strip()
        for label in drawn.locator("[data-label]").evaluate_all("all => all.map(one => one.dataset.label)")
    ]
    assert labels[:6] == ["A trip", "Guest", "Code", "Room", "Price", "Arrival"], "in the order of the schema"
    expect(drawn.get_by_text("Who travels")).to_be_visible()
    expect(drawn.get_by_text("Begins with a capital")).to_be_visible()
    guest = drawn.get_by_label("Guest")
    expect(guest).to_have_value("Ann")
    expect(drawn.get_by_label("Price")).to_have_value("80")
    expect(drawn.get_by_label("Room")).to_have_value("")
    expect(drawn.get_by_label("Price")).to_have_attribute("readonly", "")
    expect(drawn.get_by_label("Beds")).to_have_count(0)
    guest.fill("Bea")
    guest.press("Enter")
    expect(drawn.get_by_label("Code")).to_be_focused()
    drawn.get_by_label("Room").select_option(label="Double")
    expect(drawn.get_by_label("Beds")).to_be_visible()
    drawn.get_by_label("Arrival").fill("2026-12-24")
    drawn.get_by_label("With a dog").check()
    drawn.get_by_role("group", name="Extras").get_by_label("pool").check()
    drawn.get_by_label("Zip").fill("12345")
    page.keyboard.press("Control+Enter")
    expect(drawn.get_by_role("alert")).to_contain_text("2 fields need another look.")
    expect(drawn.get_by_role("alert").get_by_role("button")).to_have_text(["Insured", "Beds"])
    expect(drawn.locator(".field-error")).to_have_text(["This is required.", "This is required."])
    expect(drawn.get_by_role("radiogroup").get_by_label("Yes")).to_be_focused()
    drawn.get_by_role("radiogroup").get_by_label("No").check()
    drawn.get_by_label("Beds").fill("9")
    expect(drawn.locator(".field-error")).to_have_text("This must be at most 4.")
    drawn.get_by_label("Beds").fill("2")
    expect(drawn.locator(".field-error")).to_have_count(0)
    page.keyboard.press("Control+Enter")
    assert completed(page, trip) == {
        "guest": "Bea",
        "room": "d",
        "price": 80,
        "arrival": "2026-12-24",
        "pet": True,
        "insured": False,
        "address": {"zip": "12345"},
        "extras": ["pool"],
        "beds": 2,
    }


def test_a_click_right_after_a_field_that_is_wrong_is_not_missed(browser: Browser, trip: Trip) -> None:
    trip.start(guest="Ann")
    drawn = opened(page := signed_in(browser, trip.system.url, "approver1"), trip)
    drawn.get_by_label("Code").fill("bea")
    no = drawn.get_by_role("radiogroup").get_by_label("No")
    click_by_hand(page, no)
    expect(no).to_be_checked()
    expect(drawn.locator(".field-error")).to_have_count(1)


def test_entries_of_a_list_are_added_moved_and_taken_away_by_keyboard(browser: Browser, trip: Trip) -> None:
    trip.start(guest="Ann")
    page = signed_in_under_policy(browser, trip.system.url, "approver1")
    drawn = opened(page, trip)
    add = drawn.get_by_role("button", name="Add Others")
    for name in ("Cem", "Dua", "Eli"):
        add.press("Enter")
        expect(drawn.get_by_label("Name").last).to_be_focused()
        page.keyboard.type(name)
    expect(add).to_have_count(0)
    entry(drawn, 3).get_by_role("button", name="Up: Entry 3").press("Enter")
    expect(entry(drawn, 2).get_by_label("Name")).to_have_value("Eli")
    expect(drawn.get_by_role("button", name="Up: Entry 2")).to_be_focused()
    page.keyboard.press("Enter")
    expect(entry(drawn, 1).get_by_label("Name")).to_have_value("Eli")
    expect(drawn.get_by_role("button", name="Up: Entry 1")).to_be_disabled()
    expect(drawn.get_by_role("button", name="Down: Entry 1")).to_be_focused()
    drawn.get_by_role("button", name="Take away: Entry 3").press("Enter")
    expect(drawn.get_by_role("button", name="Take away: Entry 2")).to_be_focused()
    entry(drawn, 2).get_by_label("Name").fill("")
    drawn.get_by_role("radiogroup").get_by_label("Yes").check()
    page.keyboard.press("Control+Enter")
    expect(entry(drawn, 2).locator(".field-error")).to_have_text("This is required.")
    expect(entry(drawn, 2).get_by_label("Name")).to_be_focused()
    page.keyboard.type("Fee")
    page.keyboard.press("Control+Enter")
    assert completed(page, trip)["guests"] == [{"name": "Eli"}, {"name": "Fee"}]


def test_one_of_several_is_chosen_and_only_that_is_asked(browser: Browser, trip: Trip) -> None:
    trip.start(guest="Ann")
    page = signed_in_under_policy(browser, trip.system.url, "approver1")
    drawn = opened(page, trip)
    drawn.get_by_role("radiogroup").get_by_label("Yes").check()
    expect(drawn.get_by_label("Number")).to_be_visible()
    expect(drawn.get_by_label("by", exact=True)).to_be_hidden()
    drawn.get_by_label("Pays", exact=True).select_option(label="Bill")
    expect(drawn.get_by_label("Number")).to_have_count(0)
    drawn.get_by_role("button", name="Complete", exact=True).click()
    expect(drawn.locator(".field-error")).to_have_text("This is required.")
    expect(drawn.get_by_label("Billed to")).to_be_focused()
    page.keyboard.type("me")
    page.keyboard.press("Control+Enter")
    assert completed(page, trip)["pays"] == {"by": "bill", "to": "me"}


def test_a_field_is_judged_when_it_is_left(browser: Browser, trip: Trip) -> None:
    trip.start(guest="Ann")
    page = signed_in_under_policy(browser, trip.system.url, "approver1")
    drawn = opened(page, trip)
    drawn.get_by_label("Guest").focus()
    page.keyboard.press("Tab")
    expect(drawn.get_by_label("Code")).to_be_focused()
    page.keyboard.type("a")
    expect(drawn.locator(".field-error")).to_have_count(0)
    page.keyboard.press("Tab")
    expect(drawn.locator(".field-error")).to_have_text("This does not have the form that is asked for.")
    expect(drawn.get_by_label("Code")).to_have_attribute("aria-invalid", "true")
    drawn.get_by_label("Code").fill("A")
    expect(drawn.locator(".field-error")).to_have_count(0)
    expect(drawn.get_by_label("Code")).to_have_attribute("aria-invalid", "false")


def test_what_the_engine_refuses_is_said_at_its_field(browser: Browser, trip: Trip) -> None:
    """The page was told of a form that asks less."""
    trip.start(guest="Ann")
    page = signed_in_under_policy(browser, trip.system.url, "approver1")
    page.route(lambda url: url.endswith("/form"), _without_pattern)
    drawn = opened(page, trip)
    code = drawn.get_by_label("Code")
    code.fill("a1")
    drawn.get_by_role("radiogroup").get_by_label("Yes").check()
    drawn.get_by_role("button", name="Complete", exact=True).click()
    expect(drawn.locator(".field-error")).to_have_text(re.compile("."), timeout=PATIENCE)
    expect(code).to_have_attribute("aria-invalid", "true")
    expect(code).to_be_focused()
    code.fill("A" * 201)
    drawn.get_by_role("button", name="Complete", exact=True).click()
    expect(drawn.locator(".field-error")).to_have_text("This must have at most 200 characters.", timeout=PATIENCE)
    code.fill("A" * 200)
    expect(drawn.locator(".field-error")).to_have_count(0)
    drawn.get_by_role("button", name="Complete", exact=True).click()
    assert completed(page, trip)["code"] == "A" * 200


def _without_pattern(route: Route) -> None:
    answer = route.fetch()
    assert '"pattern": "^[A-Z]"' in answer.text()
    route.fulfill(response=answer, body=answer.text().replace('"pattern": "^[A-Z]"', '"minLength": 0'))


def test_what_is_too_long_for_a_pattern_is_said_before_it_is_sent(browser: Browser, trip: Trip) -> None:
    trip.start(guest="Ann")
    drawn = opened(signed_in_under_policy(browser, trip.system.url, "approver1"), trip)
    drawn.get_by_label("Code").fill("A" * 201)
    drawn.get_by_label("Code").press("Tab")
    expect(drawn.locator(".field-error")).to_have_text(re.compile("200"), timeout=PATIENCE)


def test_a_draft_of_it_comes_back_elsewhere(browser: Browser, trip: Trip) -> None:
    trip.start(guest="Ann")
    drawn = opened(signed_in(browser, trip.system.url, "approver1"), trip)
    drawn.get_by_label("Guest").fill("Bea")
    drawn.get_by_role("button", name="Add Others").click()
    drawn.get_by_label("Name").fill("Cem")
    expect(drawn.get_by_text("Draft saved")).to_be_visible()
    elsewhere = opened(signed_in(browser, trip.system.url, "approver1"), trip)
    expect(elsewhere.get_by_text("on another device")).to_be_visible()
    expect(elsewhere.get_by_label("Guest")).to_have_value("Bea")
    expect(elsewhere.get_by_label("Name")).to_have_value("Cem")
    elsewhere.get_by_role("button", name="Start over").click()
    expect(elsewhere.get_by_label("Guest")).to_have_value("Ann")
    expect(elsewhere.get_by_label("Name")).to_have_count(0)


def test_what_changes_meanwhile_takes_nothing_that_was_typed(browser: Browser, trip: Trip) -> None:
    instance = trip.start(guest="Ann")
    drawn = opened(signed_in(browser, trip.system.url, "approver1"), trip)
    guest = drawn.get_by_label("Guest")
    guest.fill("Bea")
    trip.change(instance, guest="Zoe", room="d", address={"zip": "54321"})
    expect(drawn.get_by_label("Room")).to_have_value("1")
    expect(drawn.get_by_label("Beds")).to_be_visible()
    expect(drawn.get_by_label("Zip")).to_have_value("54321")
    expect(guest).to_have_value("Bea")
    expect(guest).to_be_focused()
    expect(drawn.get_by_text("Meanwhile changed to Zoe")).to_be_visible()
    drawn.get_by_role("button", name="Use it").click()
    expect(guest).to_have_value("Zoe")
    expect(drawn.get_by_text("Meanwhile changed to")).to_have_count(0)


def test_somebody_else_reads_it_and_changes_nothing(browser: Browser, trip: Trip) -> None:
    trip.start(guest="Ann", guests=[{"name": "Cem"}])
    page = signed_in(browser, trip.system.url, "admin")
    page.goto(f"{trip.system.url}/?task={trip.task(f'Book {trip.key}')['id']}")
    drawn = page.locator("#pane .task-form")
    expect(drawn.get_by_label("Guest")).to_have_value("Ann")
    expect(drawn.get_by_label("Guest")).to_have_attribute("readonly", "")
    expect(drawn.get_by_label("Name")).to_have_value("Cem")
    expect(drawn.get_by_label("With a dog")).to_be_disabled()
    expect(drawn.get_by_role("button", name="Add Others")).to_have_count(0)
    expect(drawn.get_by_role("button", name="Take away")).to_have_count(0)
    expect(drawn.get_by_role("button", name="Complete", exact=True)).to_be_disabled()


def test_a_process_is_started_with_the_schema_it_names_in_german(browser: Browser, trip: Trip) -> None:
    page = browser.new_context(locale="de-DE").new_page()
    page.set_default_timeout(PATIENCE)
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.goto(f"{trip.system.url}/sign-in")
    page.get_by_label("Name").fill("requester1")
    page.get_by_label("Passwort").fill("requester1")
    page.get_by_role("button", name="Anmelden", exact=True).click()
    page.get_by_role("button", name="Prozess starten").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=f"Trip {trip.key}").click()
    guest = dialog.get_by_label("Guest")
    expect(guest).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(dialog.locator(".field-error")).to_have_text("Bitte ausfüllen.")
    expect(guest).to_be_focused()
    guest.fill("Bea")
    dialog.get_by_role("button", name="Hinzufügen Others").click()
    dialog.get_by_label("Name").fill("Cem")
    expect(dialog.get_by_role("button", name="Wegnehmen: Eintrag 1")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    payload = trip.task(f"Book {trip.key}")["payload"]
    assert payload == {"guest": "Bea", "room": "s", "guests": [{"name": "Cem"}]}
