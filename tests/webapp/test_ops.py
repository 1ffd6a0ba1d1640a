"""What operators see and do over HTTP, and that nobody else does; without a database for the views."""

import pytest

from domain.identity import Key
from store.events.unit_of_work import Store
from store.lists.task_list import Documents
from store.outbox.parked import ParkedSelection
from store.people.operator_acts import OperatorActs
from store.views.writer import connect
from tasks.operate.operations import open_operations
from tests.store.databases import on_sqlite
from tests.support.parking import park, said
from tests.webapp.conftest import services_over, web_settings
from webapp.server.factory import create_app

ADMIN = {"Authorization": "Bearer operate"}
BAD = Key("app", "task", "bad").opaque


@pytest.fixture
def store(tmp_path):
    database = on_sqlite(f"sqlite:///{tmp_path}/app.db")
    yield Store(database)
    database.close()


@pytest.fixture
def woken():
    return []


@pytest.fixture
def views():
    opened: Documents = connect("mongodb://127.0.0.1:1", "none")
    yield opened
    opened.client.close()


@pytest.fixture
def operations(tmp_path, store, woken, views):
    url, names = "amqp://guest:guest@127.0.0.1:1//", ("app", "gone")
    acts = OperatorActs(views)
    opened = open_operations(url, lambda name: f"sqlite:///{tmp_path}/{name}.db", names, woken.append, acts)
    yield opened
    opened.close()


@pytest.fixture
def client(operations, views):
    return create_app(services_over(views, web_settings(), operations)).test_client()


def test_only_operators(client):
    for path in ("status", "history", "parked", "dead"):
        assert client.get(f"/api/v1/ops/{path}").status_code == 401
        assert client.get(f"/api/v1/ops/{path}", auth=("approver1", "approver1")).status_code == 403
    assert client.post(f"/api/v1/ops/parked/{BAD}/retry", auth=("approver1", "approver1")).status_code == 403


def test_the_status_names_what_is_away_and_shows_the_rest(client, store):
    said(store, "bad")
    park(store, "bad")
    said(store, "good", changes=1)
    told = client.get("/api/v1/ops/status", headers=ADMIN).get_json()
    here = told["applications"]["app"]
    assert (here["reachable"], here["outbox"], here["parked"]) == (True, 2, 1)
    assert 0 <= here["oldestSeconds"] < 60
    assert told["applications"]["gone"]["reachable"] is False
    assert told["broker"]["reachable"] is False
    assert (told["dead"], told["projectorLag"]) == (None, None)


def test_parked_are_listed_shown_and_retried(client, store, operations, woken):
    said(store, "bad", changes=1)
    park(store, "bad")
    told = client.get("/api/v1/ops/parked", headers=ADMIN).get_json()
    assert [(one["id"], one["aggregateId"], one["waiting"]) for one in told["items"]] == [(BAD, "bad", 2)]
    assert list(told["away"]) == ["gone"]
    assert client.get("/api/v1/ops/parked?application=other", headers=ADMIN).get_json()["items"] == []
    shown = client.get(f"/api/v1/ops/parked/{BAD}", headers=ADMIN).get_json()
    assert "taskpool.task.created.v2" in shown["event"]
    assert client.post(f"/api/v1/ops/parked/{BAD}/retry", headers=ADMIN).get_json()["retried"]["waiting"] == 2
    assert woken == ["app"]
    assert operations.parked.find(ParkedSelection()).answers == {"app": []}


def test_one_is_skipped_and_what_may_be_elsewhere_is_not_called_missing(client, store, tmp_path):
    said(store, "bad", changes=1)
    park(store, "bad")
    assert client.post(f"/api/v1/ops/parked/{BAD}/skip", headers=ADMIN).get_json()["skipped"]["id"] == BAD
    assert client.post(f"/api/v1/ops/parked/{BAD}/skip", headers=ADMIN).status_code == 503
    (tmp_path / "gone.db").touch()
    on_sqlite(f"sqlite:///{tmp_path}/gone.db", "gone").close()
    assert client.post(f"/api/v1/ops/parked/{BAD}/skip", headers=ADMIN).status_code == 404


def test_without_a_broker_dead_letters_are_unavailable(client):
    assert client.get("/api/v1/ops/dead", headers=ADMIN).status_code == 503
    assert client.post("/api/v1/ops/dead/x/discard", headers=ADMIN).status_code == 503
