"""People with a browser of their own."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

ARGUMENTS = [
    *("--no-sandbox", "--disable-quic", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
PATIENCE = 20_000
expect.set_options(timeout=PATIENCE)


def signed_in(browser: Browser, url: str, name: str) -> Page:
    """A browser of their own, in which every error on the page is an error of the test."""
    page = browser.new_context().new_page()
    page.set_default_timeout(PATIENCE)
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.goto(url)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(name)
    page.get_by_role("button", name="Sign in", exact=True).click()
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
    """Narrows the list to that; ready when nothing else is in it any more, and no row moves for it."""
    page.get_by_role("searchbox").fill(words)
    expect(page.locator("#list [data-id]").filter(has_not_text=words)).to_have_count(0, timeout=PATIENCE)
