"""`page`: what people wait for, in Chromium: the first load, a key press, typing while much changes.

Times are the browser's own. The baseline of the first load is the page one signs in on, which has hardly a script; of a
key press a field that does nothing; of typing the same while nothing changes.
"""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from bench.harness import Result, percentile
from domain.values import iso
from settings import Settings
from tests.system.running import RunningSystem, temporary_home
from workers.system.record import free_port

ARGUMENTS = [
    *("--no-sandbox", "--disable-quic", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
BUILT = Path(__file__).parent.parent / "webapp" / "page" / "static" / "built"
USER = "approver1"
ROWS, ROUNDS, PRESSES, CHANGES = 1000, 20, 100, 60
"""Tasks loaded; loads of a page; key presses; changes a second."""
TYPED = "the quick brown fox jumps over the lazy dog " * 4
_LOADED = """(() => {
  const rows = [...document.querySelectorAll('#list [aria-rowindex]')].map((row) => Number(row.ariaRowIndex));
  return Math.max(0, ...rows) - 1;
})()"""
_PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
_WATCH = """
addEventListener('DOMContentLoaded', () => {
  const look = () => {
    if (!document.querySelector('#list [data-id]')) return requestAnimationFrame(look);
    window.firstRow = performance.now();
  };
  look();
});
"""
_FOCUS = """
window.moved = [];
let pressed = 0;
addEventListener('keydown', (event) => pressed = event.timeStamp, true);
addEventListener('focusin', () => {
  if (pressed) window.moved.push(performance.now() - pressed);
  pressed = 0;
}, true);
"""
_TYPING = """
window.drawn = [];
document.getElementById('search').addEventListener('input', () => {
  const began = performance.now();
  requestAnimationFrame(() => setTimeout(() => window.drawn.push(performance.now() - began)));
}, true);
"""


def run(_: Settings) -> list[Result]:
    """Load, keys and typing, of a system of its own with a thousand tasks."""
    with temporary_home() as home:
        system = RunningSystem(home, free_port())
        system.up()
        try:
            post(system.url, 0, ROWS)
            with chromium() as browser:
                return list(measure(browser, system.url))
        finally:
            system.down()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's own, without what it would ask others."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def measure(browser: Browser, url: str) -> Iterator[Result]:
    """All of it; needs tasks that `USER` sees, at best a thousand."""
    page = signed_in(browser, url)
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    floor = [_first_paint(browser, f"{url}/sign-in") for _ in range(ROUNDS)]
    loads = [_load(page, url) for _ in range(ROUNDS)]
    yield _result("page first paint", [paint for paint, _ in loads], floor)
    yield _result("page interactive", [row for _, row in loads], floor)
    scripts = {name.rsplit("/", 1)[1].partition("?")[0] for name in fetched if ".js" in name}
    size = sum(len(gzip.compress((BUILT / name).read_bytes())) for name in scripts if (BUILT / name).exists())
    yield Result("page script", round(size / 1000, 1), 150.0, round(size / 150_000, 3), "KB gzipped", 1)
    loaded = load_rows(page, ROWS)
    keys = press(page)
    yield _result(f"page key to focus, {loaded} rows", keys, [1.0])
    quiet = typing(page, None)
    yield _result(f"page typing, {CHANGES} changes a second", typing(page, url), quiet)
    page.context.close()


def signed_in(browser: Browser, url: str) -> Page:
    """The group's tasks, as one who may take them sees them."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(30_000)
    page.add_init_script(_WATCH)
    page.goto(url)
    page.get_by_label("Name").fill(USER)
    page.get_by_label("Password").fill(USER)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.locator("#app nav").first.wait_for()
    return page


def load_rows(page: Page, wanted: int) -> int:
    """Go to the end again and again until so many rows are loaded; how many there are."""
    page.locator("#list [data-id]").first.wait_for()
    page.locator("#list button, #list a").first.focus()
    ends = time.monotonic() + 60
    while (found := rows_loaded(page)) < wanted and time.monotonic() < ends:
        page.keyboard.press("End")
        page.wait_for_timeout(50)
    page.keyboard.press("Home")
    return found


def rows_loaded(page: Page) -> int:
    """How many rows the list has, drawn or not; its table counts its head, too."""
    return int(page.evaluate(_LOADED))


def press(page: Page) -> list[float]:
    """Milliseconds from a key press, as the browser dates it, until the focus has moved; seen with the next frame."""
    page.evaluate(_FOCUS)
    for number in range(PRESSES):
        page.keyboard.press("k" if number % 10 == 9 else "j")
        page.wait_for_timeout(20)
    found = [float(one) for one in page.evaluate("window.moved")]
    assert len(found) == PRESSES, f"{len(found)} of {PRESSES} keys have moved the focus"
    return found


def typing(page: Page, url: str | None) -> list[float]:
    """Milliseconds from each letter until it is drawn; with a URL while much changes there. Nothing typed is lost."""
    page.evaluate(_TYPING)
    search = page.get_by_role("searchbox").first
    search.fill("")
    stop = threading.Event()
    changing = threading.Thread(target=_change, args=(url, stop)) if url else None
    if changing:
        changing.start()
    search.press_sequentially(TYPED, delay=25)
    stop.set()
    if changing:
        changing.join()
    assert search.input_value() == TYPED, search.input_value()
    found = [float(one) for one in page.evaluate("window.drawn")]
    search.fill("")
    return found


def post(url: str, first: int, last: int, kind: str = "task.created", **more: Any) -> None:
    """Tell of so many tasks of an engine outside."""
    now = datetime.now(UTC)
    records = [
        {
            "id": f"{kind}-{number}-{now.timestamp()}",
            "type": kind,
            "time": iso(now),
            "subject": f"bench-{number}",
            "data": {
                "name": f"Check invoice {number:05}",
                "priority": number % 100,
                "dueDate": iso(now + timedelta(hours=number % 400 - 100)),
                **({"candidateGroups": ["approvers"]} if kind == "task.created" else {}),
                **more,
            },
        }
        for number in range(first, last)
    ]
    for at in range(0, len(records), 500):
        body = {"application": "bench", "format": "taskpool", "records": records[at : at + 500]}
        answer = httpx.post(f"{url}/api/v1/engine-events", json=body, auth=("admin", "admin"), timeout=60)
        assert answer.json()["rejected"] == [], answer.text


def _change(url: str, stop: threading.Event) -> None:
    turn = 0
    while not stop.wait(0.25):
        at = turn * CHANGES // 4 % ROWS
        post(url, at, min(at + CHANGES // 4, ROWS), "task.attributes_changed", description=f"turn {turn}")
        turn += 1


def _load(page: Page, url: str) -> tuple[float, float]:
    page.goto(f"{url}/?tab=group")
    return _paint(page), _until(page, "window.firstRow ?? 0")


def _first_paint(browser: Browser, url: str) -> float:
    page = browser.new_page()
    page.goto(url)
    found = _paint(page)
    page.close()
    return found


def _paint(page: Page) -> float:
    return _until(page, _PAINTED)


def _until(page: Page, question: str) -> float:
    """What the page says, once that is not nothing; its policy forbids Playwright's own way of waiting."""
    for _ in range(1000):
        if found := page.evaluate(question):
            return float(found)
        page.wait_for_timeout(10)
    raise TimeoutError(question)


def _result(name: str, times: list[float], floor: list[float]) -> Result:
    late, base = percentile(times, 0.95), percentile(floor, 0.95)
    spread = f"p50 {percentile(times, 0.5):.1f} / {percentile(floor, 0.5):.1f}"
    return Result(name, round(late, 1), round(base, 1), round(late / base, 2), "ms p95", len(times), spread)
