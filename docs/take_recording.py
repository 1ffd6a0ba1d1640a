# ruff: noqa: INP001 - a script beside the documents, not a package
"""The page at work as an animated picture: `python -m docs.take_recording URL`, against a running demo system.

Needs Pillow (`pip install pillow==13.0.0`), which nothing else here does. A picture is taken after each key, and shown
as long as one needs to see what it did: how fast the machine is does not matter.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from PIL import Image  # type: ignore[import-not-found]
from playwright.sync_api import Page, sync_playwright

from docs.demo_day import fill
from docs.take_screenshots import ARGUMENTS, IMAGES, row, show, signed_in

SIZE = {"viewport": {"width": 1200, "height": 720}}
MOST_BYTES = 1_500_000
LETTER, SHORT, LONG = 100, 700, 1900
"""Milliseconds that something is shown."""


class Recording:
    """What was seen, and how long each of it is shown."""

    def __init__(self, page: Page) -> None:
        self._page, self._seen, self._times = page, list[Image.Image](), list[int]()

    def show(self, milliseconds: int) -> None:
        """What is on the screen now."""
        shown = Image.open(BytesIO(self._page.screenshot())).convert("RGB")
        self._seen.append(shown.resize((960, 576), Image.Resampling.LANCZOS))
        self._times.append(milliseconds)

    def press(self, key: str, milliseconds: int = SHORT) -> None:
        """One key, and what it does when that has come to rest."""
        self._page.keyboard.press(key)
        self._page.wait_for_timeout(700)
        self.show(milliseconds)

    def type(self, text: str) -> None:
        """Letter by letter, of which every second is seen."""
        for number, letter in enumerate(text):
            self._page.keyboard.type(letter)
            if number % 2:
                self._page.wait_for_timeout(150)
                self.show(2 * LETTER)

    def save(self, name: str) -> int:
        """How many bytes it has."""
        path, (first, *others) = IMAGES / f"{name}.webp", self._seen
        first.save(path, save_all=True, append_images=others, duration=self._times, loop=0, quality=55, method=6)
        return path.stat().st_size


def main(url: str) -> None:
    """Fill the demo, then work in it."""
    fill(url)
    with browsers(url) as (page, other):
        recording = Recording(page)
        play(page, other, recording, url)
        if recording.save("at-work") > MOST_BYTES:
            sys.exit(f"more than {MOST_BYTES} bytes: it has to be shorter")


@contextmanager
def browsers(url: str) -> Iterator[tuple[Page, Page]]:
    """Of two people who see the same list."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield signed_in(browser, url, "approver1", **SIZE), signed_in(browser, url, "approver2", **SIZE)
        browser.close()


def play(page: Page, other: Page, recording: Recording, url: str) -> None:
    """A list is narrowed in words, somebody else takes a row, a task is taken and done, and where else one can go."""
    for one in (page, other):
        show(one, url, tab="unassigned")
        row(one).wait_for()
    recording.show(LONG)
    recording.press("f")
    recording.type("customer.city is ")
    recording.type("Wien")
    recording.press("Enter", LONG)
    taken = row(page).get_attribute("data-id")
    other.locator(f'[data-id="{taken}"]').get_by_role("button").first.focus()
    other.keyboard.press("c")
    page.locator(f'[data-id="{taken}"]').get_by_text("approver2 took it").wait_for()
    recording.show(LONG)
    page.locator(f'[data-id="{taken}"]').wait_for(state="detached")
    recording.press("Escape", LETTER)
    recording.press("j")
    recording.press("c", SHORT)
    recording.press("Control+k")
    recording.type("R-1044")
    page.get_by_role("option", name="R-1044").first.wait_for()
    recording.show(SHORT)
    recording.press("Enter", LONG)
    page.locator("#pane").get_by_role("button", name="Claim").first.click()
    page.locator("form.task-form").get_by_role("textbox").last.wait_for()
    page.wait_for_timeout(700)
    recording.show(SHORT)
    page.locator("form.task-form").get_by_label("Approve", exact=True).check()
    recording.show(SHORT)
    page.locator("form.task-form").get_by_role("textbox").last.focus()
    recording.type("Well worth it.")
    recording.press("Control+Enter", LONG)


if __name__ == "__main__":
    main(sys.argv[1])
