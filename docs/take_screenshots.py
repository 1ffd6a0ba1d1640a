# ruff: noqa: INP001 - a script beside the documents, not a package
"""Pictures of the page for the documentation: `python -m docs.take_screenshots URL`, against a running demo system."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

IMAGES = Path(__file__).parent / "images"
ARGUMENTS = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-sync"]
REQUESTS = (
    ("Two monitors", "900", "R-1041"),
    ("Train to Berlin", "240", "R-1042"),
    ("Standing desk", "1600", "R-1043"),
)


def main(url: str) -> None:
    """Start three requests and look at them as an approver, by day, by night and on a telephone."""
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        requester = _signed_in(browser, url, "requester1")
        for subject, amount, reference in REQUESTS:
            _start(requester, subject, amount, reference)
        _take(_group_tasks(browser, url), "task-list")
        _take(_group_tasks(browser, url, color_scheme="dark"), "task-list-dark")
        _take(_group_tasks(browser, url, viewport={"width": 390, "height": 800}), "task-list-small")
        browser.close()


def _signed_in(browser: Browser, url: str, name: str, **context: object) -> Page:
    page = browser.new_context(**{"viewport": {"width": 1280, "height": 760}, **context}).new_page()  # type: ignore[arg-type]
    page.goto(url)
    page.get_by_role("button", name=name).click()
    page.get_by_role("navigation").wait_for()
    return page


def _start(page: Page, subject: str, amount: str, reference: str) -> None:
    page.get_by_role("button", name="Start a process").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Request approval").click()
    dialog.get_by_label("Subject").fill(subject)
    dialog.get_by_label("Amount").fill(amount)
    dialog.get_by_label("Reference").fill(reference)
    dialog.get_by_role("button", name="Start", exact=True).click()
    dialog.wait_for(state="hidden")


def _group_tasks(browser: Browser, url: str, **context: object) -> Page:
    page = _signed_in(browser, url, "approver1", **context)
    page.get_by_role("link", name="Group tasks").click()
    page.locator("#list li").first.wait_for()
    return page


def _take(page: Page, name: str) -> None:
    page.locator("#list li button").first.click()
    page.locator(".pane-head").wait_for()
    page.wait_for_timeout(500)
    page.screenshot(path=IMAGES / f"{name}.png")


if __name__ == "__main__":
    main(sys.argv[1])
