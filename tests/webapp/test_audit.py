"""Who did what, as operators are told: put together from histories, commands and every store, page by page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from flask.testing import FlaskClient
from pymongo import MongoClient
from pymongo.monitoring import CommandListener
from sqlalchemy import insert

from domain.acts import Act, Wanted
from domain.aggregates.advance import Head, Origin, advance
from domain.aggregates.command import Outcome, RecordOutcome
from domain.aggregates.task import AssignTask, CreateTask, UserTask
from domain.errors import BrokerUnavailable, NotFound, StoreUnavailable
from domain.events.project import Projected, project
from domain.identity import Key
from domain.values import iso
from settings import Retention
from store.events.unit_of_work import Store
from store.identity.sessions import Session
from store.lists.acts import ActsInViews
from store.lists.task_list import Documents
from store.people.operator_acts import COLLECTION, OperatorActs
from store.retention.rows import CleanerLease
from store.sql.schema import incident, unparked
from store.views.writer import Views, connect
from tasks.operate.clean import Cleaner
from tasks.operate.noted import noted
from tasks.operate.operations import open_operations
from tests.store.databases import on_sqlite
from tests.webapp.stand_in import DirectAsking
from tests.webapp.test_api import ADMIN, APPROVER, OTHER, body, get, offered, post
from webapp import refusals
from webapp.server.factory import create_app
from webapp.services import Services

pytestmark = pytest.mark.servers

BEGIN = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
FETCH = {"workerId": "w", "maxTasks": 1, "topics": [{"topicName": "pay", "lockDuration": 1000}]}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    database = on_sqlite(f"sqlite:///{tmp_path}/approval.db", "approval")
    yield Store(database)
    database.close()


@pytest.fixture
def client(services: Services, engine: DirectAsking, store: Store, tmp_path: Path) -> Iterator[FlaskClient]:
    names, acts = ("approval", "gone"), services.operations.acts
    operations = open_operations("", lambda name: f"sqlite:///{tmp_path}/{name}.db", names, lambda _: None, acts)
    yield create_app(replace(services, operations=operations)).test_client()
    operations.close()


@pytest.fixture
def acts(services: Services) -> OperatorActs:
    services.operations.acts.prepare()
    return services.operations.acts


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


def test_what_operators_did_that_nothing_else_keeps_is_told(client: FlaskClient, acts: OperatorActs) -> None:
    with noted(acts, "boss", "dead.discarded", "dead_letter", "m1") as known:
        known.tell(application="approval", about=[{"kind": "task", "id": "k", "name": None}], details={"reason": "odd"})
    with pytest.raises(NotFound), noted(acts, "boss", "session.ended", "session", "s1"):
        raise NotFound("there is no such session")
    with pytest.raises(BrokerUnavailable), noted(acts, OTHER, "dead.retried", "dead_letter", "m2"):
        raise BrokerUnavailable("it is away")
    with pytest.raises(ZeroDivisionError), noted(acts, OTHER, "dead.retried", "dead_letter", "m3"):
        raise ZeroDivisionError
    bug, failed, refused, done = told(client)
    assert (done["user"], done["action"], done["status"]) == ("boss", "dead.discarded", "accepted")
    assert (done["application"], done["details"]) == ("approval", {"reason": "odd"})
    assert done["about"] == [{"kind": "task", "id": "k", "name": None}]
    assert (refused["status"], refused["details"]["problem"]["detail"]) == ("rejected", "there is no such session")
    assert refused["about"] == [{"kind": "session", "id": "s1", "name": None}]
    assert (failed["status"], failed["details"]["problem"]["title"]) == ("failed", "it is away")
    assert (bug["status"], bug["user"], bug["about"][0]["id"]) == ("begun", OTHER, "m3")
    assert told(client, action="dead.retried") == [bug, failed]
    assert told(client, user="boss", size=1) == [refused, done]
    assert told(client, application="approval") == [done]
    assert told(client, until=done["time"]) == []


def test_a_session_that_an_operator_ended_is_told_and_whose_it_was(client: FlaskClient, services: Services) -> None:
    services.sessions.begin(Session(APPROVER, "proof"))
    [session] = services.sessions.signed_in(1, APPROVER)
    assert post(client, f"/ops/sessions/{session.id}/end", ADMIN).status_code == 200
    [ended] = told(client)
    assert (ended["user"], ended["action"], ended["status"]) == (ADMIN, "session.ended", "accepted")
    assert ended["about"] == [{"kind": "session", "id": session.id, "name": APPROVER}]
    assert ended["details"] == {"since": session.since, "lastSeen": session.seen}


def test_what_cannot_be_written_down_is_not_done(client: FlaskClient, services: Services) -> None:
    away = connect("mongodb://127.0.0.1:1", "none")
    done = []
    with pytest.raises(StoreUnavailable), noted(OperatorActs(away), "boss", "dead.discarded", "dead_letter", "m1"):
        done.append("it")
    assert done == []
    away.client.close()


def test_acts_are_kept_as_long_as_histories(acts: OperatorActs, store: Store) -> None:
    for number in range(5):
        acts.begin(
            Act(f"a{number}", iso(datetime.now(UTC) - timedelta(days=number)), "boss", "dead.retried", None, ("", ""))
        )
    lease, kept = CleanerLease(store.database, "one", 60), Retention(history=60)
    cleaner = Cleaner(store.database, None, None, kept, lease, lambda: datetime.now(UTC), lot=1, pause=0.0, acts=acts)
    assert cleaner.run(Event())["operator acts"] == 2
    assert [one.id for one in acts.find(Wanted(), None, 10)] == ["a0", "a1", "a2"]


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


def test_what_the_web_does_not_allow_is_told_by_whom_where_and_how_often(client: FlaskClient) -> None:
    answers = [post(client, f"/ops/dead/{name}/discard") for name in ("m1", "m2", "m1")]
    answers += [post(client, "/ops/dead/m3/discard", OTHER)]
    answers += [post(client, "/applications/approval/deployments", data=b"<x/>", content_type="application/xml")]
    answers += [client.post("/engine-rest/external-task/fetchAndLock", json=FETCH, auth=(APPROVER, APPROVER))]
    assert [one.status_code for one in answers] == [403] * 6
    found = told(client, action="request.refused")
    assert {one["status"] for one in found} == {"rejected"}
    by_what = {(one["user"], one["about"][0]["name"]): one for one in found}
    discard = "POST /api/v1/ops/dead/<string:letter_id>/discard"
    deploy = "POST /api/v1/applications/<string:application>/deployments"
    fetch = "POST /engine-rest/external-task/fetchAndLock"
    assert by_what.keys() == {(APPROVER, discard), (OTHER, discard), (APPROVER, deploy), (APPROVER, fetch)}
    details = by_what[APPROVER, discard]["details"]
    assert details["times"] == 3
    assert details["paths"] == [f"/api/v1/ops/dead/{name}/discard" for name in ("m1", "m2", "m1")]
    assert details["problem"]["type"] == "urn:taskpool:problem/not-allowed"
    assert told(client, application="approval") == [by_what[APPROVER, deploy]]
    assert told(client, action="dead.discarded") == []


def test_who_goes_on_trying_fills_nothing(
    client: FlaskClient, database: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusals, "MOST_TIMES", 5)
    monkeypatch.setattr(refusals, "MOST_PATHS", 2)
    for number in range(8):
        assert post(client, f"/ops/dead/m{number}/discard").status_code == 403
    [act] = told(client)
    assert (act["details"]["times"], len(act["details"]["paths"])) == (5, 2)
    assert get(client, f"/ops/dead/{'m' * 2000}").status_code == 403
    [long, _] = told(client)
    assert len(long["details"]["paths"][0]) == 200
    assert client.post("/api/v1/ops/dead/m1/discard", headers={"X-Requested-With": "fetch"}).status_code == 401
    assert database[COLLECTION].count_documents({}) == 2, "nobody is known by name before they have signed in"


def test_an_hour_later_it_is_told_again(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for hour in ("09", "10"):
        monkeypatch.setattr(refusals, "now", lambda hour=hour: f"2026-01-01T{hour}:59:59.999Z")
        assert get(client, "/ops/status").status_code == 403
    assert [one["time"][11:13] for one in told(client)] == ["10", "09"]


def test_it_is_refused_whatever_can_be_written_down(
    client: FlaskClient, services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    away = connect("mongodb://127.0.0.1:1", "none")
    operations = replace(services.operations, acts=OperatorActs(away))
    without = create_app(replace(services, operations=operations)).test_client()
    assert get(without, "/ops/status").status_code == 403
    assert [one.user for one in caplog.records if one.message == "refusal_not_noted"] == [APPROVER]
    away.client.close()


def filled(database: Documents, store: Store) -> None:
    """Many at the same moments, in every source."""
    acts = OperatorActs(database)
    for number in range(12):
        seconds = number // 4
        key = Key("approval" if number % 2 else "elsewhere", "task", f"t{number}")
        begun = CreateTask(UserTask(key.id, key.application, name="Pay"))
        views = happened(key, seconds, begun, AssignTask("x"), by=(APPROVER, OTHER, None)[number % 3])
        Views(database).apply(views)
        command(database, f"c{number}", seconds, user=(APPROVER, "boss")[number % 2])
        decided(store, f"d{number}", seconds + 0.0004, state=("retried", "resolved")[number % 2])
        let_go(store, seconds + 0.0009)
        time = iso(datetime.fromtimestamp(BEGIN + seconds, UTC))
        acts.begin(Act(f"o{number}", time, "boss", ("dead.retried", "session.ended")[number % 2], "approval", ("", "")))


def test_pages_of_any_size_tell_each_once_and_the_newest_first(
    client: FlaskClient, database: Documents, store: Store
) -> None:
    filled(database, store)
    whole = told(client)
    assert len(whole) == 16 + 4 * 12
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
    assert len(rest) == 16 + 4 * 12 - 1
    assert max(one["time"] for one in rest) <= first["items"][0]["time"]


@pytest.mark.parametrize(
    ("asked", "count", "is_so"),
    [
        ({"user": APPROVER}, 8 + 6, lambda one: one["user"] == APPROVER),
        ({"user": "boss"}, 6 + 36, lambda one: one["user"] == "boss"),
        ({"action": "task.assigned"}, 8, lambda one: one["action"] == "task.assigned"),
        ({"action": "start"}, 12, lambda one: one["action"] == "start"),
        ({"action": "incident.resolved"}, 6, lambda one: one["action"] == "incident.resolved"),
        ({"action": "parked.skipped", "user": "boss"}, 12, lambda one: one["action"] == "parked.skipped"),
        ({"action": "dead.retried", "application": "approval"}, 6, lambda one: one["user"] == "boss"),
        ({"action": "session.ended", "user": APPROVER}, 0, lambda _: False),
        ({"action": "nothing"}, 0, lambda _: False),
        ({"application": "approval"}, 8 + 12 + 12 + 12, lambda one: one["application"] == "approval"),
        ({"from": "2026-01-01T00:00:01Z", "until": "2026-01-01T01:00:02+01:00"}, 22, lambda one: ":01." in one["time"]),
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
    OperatorActs(database).prepare()
    for number in range(300):
        done = Act(
            str(number), iso(datetime.fromtimestamp(BEGIN + number, UTC)), APPROVER, "dead.retried", None, ("", "")
        )
        OperatorActs(database).begin(done)
    asked, url = Asked(), services.settings.mongo_url
    client: MongoClient[dict[str, Any]] = MongoClient(url, event_listeners=[asked])
    acts, operators = ActsInViews(client[database.name]), OperatorActs(client[database.name])
    reads = (acts.on_tasks, acts.by_command, acts.refused, operators.find)
    found = [read(Wanted(user), None, 5) for read in reads]
    assert [len(one) for one in found] == [5, 5, 5, 5]
    assert [len(one) for one in (acts.on_tasks(Wanted(user), found[0][-1].place, 5),)] == [5]
    client.close()
    assert len(asked.found) == 5, "an index that serves was named at once"
    for question in asked.found:
        explained = database.command({"explain": question, "verbosity": "executionStats"})
        assert explained["executionStats"]["totalKeysExamined"] <= 12, question
        assert "SORT" not in str(explained["queryPlanner"]["winningPlan"])
