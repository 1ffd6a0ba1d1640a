"""People with a browser of their own."""

from __future__ import annotations

from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, expect

from tests.system.running import RunningSystem

ARGUMENTS = [
    *("--no-sandbox", "--disable-quic", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
PATIENCE = 20_000
PHONE = {"viewport": {"width": 320, "height": 740}, "has_touch": True, "is_mobile": True}
expect.set_options(timeout=PATIENCE)


def sign_in(page: Page, url: str, name: str) -> None:
    """Every error on the page from now on is an error of the test."""
    page.set_default_timeout(PATIENCE)
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.goto(url)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(name)
    page.get_by_role("button", name="Sign in", exact=True).click()


def signed_in(browser: Browser, url: str, name: str, *, has_touch: bool = False) -> Page:
    """Their page, in a browser of their own."""
    page = browser.new_context(has_touch=has_touch).new_page()
    sign_in(page, url, name)
    expect(page.get_by_text("Choose a task")).to_be_visible()
    return page


def start_request(page: Page, reference: str) -> None:
    page.get_by_role("button", name="Start a process").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Request approval").click()
    dialog.get_by_label("Subject").fill("Two monitors")
    dialog.get_by_label("Amount").fill("900")
    dialog.get_by_label("Reference").fill(reference)
    dialog.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_text("has been started")).to_be_visible(timeout=PATIENCE)


def narrow(page: Page, words: str) -> None:
    """Narrows the list to that; ready when it has been asked for, and no row moves for it any more."""
    field = page.get_by_role("searchbox")
    if field.input_value() != words:
        with page.expect_response(lambda answer: asks_for(answer.request, words)):
            field.fill(words)
            field.press("Enter")
    expect(page.locator("#list [data-id]").filter(has_not_text=words)).to_have_count(0, timeout=PATIENCE)


def asks_for(request: Request, words: str) -> bool:
    """Whether it reads a list by these words, and does not wait for its news."""
    is_list = "/changes" not in request.url and "/counts" not in request.url
    return is_list and (f"q={words}" in request.url or f'"q":"{words}"' in (request.post_data or ""))


def phone(browser: Browser, url: str, name: str) -> tuple[BrowserContext, Page]:
    """Their telephone; to be closed by its context."""
    context = browser.new_context(**PHONE)
    page = context.new_page()
    sign_in(page, url, name)
    expect(page.get_by_role("navigation", name="Quick access")).to_be_visible()
    return context, page


def started(system: RunningSystem, many: int) -> str:
    """The beginning of the business keys of so many requests, each a task of the approvers."""
    reference = f"L{uuid4().hex[:10]}"
    path = f"{system.url}/api/v1/process-definitions/approval/approve_request/start"
    for number in range(many):
        sent = {"variables": {"subject": "a chair", "amount": 5 + number}, "businessKey": f"{reference}-{number}"}
        assert httpx.post(path, json=sent, auth=("requester1", "requester1"), timeout=60).status_code == 201
    return reference


def click_by_hand(page: Page, control: Locator) -> None:
    """Press the button of the mouse on it, and let go when the page has come to rest: a click, if it is still there."""
    control.scroll_into_view_if_needed()
    where = control.bounding_box()
    assert where is not None
    page.mouse.move(where["x"] + where["width"] / 2, where["y"] + where["height"] / 2)
    page.mouse.down()
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert control.bounding_box() == where, "nothing moves while the button is down"
    page.mouse.up()
