"""The list: as a table and as cards, chosen from, acted on, and quiet while others work."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.journey.page.people import PATIENCE, signed_in, started
from tests.system.running import RunningSystem

pytestmark = [pytest.mark.servers, pytest.mark.browser, pytest.mark.timeout(400)]

WIDE = {"width": 1440, "height": 860}

# Scrolls once towards the row of that name; how many pixels it was off. No wheel that scrolls on for a moment.
TO_THE_MIDDLE = """name => {
  const seen = document.querySelector(".of-tasks .rows");
  const row = [...seen.querySelectorAll("[data-id]")].find((one) => one.textContent.includes(name));
  const half = seen.clientHeight / 2;
  const off = row ? row.getBoundingClientRect().top - seen.getBoundingClientRect().top - half : half;
  seen.scrollBy(0, off);
  return row ? Math.abs(off) : Infinity;
}"""


def listed(browser: Browser, system: RunningSystem, name: str, asked: str, many: int, *, wide: bool = True) -> Page:
    """Their page with what is asked for, once so many rows are there."""
    page = signed_in(browser, system.url, name)
    if wide:
        page.set_viewport_size(WIDE)
    page.goto(f"{system.url}/?{asked}")
    expect(rows(page)).to_have_count(many, timeout=PATIENCE)
    return page


def rows(page: Page) -> Locator:
    return page.locator("#list [data-id]")


def row(page: Page, text: str) -> Locator:
    return rows(page).filter(has_text=text)


def focused(page: Page, text: str) -> None:
    """Waits until the row that says so has the focus."""
    expect(row(page, text).get_by_role("button")).to_be_focused(timeout=PATIENCE)


def test_a_wide_screen_shows_a_table_whose_columns_are_the_readers(
    browser: Browser, running_system: RunningSystem
) -> None:
    reference = started(running_system, 3)
    page = listed(browser, running_system, "approver1", f"tab=group&q={reference}", 3)
    expect(page.get_by_role("table")).to_have_attribute("aria-rowcount", "4")
    page.get_by_role("button", name="Columns…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("checkbox", name="amount", exact=True).check()
    dialog.get_by_role("checkbox", name="Assignee").uncheck()
    dialog.get_by_role("button", name="Move amount forward").press("Enter")
    page.keyboard.press("Escape")
    heads = page.get_by_role("columnheader")
    expect(heads).to_have_text([re.compile(name) for name in ("Name", "Business key", "Due", "amount", "Priority")])
    edge = page.get_by_role("separator", name="Width of amount")
    edge.press("ArrowRight")
    expect(edge).to_have_attribute("aria-valuenow", "146")
    page.get_by_role("button", name="amount", exact=True).click()
    page.get_by_role("button", name="amount", exact=True).click()
    expect(page.get_by_role("columnheader", name="amount")).to_have_attribute("aria-sort", "descending")
    expect(rows(page).first).to_contain_text(f"{reference}-2", timeout=PATIENCE)
    page.get_by_role("button", name="Business key", exact=True).click(modifiers=["Shift"])
    expect(page).to_have_url(re.compile(r"sort=-payload\.amount%2CbusinessKey"))
    page.reload()
    expect(rows(page).first).to_contain_text(f"{reference}-2", timeout=PATIENCE)
    expect(page.get_by_role("separator", name="Width of amount")).to_have_attribute("aria-valuenow", "146")
    page.get_by_role("button", name="Cards", exact=True).click()
    expect(page.get_by_role("listitem").filter(has_text=reference)).to_have_count(3)
    page.reload()
    expect(page.get_by_role("listitem").filter(has_text=reference)).to_have_count(3, timeout=PATIENCE)


def test_what_is_due_stands_under_its_day(browser: Browser, running_system: RunningSystem) -> None:
    reference = started(running_system, 1)
    page = listed(browser, running_system, "approver1", f"tab=group&q={reference}", 1)
    page.get_by_role("checkbox", name="By day").check()
    expect(page.locator("#list .day")).to_have_count(1)
    page.get_by_role("button", name="Cards", exact=True).click()
    heading = page.get_by_role("listitem").filter(has_text=reference).get_by_role("heading")
    expect(heading).to_have_text(re.compile("Today|Tomorrow|This week|Later|Without a due date"))
    page.reload()
    expect(heading).to_be_visible(timeout=PATIENCE)
    page.get_by_label("Sort by").select_option("name")
    expect(page.get_by_role("checkbox", name="By day")).not_to_be_checked()
    expect(heading).to_have_count(0)


def test_what_is_overdue_is_marked_on_its_row_in_the_title_and_on_the_icon(
    browser: Browser, running_system: RunningSystem
) -> None:
    reference = f"D{uuid4().hex[:8]}"
    dues = {f"{reference}-late": "2020-01-02T00:00:00Z", f"{reference}-early": "2099-01-02T00:00:00Z"}
    made = {name: {"name": name, "assignee": "approver2", "dueDate": due} for name, due in dues.items()}
    told(running_system, "task.created", made)
    page = listed(browser, running_system, "approver2", f"tab=mine&q={reference}", 2, wide=False)
    late = page.locator(".badge.late")
    expect(row(page, f"{reference}-late").locator(late)).to_contain_text("Overdue, due ")
    expect(row(page, f"{reference}-early").get_by_text(re.compile("^due "))).to_be_visible()
    expect(rows(page).locator(late)).to_have_count(1)
    expect(page).to_have_title(re.compile(r"^\(\d+\) My tasks"))
    expect(page.locator("link[rel=icon]")).to_have_attribute("href", re.compile("^data:image/svg"))
    page.set_viewport_size(WIDE)
    page.get_by_role("button", name="Table", exact=True).click()
    expect(row(page, f"{reference}-late").locator(".late")).to_be_visible()
    expect(row(page, f"{reference}-early").locator(".late")).to_have_count(0)
    page.context.close()
    told(running_system, "task.deleted", {name: {} for name in made})


def test_what_is_under_way_shows_to_all_and_holds_up_nothing_else(
    browser: Browser, running_system: RunningSystem
) -> None:
    """An engine outside decides about the first, and does not answer."""
    reference = f"U{uuid4().hex[:8]}"
    decided = {f"{reference}-slow": "engine", f"{reference}-quick": "local"}
    made = {name: {"name": name, "candidateGroups": ["approvers"], "interaction": by} for name, by in decided.items()}
    told(running_system, "task.created", made)
    asked = f"tab=unassigned&q={reference}"
    page = listed(browser, running_system, "approver1", asked, 2, wide=False)
    other = listed(browser, running_system, "approver2", asked, 2, wide=False)
    row(page, f"{reference}-slow").get_by_role("button").first.click()
    claim = page.locator("#pane").get_by_role("button", name="Claim", exact=True)
    claim.click()
    expect(claim).to_have_attribute("aria-disabled", "true", timeout=PATIENCE)
    expect(claim).to_have_class(re.compile("in-flight"), timeout=PATIENCE)
    for one in (page, other):
        expect(row(one, f"{reference}-slow").locator(".busy")).to_have_text("approver1 is claiming…", timeout=PATIENCE)
    row(page, f"{reference}-quick").get_by_role("button").first.click()
    expect(claim).to_have_attribute("aria-disabled", "false", timeout=PATIENCE)
    claim.click()
    expect(page.get_by_text("You have it now.")).to_be_visible(timeout=PATIENCE)
    expect(row(page, f"{reference}-slow").locator(".busy")).to_be_visible(timeout=PATIENCE)
    expect(row(other, f"{reference}-quick")).to_have_count(0, timeout=PATIENCE)


def test_several_are_chosen_by_key_and_claimed_and_given_back_at_once(
    browser: Browser, running_system: RunningSystem
) -> None:
    reference = started(running_system, 4)
    page = listed(browser, running_system, "approver1", f"tab=unassigned&q={reference}&sort=businessKey", 4)
    page.keyboard.press("j")
    focused(page, f"{reference}-0")
    page.keyboard.press("x")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    expect(page.get_by_text("3 chosen")).to_be_visible()
    page.keyboard.press("Shift+ArrowUp")
    expect(page.get_by_text("2 chosen")).to_be_visible()
    page.get_by_label("Chosen tasks").get_by_role("button", name="Claim").click()
    expect(page.get_by_text("You have 2 tasks more.")).to_be_visible(timeout=PATIENCE)
    expect(rows(page)).to_have_count(2, timeout=PATIENCE)
    expect(page.get_by_text("2 chosen")).to_have_count(0)
    focused(page, f"{reference}-2")
    page.goto(f"{running_system.url}/?tab=mine&q={reference}")
    expect(rows(page)).to_have_count(2, timeout=PATIENCE)
    page.keyboard.press("*")
    expect(page.get_by_text("2 chosen")).to_be_visible()
    page.keyboard.press("u")
    expect(page.get_by_text("2 tasks are given back.")).to_be_visible(timeout=PATIENCE)
    expect(rows(page)).to_have_count(0, timeout=PATIENCE)


def test_the_same_is_said_about_several_and_what_was_done_to_them_is_taken_back(
    browser: Browser, running_system: RunningSystem
) -> None:
    reference = started(running_system, 2)
    page = listed(browser, running_system, "approver1", f"tab=unassigned&q={reference}&sort=businessKey", 2)
    page.keyboard.press("j")
    focused(page, f"{reference}-0")
    page.keyboard.press("*")
    page.keyboard.press("m")
    field = page.get_by_role("dialog", name="Comment on 2 tasks").get_by_label("Say something")
    expect(field).to_be_focused()
    field.fill("Are these late?")
    field.press("Control+Enter")
    expect(page.get_by_text("It is said about 2 tasks.")).to_be_visible(timeout=PATIENCE)
    for number in range(2):
        row(page, f"{reference}-{number}").get_by_role("button").click()
        expect(page.locator("#pane .said-text").get_by_text("Are these late?")).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("Escape")
    row(page, f"{reference}-0").get_by_role("checkbox").check()
    row(page, f"{reference}-1").get_by_role("checkbox").check()
    page.keyboard.press("d")
    page.get_by_role("dialog").get_by_role("button", name="Defer", exact=True).click()
    expect(page.get_by_text("2 tasks are deferred.")).to_be_visible(timeout=PATIENCE)
    expect(rows(page)).to_have_count(0, timeout=PATIENCE)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("2 tasks are back.")).to_be_visible(timeout=PATIENCE)
    expect(rows(page)).to_have_count(2, timeout=PATIENCE)


def test_what_was_done_last_is_taken_back_by_a_key_and_done_once(
    browser: Browser, running_system: RunningSystem
) -> None:
    reference = started(running_system, 2)
    page = listed(browser, running_system, "approver1", f"tab=group&q={reference}&sort=businessKey", 2)
    page.keyboard.press("j")
    focused(page, f"{reference}-0")
    page.keyboard.press("c")
    mine = row(page, f"{reference}-0").get_by_text("you", exact=True)
    expect(mine).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("button", name="Undo")).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("z")
    expect(page.get_by_text("Given back.")).to_be_visible(timeout=PATIENCE)
    expect(mine).to_be_hidden(timeout=PATIENCE)
    page.keyboard.press("*")
    page.keyboard.press("c")
    expect(page.get_by_text("You have 2 tasks more.")).to_be_visible(timeout=PATIENCE)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/tasks/bulk") else None)
    page.keyboard.press("*")
    page.keyboard.press("u")
    page.keyboard.press("u")
    expect(page.get_by_text("2 tasks are given back.")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert len(sent) == 1, "pressed twice, asked once"


def test_what_is_done_while_nobody_answers_is_done_once_when_somebody_does(
    browser: Browser, running_system: RunningSystem
) -> None:
    reference = started(running_system, 1)
    page = listed(browser, running_system, "approver1", f"tab=group&q={reference}", 1)
    keys: list[str] = []

    def away(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) == 1:
            route.fulfill(status=502, content_type="text/html", body="<h1>Bad Gateway</h1>")
        elif len(keys) == 2:
            route.abort()
        else:
            route.continue_()

    page.route("**/claim", away)
    page.keyboard.press("j")
    focused(page, reference)
    page.keyboard.press("c")
    expect(row(page, reference)).to_contain_text("is claiming", timeout=PATIENCE)
    expect(page.get_by_text("You have it now.")).to_be_visible(timeout=PATIENCE)
    assert (len(keys), len(set(keys))) == (3, 1)


def test_priority_and_due_date_are_changed_in_the_list(browser: Browser, running_system: RunningSystem) -> None:
    reference = started(running_system, 2)
    page = listed(browser, running_system, "approver1", f"tab=unassigned&q={reference}&sort=businessKey", 2)
    page.keyboard.press("j")
    focused(page, f"{reference}-0")
    page.keyboard.press("t")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Priority").select_option("88")
    dialog.get_by_role("button", name="Change", exact=True).click()
    expect(row(page, f"{reference}-0")).to_contain_text("critical", timeout=PATIENCE)
    expect(row(page, f"{reference}-1")).not_to_contain_text("critical")
    page.keyboard.press("*")
    page.get_by_label("Chosen tasks").get_by_role("button", name="Change…").click()
    expect(dialog.get_by_label("Priority")).to_have_value("own")
    dialog.get_by_label("Due").fill("2026-01-02T08:00")
    dialog.get_by_role("button", name="Change", exact=True).click()
    expect(page.get_by_text("2 tasks are changed.")).to_be_visible(timeout=PATIENCE)
    for number in range(2):
        expect(row(page, f"{reference}-{number}")).to_contain_text("overdue", timeout=PATIENCE)
    expect(row(page, f"{reference}-0")).to_contain_text("critical")
    row(page, f"{reference}-1").locator("[data-path=dueDate]").dblclick()
    expect(dialog.get_by_label("Due")).to_have_value("2026-01-02T08:00")


def test_tasks_are_moved_to_another_group(browser: Browser, running_system: RunningSystem) -> None:
    reference = started(running_system, 2)
    page = listed(browser, running_system, "admin", f"tab=unassigned&q={reference}", 2)
    other = listed(browser, running_system, "accountant1", f"tab=group&q={reference}", 0)
    mine = listed(browser, running_system, "approver1", f"tab=group&q={reference}", 2)
    mine.keyboard.press("j")
    mine.keyboard.press("t")
    expect(mine.get_by_role("dialog").get_by_label("Priority")).to_be_visible()
    expect(mine.get_by_label("Offered to the groups")).to_have_count(0)
    mine.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("*")
    page.keyboard.press("t")
    field = page.get_by_role("dialog").get_by_label("Offered to the groups")
    expect(field).to_have_value("approvers")
    field.fill("accounting")
    field.press("Enter")
    expect(page.get_by_text("2 tasks are changed.")).to_be_visible(timeout=PATIENCE)
    expect(rows(other)).to_have_count(2, timeout=PATIENCE)
    expect(rows(mine)).to_have_count(0, timeout=PATIENCE)


def test_what_fails_of_several_is_said_and_stays_chosen(browser: Browser, running_system: RunningSystem) -> None:
    reference = started(running_system, 2)
    other = listed(browser, running_system, "approver2", f"tab=unassigned&q={reference}", 2)
    page = listed(browser, running_system, "approver1", f"tab=unassigned&q={reference}", 2)
    row(other, f"{reference}-0").get_by_role("button").focus()
    other.keyboard.press("c")
    gone = row(page, f"{reference}-0")
    expect(gone.get_by_text("approver2 took it")).to_be_visible(timeout=PATIENCE)
    expect(gone).to_have_count(0, timeout=PATIENCE)
    page.goto(f"{running_system.url}/?tab=group&q={reference}")
    expect(rows(page)).to_have_count(2, timeout=PATIENCE)
    page.get_by_label("Choose all", exact=True).click()
    page.keyboard.press("c")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="1 task could not be changed")).to_be_visible(timeout=PATIENCE)
    expect(dialog.get_by_role("listitem")).to_contain_text([f"{reference}-0"])
    expect(dialog.get_by_text("approver2 has it.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("1 chosen")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("1 chosen")).to_have_count(0)


def test_after_one_is_completed_the_next_is_open(browser: Browser, running_system: RunningSystem) -> None:
    reference = started(running_system, 3)
    page = listed(browser, running_system, "approver1", f"tab=unassigned&q={reference}", 3)
    page.keyboard.press("*")
    page.keyboard.press("c")
    expect(page.get_by_text("You have 3 tasks more.")).to_be_visible(timeout=PATIENCE)
    page.goto(f"{running_system.url}/?tab=mine&q={reference}&sort=businessKey")
    expect(rows(page)).to_have_count(3, timeout=PATIENCE)
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.keyboard.press("j")
    focused(page, f"{reference}-1")
    page.keyboard.press("e")
    expect(page.get_by_label("Approve", exact=True)).to_be_focused(timeout=PATIENCE)
    expect(page.locator("#pane")).to_contain_text(f"{reference}-1")
    page.get_by_label("Approve", exact=True).check()
    page.get_by_role("button", name="Complete", exact=True).click()
    expect(rows(page)).to_have_count(2, timeout=PATIENCE)
    expect(page.locator("#pane")).to_contain_text(f"{reference}-2", timeout=PATIENCE)
    focused(page, f"{reference}-2")


@pytest.mark.parametrize("late", ["complete", "search"])
def test_a_list_that_is_narrowed_while_one_is_completed_goes_on_too(
    browser: Browser, running_system: RunningSystem, late: str
) -> None:
    """Whichever of both answers comes last; news of the list before would tell the page, too, and comes too late."""
    reference = started(running_system, 3)
    page = listed(browser, running_system, "approver1", f"tab=unassigned&q={reference}", 3)
    page.keyboard.press("*")
    page.keyboard.press("c")
    expect(page.get_by_text("You have 3 tasks more.")).to_be_visible(timeout=PATIENCE)
    page.route("**/tasks/search/changes**", lambda _: None)
    page.goto(f"{running_system.url}/?tab=mine&q={reference}&sort=businessKey")
    expect(rows(page)).to_have_count(3, timeout=PATIENCE)
    row(page, f"{reference}-1").get_by_role("button").first.click()
    page.get_by_label("Approve", exact=True).check()
    held: list[Callable[[], None]] = []
    page.route(f"**/tasks/**/{late}" if late == "complete" else "**/tasks/search", lambda one: hold(held, one, late))
    steps = [lambda: page.get_by_role("button", name="Complete", exact=True).click(), lambda: narrow_to_chairs(page)]
    first, second = steps if late == "complete" else steps[::-1]
    first()
    while not held:
        page.wait_for_timeout(50)
    second()
    if late == "complete":
        expect(rows(page)).to_have_count(2, timeout=PATIENCE)
    else:
        expect(page.get_by_text("completed.")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#pane")).to_contain_text(f"{reference}-1")
    held[0]()
    expect(page.locator("#pane")).to_contain_text(f"{reference}-2", timeout=PATIENCE)
    expect(rows(page)).to_have_count(2, timeout=PATIENCE)


def hold(held: list[Callable[[], None]], one: Route, late: str) -> None:
    """What is completed is so at once, and told late; what is searched for is asked late."""
    if held:
        one.continue_()
    elif late == "search":
        held.append(one.continue_)
    else:
        answer = one.fetch()
        held.append(lambda: one.fulfill(response=answer))


def narrow_to_chairs(page: Page) -> None:
    field = page.get_by_role("searchbox")
    field.fill(f"{field.input_value()} chair")
    field.press("Enter")


def test_news_waits_while_rows_are_chosen(browser: Browser, running_system: RunningSystem) -> None:
    reference = started(running_system, 2)
    page = listed(browser, running_system, "approver1", f"tab=unassigned&q={reference}", 2, wide=False)
    row(page, f"{reference}-1").get_by_role("checkbox").check()
    path = f"{running_system.url}/api/v1/process-definitions/approval/approve_request/start"
    sent = {"variables": {"subject": "a lamp", "amount": 1}, "businessKey": f"{reference}-new"}
    assert httpx.post(path, json=sent, auth=("requester1", "requester1"), timeout=60).status_code == 201
    expect(page.get_by_role("button", name="1 new")).to_be_visible(timeout=PATIENCE)
    expect(rows(page)).to_have_count(2)
    page.get_by_role("button", name="1 new").click()
    expect(rows(page)).to_have_count(3)
    focused(page, f"{reference}-new")


def test_a_long_list_keeps_its_place_and_goes_on_after_one_is_completed(
    browser: Browser, running_system: RunningSystem
) -> None:
    reference, last = f"L{uuid4().hex[:10]}", 399
    tasks = [f"{reference}-{number:03}" for number in range(last + 1)]
    told(running_system, "task.created", {name: {"name": name, "assignee": "accountant1"} for name in tasks})
    page = signed_in(browser, running_system.url, "accountant1")
    page.set_viewport_size(WIDE)
    page.goto(f"{running_system.url}/?tab=mine&sort=name&q={reference}")
    expect(row(page, f"{reference}-000")).to_be_visible(timeout=PATIENCE)
    # The middle is well within what is seen: what is chosen next need not be brought there.
    page.wait_for_function(f"name => ({TO_THE_MIDDLE})(name) < 2", arg=f"{reference}-200")
    row(page, f"{reference}-200").get_by_role("button").click()
    expect(page.get_by_role("heading", name=f"{reference}-200")).to_be_visible(timeout=PATIENCE)
    before = top_of(row(page, f"{reference}-203"))
    page.locator("#pane").get_by_role("button", name="Complete", exact=True).click()
    expect(page.get_by_role("heading", name=f"{reference}-201")).to_be_visible(timeout=PATIENCE)
    expect(row(page, f"{reference}-200")).to_have_count(0, timeout=PATIENCE)
    height = top_of(row(page, f"{reference}-204")) - top_of(row(page, f"{reference}-203"))
    # It has moved up by the row that has gone, and no further.
    assert abs(top_of(row(page, f"{reference}-203")) - before) <= height + 2
    page.wait_for_function(f"name => ({TO_THE_MIDDLE})(name) < Infinity", arg=f"{reference}-{last}")
    expect(row(page, f"{reference}-{last}")).to_be_visible(timeout=PATIENCE)
    page.context.close()
    # So many would hide from other pages what they wait for.
    told(running_system, "task.deleted", {name: {} for name in tasks})


def told(system: RunningSystem, kind: str, tasks: dict[str, dict[str, Any]]) -> None:
    """What an engine outside tells of many tasks of its own."""
    now = datetime.now(UTC).isoformat()
    records = [
        {"id": f"{kind} {subject}", "type": kind, "time": now, "subject": subject, "data": data}
        for subject, data in tasks.items()
    ]
    body = {"application": "warehouse", "format": "taskpool", "records": records}
    answer = httpx.post(f"{system.url}/api/v1/engine-events", json=body, auth=("admin", "admin"), timeout=60)
    assert answer.json()["rejected"] == []


def top_of(found: Locator) -> float:
    """Pixels from the top of the window."""
    box = found.bounding_box()
    assert box is not None
    return box["y"]
