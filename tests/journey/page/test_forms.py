"""Forms that are deployed beside a process, drawn as their modellers drew them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.journey.page.people import PATIENCE, click_by_hand, narrow, signed_in
from tests.journey.page.stay import Stay
from tests.system.running import RunningSystem

pytestmark = [pytest.mark.servers, pytest.mark.browser, pytest.mark.timeout(400)]


@pytest.fixture
def stay(running_system: RunningSystem) -> Stay:
    return Stay(running_system)


def opened(page: Page, stay: Stay) -> Locator:
    """The form of the task, drawn."""
    page.get_by_role("link", name="My tasks").click()
    narrow(page, stay.key)
    page.locator("#list [data-id] button").first.click()
    drawn = page.locator("#pane .task-form")
    expect(drawn.locator(".fjs-form")).to_be_visible(timeout=PATIENCE)
    return drawn


def choose_double(within: Locator) -> None:
    within.locator(".fjs-form-field-select .fjs-input-group").click()
    within.locator(".fjs-dropdownlist-item", has_text="Double").click()
    expect(within.locator(".fjs-select-display")).to_have_text("Double")


def test_a_click_right_after_a_field_that_is_wrong_is_not_missed(browser: Browser, stay: Stay) -> None:
    stay.start(guest="Ann", room="d")
    drawn = opened(page := signed_in(browser, stay.system.url, "approver1"), stay)
    drawn.get_by_label("Beds").press_sequentially("9")
    click_by_hand(page, drawn.get_by_label("With a dog"))
    expect(drawn.get_by_label("With a dog")).to_be_checked()
    expect(drawn.locator(".fjs-form-field-error")).to_have_text("This must be at most 4.")


def test_a_date_that_was_typed_is_sent_with_a_finger(browser: Browser, stay: Stay) -> None:
    stay.start(guest="Ann", room="s")
    page = signed_in(browser, stay.system.url, "approver1", has_touch=True)
    drawn = opened(page, stay)
    drawn.get_by_label("Arrival").tap()
    page.keyboard.type("12/24/2026")
    drawn.get_by_role("button", name="Complete", exact=True).tap()
    expect(page.get_by_role("heading", name=f"Book {stay.key}")).to_have_count(0, timeout=PATIENCE)
    assert stay.task("Next")["payload"]["arrival"] == "2026-12-24"


def test_a_date_that_was_typed_is_kept_when_another_task_is_opened(browser: Browser, stay: Stay) -> None:
    stay.start(guest="Ann", room="s")
    page = signed_in(browser, stay.system.url, "approver1")
    drawn = opened(page, stay)
    drawn.get_by_label("Arrival").fill("12/24/2026")
    click_by_hand(page, page.get_by_role("link", name="Completed"))
    opened(page, stay)
    expect(drawn.get_by_label("Arrival")).to_have_value("12/24/2026")


def test_a_form_is_drawn_and_what_is_filled_in_is_sent(browser: Browser, stay: Stay) -> None:
    stay.start(guest="Ann", room="s")
    page = signed_in(browser, stay.system.url, "approver1")
    drawn = opened(page, stay)
    expect(drawn.get_by_role("heading", name="A stay")).to_be_visible()
    expect(drawn.get_by_text("For Ann")).to_be_visible()
    expect(drawn.get_by_role("group").filter(has_text="Who comes").get_by_label("Guest").last).to_have_value("Ann")
    expect(drawn.get_by_label("Beds")).to_have_count(0)
    expect(drawn.get_by_title("Powered by bpmn.io")).to_be_visible()
    choose_double(drawn)
    drawn.get_by_label("Guest").fill("Bea")
    expect(drawn.get_by_text("For Bea")).to_be_visible()
    drawn.get_by_label("Guest").press("Enter")
    expect(drawn.get_by_label("Code")).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(drawn.get_by_role("alert")).to_contain_text("1 field needs another look.")
    expect(drawn.locator(".fjs-form-field-error")).to_have_text("This is required.")
    expect(drawn.get_by_label("Beds")).to_be_focused()
    page.keyboard.type("9")
    expect(drawn.locator(".fjs-form-field-error")).to_have_text("This must be at most 4.")
    drawn.get_by_label("Beds").fill("2")
    expect(drawn.locator(".fjs-form-field-error")).to_have_count(0)
    drawn.get_by_label("With a dog").check()
    drawn.get_by_label("Name").fill("Cem")
    drawn.get_by_role("button", name="Add").click()
    drawn.get_by_label("Name").nth(1).fill("Dua")
    drawn.get_by_label("Arrival").fill("12/24/2026")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name=f"Book {stay.key}")).to_have_count(0, timeout=PATIENCE)
    assert stay.task("Next")["payload"] == {
        "guest": "Bea",
        "code": "",
        "room": "d",
        "beds": 2,
        "arrival": "2026-12-24",
        "pet": True,
        "guests": [{"name": "Cem"}, {"name": "Dua"}],
    }


def test_what_the_engine_refuses_is_said_at_its_field(browser: Browser, stay: Stay) -> None:
    stay.start(guest="Ann", room="s")
    page = signed_in(browser, stay.system.url, "approver1")
    drawn = opened(page, stay)
    code = drawn.get_by_label("Code")
    code.fill("A" * 201)
    drawn.get_by_role("button", name="Complete", exact=True).click()
    expect(drawn.locator(".fjs-form-field-error")).to_have_text("This must have at most 200 characters.")
    expect(code).to_have_attribute("aria-invalid", "true")
    expect(code).to_be_focused()
    code.fill("A" * 200)
    expect(drawn.locator(".fjs-form-field-error")).to_have_count(0)
    drawn.get_by_role("button", name="Complete", exact=True).click()
    expect(page.get_by_role("heading", name=f"Book {stay.key}")).to_have_count(0, timeout=PATIENCE)
    assert stay.task("Next")["payload"]["code"] == "A" * 200


def test_a_draft_of_it_comes_back_elsewhere(browser: Browser, stay: Stay) -> None:
    stay.start(guest="Ann", room="s")
    page = signed_in(browser, stay.system.url, "approver1")
    drawn = opened(page, stay)
    drawn.get_by_label("Guest").fill("Bea")
    drawn.get_by_label("Name").fill("Cem")
    expect(drawn.get_by_text("Draft saved")).to_be_visible()
    elsewhere = opened(signed_in(browser, stay.system.url, "approver1"), stay)
    expect(elsewhere.get_by_text("on another device")).to_be_visible()
    expect(elsewhere.get_by_label("Guest")).to_have_value("Bea")
    expect(elsewhere.get_by_label("Name")).to_have_value("Cem")
    elsewhere.get_by_role("button", name="Start over").click()
    expect(elsewhere.get_by_label("Guest")).to_have_value("Ann")
    expect(elsewhere.get_by_label("Name")).to_have_value("")


def test_a_click_completes_although_what_is_left_by_it_turns_out_wrong(browser: Browser, stay: Stay) -> None:
    stay.start(guest="Ann", room="d")
    drawn = opened(signed_in(browser, stay.system.url, "approver1"), stay)
    drawn.get_by_label("Guest").fill("")
    expect(drawn.get_by_text("Draft saved")).to_be_visible()
    elsewhere = opened(signed_in(browser, stay.system.url, "approver1"), stay)
    expect(elsewhere.get_by_label("Guest")).to_have_value("")
    elsewhere.get_by_label("Guest").click()
    elsewhere.get_by_role("button", name="Complete", exact=True).click()
    expect(elsewhere.get_by_role("alert")).to_contain_text("2 fields need another look.")
    expect(elsewhere.get_by_role("alert").get_by_role("button")).to_have_text(["Guest", "Beds"])
    expect(elsewhere.get_by_label("Guest")).to_be_focused()


def test_what_changes_meanwhile_takes_nothing_that_was_typed(browser: Browser, stay: Stay) -> None:
    instance = stay.start(guest="Ann", room="s")
    page = signed_in(browser, stay.system.url, "approver1")
    drawn = opened(page, stay)
    guest = drawn.get_by_label("Guest")
    guest.fill("Bea")
    stay.change(instance, guest="Zoe", room="d")
    expect(drawn.locator(".fjs-select-display")).to_have_text("Double")
    expect(drawn.get_by_label("Beds")).to_be_visible()
    expect(guest).to_have_value("Bea")
    expect(guest).to_be_focused()
    expect(drawn.get_by_text("Meanwhile changed to Zoe")).to_be_visible()
    drawn.get_by_role("button", name="Use it").click()
    expect(guest).to_have_value("Zoe")
    expect(drawn.get_by_text("Meanwhile changed to")).to_have_count(0)


def test_somebody_else_reads_it_and_changes_nothing(browser: Browser, stay: Stay) -> None:
    stay.start(guest="Ann", room="d")
    page = signed_in(browser, stay.system.url, "admin")
    page.goto(f"{stay.system.url}/?task={stay.task(f'Book {stay.key}')['id']}")
    drawn = page.locator("#pane .task-form")
    expect(drawn.get_by_label("Guest")).to_have_value("Ann")
    expect(drawn.get_by_label("Guest")).to_have_attribute("readonly", "")
    expect(drawn.get_by_role("button", name="Complete", exact=True)).to_be_disabled()


def test_a_process_is_started_with_the_form_it_names(browser: Browser, stay: Stay) -> None:
    page = browser.new_context(locale="de-DE").new_page()
    page.set_default_timeout(PATIENCE)
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.goto(f"{stay.system.url}/sign-in")
    page.get_by_label("Name").fill("requester1")
    page.get_by_label("Passwort").fill("requester1")
    page.get_by_role("button", name="Anmelden", exact=True).click()
    page.get_by_role("button", name="Prozess starten").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=f"Stay {stay.key}").click()
    guest = dialog.get_by_label("Guest")
    expect(guest).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(dialog.locator(".fjs-form-field-error")).to_have_text("Bitte ausfüllen.")
    expect(guest).to_be_focused()
    guest.fill("Bea")
    choose_double(dialog)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert stay.task(f"Book {stay.key}")["payload"] == {"guest": "Bea", "room": "d"}
