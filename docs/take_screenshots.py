# ruff: noqa: INP001 - a script beside the documents, not a package
"""Pictures of the page for the documentation: `python -m docs.take_screenshots URL`, against a running demo system.

It fills the demo first: deliveries and claims of two engines outside, requests and invoices of the examples.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Browser, Locator, Page, sync_playwright

from docs.demo_day import fill

IMAGES = Path(__file__).parent / "images"
ARGUMENTS = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-sync"]
WIDE = {"viewport": {"width": 1440, "height": 860}}
PHONE = {"viewport": {"width": 390, "height": 800}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}
PATIENCE = 30_000


def main(url: str) -> None:
    """Fill the demo, then take every picture."""
    IMAGES.mkdir(exist_ok=True)
    fill(url)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        lists(browser, url)
        one_task(browser, url)
        beside(browser, url)
        browser.close()


def lists(browser: Browser, url: str) -> None:
    """The list in every dress."""
    for name, given in (
        ("task-list", WIDE),
        ("task-list-dark", {**WIDE, "color_scheme": "dark"}),
        ("task-list-german", {**WIDE, "locale": "de-DE"}),
        ("task-list-small", PHONE),
    ):
        page = signed_in(browser, url, "approver1", **given)
        show(page, url, tab="group")
        row(page).wait_for()
        take(page, name)
    page = signed_in(browser, url, "approver1")
    cities = '{"or":["customer.city = Bern","customer.city = Wien"]}'
    show(page, url, tab="group", filter=[cities, "amount >= 100"])
    row(page).wait_for()
    page.get_by_role("button", name="Overview").click()
    page.get_by_role("group", name="Process").wait_for()
    take(page, "filters")
    page = signed_in(browser, url, "requester2")
    show(page, url, tab="mine")
    page.locator(".empty").wait_for()
    take(page, "empty")


def one_task(browser: Browser, url: str) -> None:
    """A task with its form, one with its data."""
    page = signed_in(browser, url, "approver1", layout="cards")
    show(page, url, tab="mine", q="R-1041")
    row(page).get_by_role("button").first.click()
    page.get_by_role("button", name="Complete", exact=True).wait_for()
    show(page, url, tab="mine", task=opened(page))
    page.get_by_label("Comment", exact=True).fill("Fine with me, the old ones go to the lab.")
    page.get_by_text("Draft saved", exact=True).wait_for()
    take(page, "task")
    show(page, url, tab="group", q="credit limit")
    row(page).get_by_role("button").first.click()
    page.locator("#pane").get_by_role("heading", name="Data", exact=True).evaluate("(one) => one.scrollIntoView()")
    take(page, "data")


def beside(browser: Browser, url: str) -> None:
    """Where requests stand, a workpiece, the operator's page, the way in."""
    page = signed_in(browser, url, "requester1")
    show(page, url, tab="requests")
    row(page, "R-1043").get_by_role("button").first.click()
    page.locator('[data-element-id="approve"].is-here').wait_for()
    take(page, "diagram")
    page = signed_in(browser, url, "approver1")
    show(page, url, tab="workpieces", q="Order 4")
    row(page).get_by_role("button").first.click()
    page.locator("#pane .history li").first.wait_for()
    take(page, "workpiece")
    page = signed_in(browser, url, "admin")
    show(page, url, tab="operate")
    page.get_by_role("table", name="Applications").get_by_role("row").nth(1).wait_for()
    take(page, "operations")
    page = browser.new_context(**WIDE).new_page()  # type: ignore[arg-type]
    page.goto(f"{url}/sign-in")
    take(page, "sign-in")


def signed_in(browser: Browser, url: str, name: str, layout: str | None = None, **given: Any) -> Page:
    """Their page, without the tour, and with the list as they chose it."""
    page = browser.new_context(**{**WIDE, **given}).new_page()
    page.set_default_timeout(PATIENCE)
    chosen = f"localStorage.setItem('taskpool {name} tour seen', 'true');"
    if layout:
        chosen += f"localStorage.setItem('taskpool {name} layout', '\"{layout}\"');"
    page.add_init_script(chosen)
    page.goto(url)
    page.locator("input[name=username]").fill(name)
    page.locator("input[name=password]").fill(name)
    page.locator("input[name=password]").press("Enter")
    page.locator("#app nav").first.wait_for()
    return page


def show(page: Page, url: str, **asked: Any) -> None:
    """Go where the address says."""
    page.goto(f"{url}/?{urlencode(asked, doseq=True)}")


def row(page: Page, text: str = "") -> Locator:
    """The first row that says so."""
    return page.locator("#list [data-id]").filter(has_text=text).first


def opened(page: Page) -> str:
    """The id of what is open."""
    return str(page.evaluate("new URLSearchParams(location.search).get('task')"))


def take(page: Page, name: str) -> None:
    """A picture once everything has come to rest."""
    page.wait_for_load_state("load")
    page.wait_for_timeout(1500)
    page.screenshot(path=IMAGES / f"{name}.png")


if __name__ == "__main__":
    main(sys.argv[1])
