"""The operator's page: what is wrong is said, and what is done about it has an outcome."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Browser, FilePayload, Page, Route, expect

from domain.notices.notice import Notice
from domain.values import iso
from settings import WEB_USER
from store.people.notices import FAILED, NOTICES, Delivery, Notices
from store.views.writer import connect
from tests.journey.page.people import PATIENCE, signed_in
from tests.system.running import RunningSystem

pytestmark = [pytest.mark.servers, pytest.mark.browser, pytest.mark.timeout(400)]

OPERATOR = ("admin", "admin")
APPLICATION = "approval"
MODEL = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="http://test" id="definitions">
  <bpmn:process id="KEY" name="NAME" isExecutable="true" camunda:candidateStarterGroups="admins">
    <bpmn:startEvent id="start"/>
    <bpmn:sequenceFlow id="first" sourceRef="start" targetRef="work"/>
    WORK
    <bpmn:sequenceFlow id="second" sourceRef="work" targetRef="end"/>
    <bpmn:endEvent id="end"/>
  </bpmn:process>
</bpmn:definitions>
"""
SCRIPT = (
    '<bpmn:scriptTask id="work" scriptFormat="python"><bpmn:script>total = shelves * 2</bpmn:script></bpmn:scriptTask>'
)
SERVICE = '<bpmn:serviceTask id="work" camunda:delegateExpression="${nobodyKnowsThis}"/>'


@pytest.fixture(autouse=True)
def nothing_left(running_system: RunningSystem) -> Iterator[None]:
    """Whatever becomes of a test: its incidents are no other's."""
    yield
    with httpx.Client(base_url=f"{running_system.url}/api/v1", auth=OPERATOR, timeout=30) as client:
        for one in client.get("/ops/incidents").json()["items"]:
            if one["processDefinitionId"].startswith(("failing_", "warned_")):
                client.post(
                    f"/process-instances/{one['processInstanceId']}/cancel", json={"reason": "the test is over"}
                )


def test_how_everything_is_stands_on_the_first_page(browser: Browser, running_system: RunningSystem) -> None:
    page = operating(browser, running_system)
    applications = page.get_by_role("table", name="Applications")
    row = applications.get_by_role("row").filter(has_text=APPLICATION)
    expect(row).to_be_visible(timeout=PATIENCE)
    expect(row.get_by_role("img", name=f"Lag of {APPLICATION}")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("table", name="Parts").get_by_role("row").filter(has_text="mongodb")).to_contain_text(
        "works", timeout=PATIENCE
    )
    expect(page.get_by_text("The charts show the last hour")).to_be_visible()
    expect(page.get_by_role("link", name="API", exact=True)).to_have_attribute("href", "/api/v1/docs")


def test_the_last_hour_is_there_before_the_page_was(browser: Browser, running_system: RunningSystem) -> None:
    with httpx.Client(base_url=f"{running_system.url}/api/v1", auth=OPERATOR, timeout=30) as client:
        ends, age = monotonic() + 90, 0.0
        while age < 40 and monotonic() < ends:
            told = client.get("/ops/history").json()
            times = [datetime.fromisoformat(one) for one in (*told["times"], told["now"])]
            age = (times[-1] - times[0]).total_seconds()
    assert age >= 40, "the server has looked for as long"
    page = operating(browser, running_system)
    chart = page.get_by_role("img", name=f"Lag of {APPLICATION}")
    # An hour is 120 wide: what is left of 119 is older than 30 seconds, and no page that was just opened has seen it.
    older = re.compile(r"^(\d{1,2}|10\d|11[0-8])(\.\d)?,")
    expect(chart.locator("polyline").first).to_have_attribute("points", older, timeout=10_000)
    expect(chart).to_have_accessible_name(
        re.compile(rf"^Lag of {APPLICATION}: .+ now; in the last hour .+ at least, .+ at most"), timeout=PATIENCE
    )


