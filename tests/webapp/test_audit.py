"""Who did what, as operators are told: put together from histories, commands and every store, page by page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from pymongo import MongoClient
from pymongo.monitoring import CommandListener
from sqlalchemy import insert

from domain.acts import Wanted
from domain.aggregates.advance import Head, Origin, advance
from domain.aggregates.command import Outcome, RecordOutcome
from domain.aggregates.task import AssignTask, CreateTask, UserTask
from domain.events.project import Projected, project
from domain.identity import Key
from domain.values import iso
from store.events.unit_of_work import Store
from store.lists.acts import ActsInViews
from store.lists.task_list import Documents
from store.sql.schema import incident, unparked
from store.views.writer import Views
from tasks.operate.operations import open_operations
from tests.store.databases import on_sqlite
from tests.webapp.stand_in import DirectAsking
from tests.webapp.test_api import ADMIN, APPROVER, OTHER, body, get, offered, post
from webapp.server.factory import create_app
from webapp.services import Services

pytestmark = pytest.mark.servers

BEGIN = datetime(2026, 1, 1, tzinfo=UTC).timestamp()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    database = on_sqlite(f"sqlite:///{tmp_path}/approval.db", "approval")
    yield Store(database)
    database.close()


@pytest.fixture
def client(services: Services, engine: DirectAsking, store: Store, tmp_path: Path) -> Iterator[FlaskClient]:
    operations = open_operations(
        "", lambda name: f"sqlite:///{tmp_path}/{name}.db", ("approval", "gone"), lambda _: None
    )
    yield create_app(replace(services, operations=operations)).test_client()
    operations.close()


def told(client: FlaskClient, size: int = 200, **asked: Any) -> list[Mapping[str, Any]]:
    """All pages, each as long as was asked for but the last."""
    items: list[Mapping[str, Any]] = []
    after: Mapping[str, Any] = {}
    while True:
        query = {"size": size, **asked, **after}
        answer = body(get(client, "/ops/audit", ADMIN, query_string=query))
        items += answer["items"]
        if answer["next"] is None:
            return items
        assert len(answer["items"]) == size
        after = {"after": answer["next"]}


def command(database: Documents, name: str, seconds: float, **said: Any) -> None:
    """A command, as its outcome leaves it in the views."""
    key = Key("approval", "command", name)
    outcome = Outcome(name, "approval", **{"status": "accepted", "action": "start", "user": APPROVER, **said})
    Views(database).apply(happened(key, seconds, RecordOutcome(outcome)))


def happened(key: Key, seconds: float, *commands: Any, by: str | None = None) -> list[Projected]:
    origin = Origin(iso(datetime.fromtimestamp(BEGIN + seconds, UTC)), by=by)
    return [one for envelope in advance(Head(key, 1, 0, None), commands, origin)[1] for one in project(envelope)]


def decided(store: Store, name: str, seconds: float, **values: Any) -> None:
    row = {"incident_id": name, "application": "approval", "instance_id": "i1", "definition_id": "p:1"}
    row |= {"kind": "element", "element": "pay", "problem": '{"title": "x"}', "tries": 5, "created": 0.0}
    row |= {"state": "retried", "closed": BEGIN + seconds, "operator": "boss", **values}
    with store.database.transaction() as connection:
        connection.execute(insert(incident).values(**row))


def let_go(store: Store, seconds: float, **values: Any) -> None:
    row = {"key": "k", "position": 1, "event_id": None, "reason": "no route", "action": "skipped", "operator": "boss"}
    with store.database.transaction() as connection:
        connection.execute(insert(unparked).values(**row, first_seen=0.0, time=BEGIN + seconds, **values))


def test_what_people_did_to_tasks_is_told_to_operators_only(client: FlaskClient, engine: DirectAsking) -> None:
    task = offered(engine, payload={"secret": 1})
    assert post(client, f"/tasks/{task}/assign", ADMIN, json={"assignee": APPROVER}).status_code == 200
    assert post(client, f"/tasks/{task}/change", json={"priority": 3}).status_code == 200
    [changed, assigned] = told(client)
    assert (assigned["user"], assigned["action"], assigned["application"]) == (ADMIN, "task.assigned", "approval")
    assert assigned["about"] == [{"kind": "task", "id": task, "name": "Approve"}]
    assert (changed["user"], changed["details"], changed["status"]) == (APPROVER, {"priority": 3}, "accepted")
    assert get(client, "/ops/audit").status_code == 403
    assert client.get("/api/v1/ops/audit", headers={"X-Requested-With": "fetch"}).status_code == 401


def test_commands_decisions_and_what_was_let_go_are_told_with_them(
    client: FlaskClient, database: Documents, store: Store
) -> None:
    made = {"aggregate": "process_instance", "key": "opaque", "application": "approval", "id": "i", "generation": 1}
    command(database, "c1", 1, produced=(made, {**made, "aggregate": "process_variable"}))
    command(database, "c2", 2, action="cancel", status="rejected", problem={"status": 404}, user="boss")
    command(database, "c3", 3, action="finish_job", user="service:pump")
    command(database, "c4", 4, action="claim", task_key="t")
    command(database, "c5", 5, status="pending")
    decided(store, "d1", 6)
    decided(store, "d2", 7, operator=None)
    let_go(store, 8)
    [parked, resolved, refused, started] = told(client)
    assert [(one["action"], one["user"]) for one in (parked, resolved, refused, started)] == [
        ("parked.skipped", "boss"),
        ("incident.retried", "boss"),
        ("cancel", "boss"),
        ("start", APPROVER),
    ]
    assert started["about"] == [{"kind": "process_instance", "id": "opaque", "name": None}]
    assert (refused["status"], refused["details"]) == ("rejected", {"problem": {"status": 404}})
    assert [one["kind"] for one in resolved["about"]] == ["incident", "process_instance"]
    assert parked["details"]["reason"] == "no route"
    assert body(get(client, "/ops/audit", ADMIN))["away"].keys() == {"gone"}


def test_what_was_refused_is_told_by_whom_and_why(
    client: FlaskClient, engine: DirectAsking, database: Documents
) -> None:
    task = offered(engine)
    problem = {"type": "urn:taskpool:problem/claim-conflict", "title": "Somebody else has it", "status": 409}
    refused = {"task_key": task, "status": "rejected", "problem": problem}
    command(database, "r1", 1, action="claim", user=OTHER, **refused)
    command(database, "r2", 2, action="complete", user="boss", **refused)
    command(database, "r3", 3, action="claim", task_key=task)
    command(database, "r4", 4, action="claim", task_key=task, status="pending")
    [completed, claimed] = told(client)
    assert claimed["about"] == [{"kind": "task", "id": task, "name": "Approve"}]
    assert (claimed["user"], claimed["action"], claimed["status"]) == (OTHER, "claim", "rejected")
    assert claimed["details"] == {"problem": problem}
    assert (completed["user"], completed["time"]) == ("boss", iso(datetime.fromtimestamp(BEGIN + 2, UTC)))
    assert told(client, action="complete") == [completed]
    assert told(client, user=OTHER) == [claimed]
    assert told(client, 1) == [completed, claimed]


def filled(database: Documents, store: Store) -> None:
    """Many at the same moments, in every source."""
    for number in range(12):
        seconds = number // 4
        key = Key("approval" if number % 2 else "elsewhere", "task", f"t{number}")
        begun = CreateTask(UserTask(key.id, key.application, name="Pay"))
        views = happened(key, seconds, begun, AssignTask("x"), by=(APPROVER, OTHER, None)[number % 3])
        Views(database).apply(views)
        command(database, f"c{number}", seconds, user=(APPROVER, "boss")[number % 2])
        decided(store, f"d{number}", seconds + 0.0004, state=("retried", "resolved")[number % 2])
        let_go(store, seconds + 0.0009)


def test_pages_of_any_size_tell_each_once_and_the_newest_first(
    client: FlaskClient, database: Documents, store: Store
) -> None:
    filled(database, store)
    whole = told(client)
    assert len(whole) == 16 + 3 * 12
    assert [one["time"] for one in whole] == sorted((one["time"] for one in whole), reverse=True)
    for size in (1, 3, 7):
        pages = told(client, size)
        assert [one["time"] for one in pages] == [one["time"] for one in whole]
        assert sorted(one["id"] for one in pages) == sorted({one["id"] for one in whole})


def test_what_is_done_meanwhile_is_on_no_later_page(client: FlaskClient, database: Documents, store: Store) -> None:
    filled(database, store)
    first = body(get(client, "/ops/audit?size=1", ADMIN))
    for change in (lambda: command(database, "new", 60), lambda: decided(store, "new", 60), lambda: let_go(store, 60)):
        change()
    rest = told(client, after=first["next"])
    assert len(rest) == 16 + 3 * 12 - 1
    assert max(one["time"] for one in rest) <= first["items"][0]["time"]


@pytest.mark.parametrize(
    ("asked", "count", "is_so"),
    [
        ({"user": APPROVER}, 8 + 6, lambda one: one["user"] == APPROVER),
        ({"user": "boss"}, 6 + 24, lambda one: one["user"] == "boss"),
        ({"action": "task.assigned"}, 8, lambda one: one["action"] == "task.assigned"),
        ({"action": "start"}, 12, lambda one: one["action"] == "start"),
        ({"action": "incident.resolved"}, 6, lambda one: one["action"] == "incident.resolved"),
        ({"action": "parked.skipped", "user": "boss"}, 12, lambda one: one["action"] == "parked.skipped"),
        ({"action": "nothing"}, 0, lambda _: False),
        ({"application": "approval"}, 8 + 12 + 12, lambda one: one["application"] == "approval"),
        ({"from": "2026-01-01T00:00:01Z", "until": "2026-01-01T01:00:02+01:00"}, 18, lambda one: ":01." in one["time"]),
        ({"until": "2025-01-01"}, 0, lambda _: False),
    ],
)
def test_it_is_asked_for_by_who_what_where_and_when(  # noqa: PLR0917 - fixtures
    client: FlaskClient, database: Documents, store: Store, asked: dict[str, str], count: int, is_so: Any
) -> None:
    filled(database, store)
    found = told(client, 2, **asked)
    assert (len(found), all(map(is_so, found))) == (count, True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"from": "soon"},
        {"until": "1e9"},
        {"size": 0},
        {"size": 201},
        {"after": "x"},
        {"application": "É"},
        {"user": "a\0"},
    ],
)
def test_what_cannot_be_asked_is_refused(client: FlaskClient, wrong: dict[str, Any]) -> None:
    assert get(client, "/ops/audit", ADMIN, query_string=wrong).status_code == 400


def test_the_token_of_another_list_is_refused(client: FlaskClient, engine: DirectAsking) -> None:
    for name in ("t1", "t2"):
        offered(engine, name)
    foreign = body(get(client, "/tasks?size=1"))["next"]
    assert get(client, "/ops/audit", ADMIN, query_string={"after": foreign}).status_code == 400


class Asked(CommandListener):
    """Remembers the questions that were sent."""

    def __init__(self) -> None:
        self.found: list[dict[str, Any]] = []

    def started(self, event: Any) -> None:
        if event.command_name == "find" and event.command["find"] != "task":
            named = ("find", "filter", "sort", "limit", "hint")
            self.found.append({name: event.command[name] for name in named if name in event.command})

    def succeeded(self, event: Any) -> None: ...

    def failed(self, event: Any) -> None: ...


@pytest.mark.parametrize("user", [None, APPROVER])
def test_an_index_answers_however_much_engines_did(database: Documents, services: Services, user: str | None) -> None:
    written: list[Projected] = []
    for number in range(300):
        key = Key("approval", "task", f"t{number}")
        by = (APPROVER, OTHER)[number % 2] if number < 20 else None
        written += happened(key, number, CreateTask(UserTask(key.id, key.application)), by=by)
        about: dict[str, Any] = {} if number < 20 else {"task_key": "t"}
        became: dict[str, Any] = {"status": "accepted"}
        if 20 <= number < 40:
            became = {"status": "rejected", "problem": {"status": 409}}
        outcome = Outcome(str(number), "approval", action="start", user=APPROVER, **about, **became)
        written += happened(Key("approval", "command", str(number)), number, RecordOutcome(outcome))
    Views(database).apply(written)
    asked, url = Asked(), services.settings.mongo_url
    client: MongoClient[dict[str, Any]] = MongoClient(url, event_listeners=[asked])
    acts = ActsInViews(client[database.name])
    found = [read(Wanted(user), None, 5) for read in (acts.on_tasks, acts.by_command, acts.refused)]
    assert [len(one) for one in found] == [5, 5, 5]
    assert [len(one) for one in (acts.on_tasks(Wanted(user), found[0][-1].place, 5),)] == [5]
    client.close()
    assert len(asked.found) == 4, "an index that serves was named at once"
    for question in asked.found:
        explained = database.command({"explain": question, "verbosity": "executionStats"})
        assert explained["executionStats"]["totalKeysExamined"] <= 12, question
        assert "SORT" not in str(explained["queryPlanner"]["winningPlan"])
