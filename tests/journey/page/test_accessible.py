"""What a checker of accessibility finds on every page and state: nothing serious. It is axe, from the npm registry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journey.page.people import PATIENCE, signed_in
from tests.journey.page.stay import Stay
from tests.journey.page.trip import Trip
from tests.system.running import RunningSystem

pytestmark = [pytest.mark.servers, pytest.mark.browser, pytest.mark.timeout(400)]

AXE = Path(__file__).parents[3] / "webapp" / "page" / "client" / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = ("serious", "critical")
THEMES = ("light", "dark", "contrast")
SIZES = {"desk": {"width": 1440, "height": 860}, "phone": {"width": 320, "height": 700}}


def _open_first(page: Page) -> None:
    page.locator("#list [data-id] button").first.click()
    expect(page.get_by_role("heading", name="History")).to_be_visible(timeout=PATIENCE)


def _press(key: str) -> Callable[[Page], None]:
    return lambda page: page.keyboard.press(key)


def _dialog(name: str) -> Callable[[Page], None]:
    def opened(page: Page) -> None:
        page.get_by_role("button", name=name).first.click()
        expect(page.get_by_role("dialog")).to_be_visible(timeout=PATIENCE)

    return opened


def _choose(page: Page) -> None:
    page.locator("#list [data-id] button").first.focus()
    page.keyboard.press("x")
    expect(page.get_by_text("1 chosen")).to_be_visible(timeout=PATIENCE)


def _open_drawn(page: Page) -> None:
    """A form that its modeller drew, with something wrong in it and a calendar open."""
    _open_first(page)
    drawn = page.locator("#pane .task-form")
    drawn.get_by_label("Guest").fill("")
    drawn.get_by_role("button", name="Complete", exact=True).click()
    # What is wrong has the focus a moment after it is said.
    expect(drawn.get_by_label("Guest")).to_be_focused(timeout=PATIENCE)
    expect(drawn.get_by_text("This is required.").first).to_be_visible(timeout=PATIENCE)
    drawn.get_by_label("Arrival").focus()
    expect(drawn.locator(".flatpickr-calendar.open")).to_be_visible(timeout=PATIENCE)


def _start_drawn(page: Page) -> None:
    _dialog("Start a process")(page)
    page.get_by_role("dialog").get_by_role("button", name="Stay").first.click()
    expect(page.get_by_role("dialog").locator(".fjs-form")).to_be_visible(timeout=PATIENCE)


def _open_schema(page: Page) -> None:
    """A JSON Schema, drawn, with a list that has grown and what is missing in it."""
    _open_first(page)
    drawn = page.locator("#pane .task-form")
    expect(drawn.get_by_label("Guest")).to_be_visible(timeout=PATIENCE)
    drawn.get_by_role("button", name="Add Others").click()
    # What was added before is kept as a draft.
    expect(drawn.get_by_label("Name").last).to_be_focused(timeout=PATIENCE)
    drawn.get_by_label("Guest").fill("")
    drawn.get_by_role("button", name="Complete", exact=True).click()
    expect(drawn.get_by_label("Guest")).to_be_focused(timeout=PATIENCE)
    expect(drawn.locator(".field-error").first).to_be_visible(timeout=PATIENCE)


def _start_schema(page: Page) -> None:
    _dialog("Start a process")(page)
    page.get_by_role("dialog").get_by_role("button", name="Trip").first.click()
    expect(page.get_by_role("dialog").get_by_label("Guest")).to_be_focused(timeout=PATIENCE)


STATES: Mapping[str, tuple[str, str, Callable[[Page], None] | None]] = {
    "my tasks": ("approver1", "?tab=mine", None),
    "group tasks": ("approver1", "?tab=group", None),
    "chips": ("approver1", "?tab=group&filter=task.priority%20%3E%3D%201", None),
    "nothing found": ("approver1", "?tab=group&q=nothingatall", None),
    "a task": ("approver1", "?tab=group", _open_first),
    "a drawn form": ("approver1", "?tab=mine&q=stay", _open_drawn),
    "a schema": ("approver1", "?tab=mine&q=trip", _open_schema),
    "a drawn start": ("requester1", "?tab=mine", _start_drawn),
    "a schema's start": ("requester1", "?tab=mine", _start_schema),
    "chosen": ("approver1", "?tab=group", _choose),
    "help": ("approver1", "?tab=group", _press("?")),
    "palette": ("approver1", "?tab=group", _press("Control+k")),
    "start": ("requester1", "?tab=mine", _dialog("Start a process")),
    "settings": ("approver1", "?tab=mine", _dialog("Settings")),
    "requests": ("requester1", "?tab=requests", None),
    "processes": ("requester1", "?tab=running", None),
    "workpieces": ("accountant1", "?tab=workpieces", None),
    "health": ("admin", "?tab=operate", None),
    "incidents": ("admin", "?tab=operate&part=incidents", None),
    "deployments": ("admin", "?tab=operate&part=deployments", None),
    "instances": ("admin", "?tab=operate&part=instances", None),
    "people": ("admin", "?tab=operate&part=people", None),
    "notices": ("admin", "?tab=operate&part=notices", None),
    "audit": ("admin", "?tab=operate&part=audit", None),
}
"""By name: who looks, where, and what they do there."""
ON_A_PHONE = {"group tasks", "a task", "requests", "health", "start"}


@pytest.fixture(scope="module")
def system(running_system: RunningSystem) -> RunningSystem:
    """With two tasks, what they are about, and two with forms that are drawn."""
    path = f"{running_system.url}/api/v1/process-definitions/approval/approve_request/start"
    for number in range(2):
        sent = {"variables": {"subject": "a chair", "amount": number + 1}, "businessKey": f"A-{uuid4().hex[:8]}"}
        assert httpx.post(path, json=sent, auth=("requester1", "requester1"), timeout=60).status_code == 201
    Stay(running_system).start(guest="Ann", room="d")
    Trip(running_system).start(guest="Ann")
    return running_system


@pytest.mark.parametrize("theme", THEMES)
def test_nothing_serious_is_found_in_any_state(browser: Browser, system: RunningSystem, theme: str) -> None:
    found = {}
    pages: dict[str, Page] = {}
    for name, (user, address, do) in STATES.items():
        page = pages.get(user) or signed_in(browser, system.url, user)
        pages[user] = page
        page.evaluate(f"localStorage.setItem('taskpool {user} theme', '\"{theme}\"')")
        sizes = SIZES if theme == "light" and name in ON_A_PHONE else {"desk": SIZES["desk"]}
        for size, viewport in sizes.items():
            page.set_viewport_size(viewport)  # type: ignore[arg-type]
            page.goto(f"{system.url}/{address}")
            expect(page.locator("h1").first).to_be_visible(timeout=PATIENCE)
            page.wait_for_timeout(2000 if "operate" in address else 600)
            if do and size == "desk":
                do(page)
                page.wait_for_timeout(400)
            if problems := serious(page):
                found[f"{name}, {size}"] = problems
    assert found == {}


def test_nothing_serious_is_found_where_one_signs_in(browser: Browser, system: RunningSystem) -> None:
    for scheme in ("light", "dark"):
        page = browser.new_context(color_scheme=scheme).new_page()  # type: ignore[arg-type]
        page.goto(f"{system.url}/sign-in")
        assert serious(page) == []


def serious(page: Page) -> list[str]:
    """What is found, as the rule and where."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    result: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {node['target']} {node.get('failureSummary', '')[:300]}"
        for one in result["violations"]
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ]