def test_an_incident_is_tried_again_and_then_with_other_variables(
    browser: Browser,
    running_system: RunningSystem,
) -> None:
    instance = failing(running_system)
    page = operating(browser, running_system, "Incidents")
    row = page.get_by_role("row").filter(has=page.locator(f'a[href*="{instance}"]')).last
    row.get_by_role("button", name="Retry work", exact=True).focus()
    page.keyboard.press("Enter")
    expect(row.get_by_role("status")).to_contain_text("it failed again", timeout=3 * PATIENCE)
    expect(row.get_by_role("status")).to_be_focused()
    # What came of it is an incident of its own, to which also the page of the one before leads.
    row.get_by_role("link", name="work", exact=True).click()
    expect(page.get_by_role("definition").filter(has_text="tried again")).to_be_visible(timeout=PATIENCE)
    page.reload()
    expect(page.get_by_text("it failed again")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("link", name="To the new incident").click()
    expect(page.get_by_role("link", name="To the new incident")).to_have_count(0)
    held: list[Route] = []
    page.route("**/process-instances/*/variables", lambda route: held.append(route))  # noqa: PLW0108 - not a built-in
    with page.expect_request("**/process-instances/*/variables"):
        page.get_by_role("button", name="Change variables and retry…").click()
    dialog = page.get_by_role("dialog")
    # Whoever is faster than the answer loses nothing of what they type.
    expect(dialog.get_by_label("Variables as JSON")).not_to_be_editable()
    held[0].continue_()
    page.unroute("**/process-instances/*/variables")
    dialog.get_by_label("Variables as JSON").fill('{"shelves": ')
    dialog.get_by_role("button", name="Change and retry").click()
    expect(dialog.get_by_role("alert")).to_contain_text("This is not JSON yet")
    dialog.get_by_label("Variables as JSON").fill('{"shelves": 4}')
    dialog.get_by_role("button", name="Change and retry").click()
    expect(page.get_by_text("It has not failed again so far.")).to_be_visible(timeout=3 * PATIENCE)
    page.goto(f"{running_system.url}/?tab=operate&part=instances&task={instance}")
    expect(page.get_by_role("definition").filter(has_text="finished")).to_be_visible(timeout=PATIENCE)


def test_several_incidents_are_resolved_at_once(browser: Browser, running_system: RunningSystem) -> None:
    instances = [failing(running_system), failing(running_system)]
    page = operating(browser, running_system, "Incidents")
    rows = [page.get_by_role("row").filter(has=page.locator(f'a[href*="{one}"]')) for one in instances]
    for row in rows:
        row.get_by_role("checkbox").check()
    page.get_by_role("button", name="Resolve 2", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("stands still where it is")).to_be_visible()
    dialog.get_by_role("button", name="Resolve", exact=True).click()
    for row in rows:
        expect(row.get_by_role("status")).to_have_text("Resolved. The instance stays where it is.", timeout=PATIENCE)


def test_who_did_what_is_asked_by_person_and_kind(browser: Browser, running_system: RunningSystem) -> None:
    name = f"Audited {uuid4().hex[:8]}"
    record = {
        "id": name,
        "type": "task.created",
        "time": "2026-01-01T00:00:00Z",
        "subject": name,
        "data": {"name": name, "candidateGroups": ["approvers"]},
    }
    with httpx.Client(base_url=f"{running_system.url}/api/v1", timeout=30) as client:
        told = {"application": "warehouse", "format": "taskpool", "records": [record]}
        assert client.post("/engine-events", json=told, auth=OPERATOR).json()["rejected"] == []
        found: list[dict[str, Any]] = []
        ends = monotonic() + PATIENCE / 1000
        while not found and monotonic() < ends:
            found = client.get("/tasks", params={"q": name}, auth=OPERATOR).json()["items"]
        [task], to = found, {"assignee": "approver2"}
        assert client.post(f"/tasks/{task['id']}/assign", json=to, auth=OPERATOR).status_code == 200
        assert client.get("/ops/dead", auth=("requester2", "requester2")).status_code == 403
    page = operating(browser, running_system, "Who did what")
    row = page.get_by_role("table", name="Who did what").get_by_role("row").filter(has_text=name)
    expect(row).to_contain_text("Assigned to approver2", timeout=PATIENCE)
    row.get_by_role("link", name="admin", exact=True).click()
    expect(page.get_by_label("Who", exact=True)).to_have_value("admin")
    expect(row).to_be_visible(timeout=PATIENCE)
    page.get_by_label("What", exact=True).select_option("Deployed")
    expect(row).to_have_count(0, timeout=PATIENCE)
    page.get_by_label("What", exact=True).select_option("Task assigned or given back")
    expect(row).to_be_visible(timeout=PATIENCE)
    page.get_by_label("Who", exact=True).fill("requester2")
    page.get_by_label("What", exact=True).select_option("Not allowed to do this")
    tried = page.get_by_role("table", name="Who did what").get_by_role("row").filter(has_text="requester2")
    expect(tried).to_contain_text("GET /api/v1/ops/dead", timeout=PATIENCE)
    page.get_by_label("Until", exact=True).fill("2020-01-01")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing that fits is kept.")).to_be_visible(timeout=PATIENCE)


def test_who_is_signed_in_is_seen_and_a_session_ended(browser: Browser, running_system: RunningSystem) -> None:
    # Other tests have sessions of this person, too.
    with httpx.Client(base_url=f"{running_system.url}/api/v1", auth=OPERATOR, timeout=30) as client:
        for one in client.get("/ops/sessions", params={"user": "accountant1"}).json()["items"]:
            client.post(f"/ops/sessions/{one['id']}/end")
    other = signed_in(browser, running_system.url, "accountant1")
    page = operating(browser, running_system, "Signed in")
    row = page.get_by_role("table", name="Signed in").get_by_role("row").filter(has_text="accountant1")
    row.get_by_role("button", name="End session of accountant1").click(timeout=PATIENCE)
    page.get_by_role("dialog").get_by_role("button", name="End session", exact=True).click()
    expect(row.get_by_role("status")).to_contain_text("Ended", timeout=PATIENCE)
    page.get_by_role("link", name="Who did what", exact=True).click()
    page.get_by_label("What", exact=True).select_option("Session ended")
    told = page.get_by_role("table", name="Who did what").get_by_role("row").filter(has_text="accountant1").first
    expect(told).to_contain_text("Session ended", timeout=PATIENCE)
    expect(told.get_by_role("link", name="admin", exact=True)).to_be_visible()
    # What its page holds open is let go, and it asks who one is.
    expect(other.get_by_role("button", name="Sign in")).to_be_visible(timeout=60_000)


def test_what_was_given_up_is_told_again_or_never(browser: Browser, running_system: RunningSystem) -> None:
    give_up(running_system, "rosa", "olaf", "mia")
    page = operating(browser, running_system, "Notices")
    table = page.get_by_role("table", name="Notices")
    rosa, olaf, mia = (table.get_by_role("row").filter(has_text=name) for name in ("rosa", "olaf", "mia"))
    expect(rosa).to_contain_text("mail · tried 10 times · the receiver was refused: 450", timeout=PATIENCE)
    expect(rosa).to_contain_text("Named in a comment")
    rosa.get_by_role("button", name="Retry rosa").click()
    expect(rosa.get_by_role("status")).to_contain_text("Tried again at once", timeout=PATIENCE)
    olaf.get_by_role("button", name="Discard").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("olaf is never told")
    dialog.get_by_role("button", name="Discard", exact=True).click()
    expect(olaf.get_by_role("status")).to_have_text("Discarded.", timeout=PATIENCE)
    page.get_by_role("button", name="Retry all").click()
    expect(page.get_by_text("1 is tried again.")).to_be_visible(timeout=PATIENCE)
    page.get_by_label("State", exact=True).select_option("waiting")
    # This system tells nobody, so what is tried again waits.
    for row in (rosa, mia):
        expect(row).to_contain_text("mail · not tried · the receiver was refused: 450", timeout=PATIENCE)
    expect(olaf).to_have_count(0)


def give_up(system: RunningSystem, *users: str) -> None:
    """Nobody else is among those that wait or were given up."""
    database = connect(system.settings.views_url(WEB_USER), system.settings.mongo_database)
    database[NOTICES].delete_many({})
    notices, now = Notices(database), datetime.now(UTC)
    for user in users:
        notices.add([Notice(uuid4().hex, "mention", "t1", user, iso(now))], now)
        taken = notices.take(now, timedelta(minutes=5))
        assert taken is not None
        away = Delivery(10, None, FAILED, "the receiver was refused: 450")
        notices.finish(taken, FAILED, now, {"mail": away})
    database.client.close()


def test_a_deployment_shows_what_it_made_and_warns_of(browser: Browser, running_system: RunningSystem) -> None:
    page = operating(browser, running_system, "Deployments")
    name = f"Warned {uuid4().hex[:8]}"
    deploy(page, model(name, SERVICE))
    expect(page.get_by_text(f"Process {name}, version 1")).to_be_visible(timeout=PATIENCE)
    warning = page.get_by_role("table", name="1 warning").get_by_role("row").filter(has_text="nobodyKnowsThis")
    expect(warning.get_by_role("cell", name="work", exact=True)).to_be_visible()
    expect(warning).to_contain_text("7")
    page.get_by_label("Strict").check()
    page.get_by_role("button", name="Deploy", exact=True).click()
    expect(page.get_by_text("Refused, nothing was deployed")).to_be_visible(timeout=PATIENCE)


def test_a_broken_file_is_refused_with_reason_and_line(browser: Browser, running_system: RunningSystem) -> None:
    page = operating(browser, running_system, "Deployments")
    page.get_by_role("button", name="Deploy", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text("Choose a file first.")
    deploy(page, model("Broken", SCRIPT).replace('targetRef="end"', 'targetRef="nowhere"'))
    expect(page.get_by_text("its targetRef names 'nowhere'")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("Line 8, element second")).to_be_visible()
    expect(page.locator("pre .at")).to_contain_text('targetRef="nowhere"')


def test_an_instance_is_held_moved_and_cancelled(browser: Browser, running_system: RunningSystem) -> None:
    moved, cancelled = failing(running_system), failing(running_system)
    page = operating(browser, running_system)
    dialog = page.get_by_role("dialog")
    page.goto(f"{running_system.url}/?tab=operate&part=instances&task={moved}")
    page.get_by_role("button", name="Suspend…").click()
    dialog.get_by_label("Reason").fill("Until the morning")
    dialog.get_by_role("button", name="Suspend", exact=True).click()
    expect(page.get_by_text("Suspended.", exact=True)).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Resume…").click()
    dialog.get_by_role("button", name="Resume", exact=True).click()
    expect(page.get_by_text("Resumed.", exact=True)).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Move…").click()
    dialog.get_by_label("To the element").fill("unheard_of")
    dialog.get_by_role("button", name="Move", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("unheard_of", timeout=PATIENCE)
    dialog.get_by_label("To the element").fill("end")
    dialog.get_by_role("button", name="Move", exact=True).click()
    expect(page.get_by_text("Moved.", exact=True)).to_be_visible(timeout=PATIENCE)
    page.goto(f"{running_system.url}/?tab=operate&part=instances&task={cancelled}")
    page.get_by_role("button", name="Cancel the instance…").click()
    expect(dialog.get_by_text("This cannot be taken back.")).to_be_visible()
    dialog.get_by_role("button", name="Cancel the instance", exact=True).click()
    expect(page.get_by_text("Cancelled.", exact=True)).to_be_visible(timeout=PATIENCE)


def test_others_do_not_see_it_and_a_link_says_whom_it_is_for(browser: Browser, running_system: RunningSystem) -> None:
    page = signed_in(browser, running_system.url, "approver1")
    expect(page.get_by_role("link", name="Operations", exact=True)).to_have_count(0)
    page.goto(f"{running_system.url}/?tab=operate&part=incidents")
    expect(page.get_by_text("This page is for operators.")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("table")).to_have_count(0)


def operating(browser: Browser, system: RunningSystem, part: str = "Health") -> Page:
    page = signed_in(browser, system.url, "admin")
    page.get_by_role("link", name="Operations", exact=True).click()
    page.get_by_role("navigation", name="Parts of operations").get_by_role("link", name=part).click()
    return page


def deploy(page: Page, text: str) -> None:
    file: FilePayload = {"name": "model.bpmn", "mimeType": "application/xml", "buffer": text.encode()}
    page.get_by_label("Files").set_input_files(file)
    page.get_by_label("Application", exact=True).select_option(APPLICATION)
    page.get_by_role("button", name="Deploy", exact=True).click()


def failing(system: RunningSystem) -> str:
    """An instance that has an incident: its script names a variable that is not there."""
    name = f"Failing {uuid4().hex[:8]}"
    asked("POST", f"{system.url}/api/v1/applications/{APPLICATION}/deployments", content=model(name, SCRIPT))
    start = f"{system.url}/api/v1/process-definitions/{APPLICATION}/{key_of(name)}/start"
    instance = asked("POST", start, json={"variables": {}, "businessKey": name})["processInstanceId"]
    assert isinstance(instance, str)
    return instance


def asked(method: str, url: str, *, content: str | None = None, json: object = None) -> dict[str, Any]:
    headers = {"Prefer": "wait=30"} | ({"Content-Type": "application/xml"} if content else {})
    answer = httpx.request(method, url, content=content, json=json, headers=headers, auth=OPERATOR, timeout=60)
    assert answer.status_code == httpx.codes.CREATED, answer.text
    found: dict[str, Any] = answer.json()
    return found


def model(name: str, work: str) -> str:
    return MODEL.replace("KEY", key_of(name)).replace("NAME", name).replace("WORK", work)


def key_of(name: str) -> str:
    return name.lower().replace(" ", "_")
