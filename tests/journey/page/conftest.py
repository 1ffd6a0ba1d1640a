"""One browser for all that people do on the page."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.journey.page.people import ARGUMENTS


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if "TASKPOOL_WITHOUT_NODE" in os.environ:
        pytest.skip("TASKPOOL_WITHOUT_NODE is set: there is no page")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield browser
        browser.close()
