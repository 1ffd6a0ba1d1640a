"""`taskpool parked` and `taskpool dead` over stores in files, without servers."""

import json

import pytest
from click.testing import CliRunner

from domain.identity import Key
from settings import HOSTED
from store.events.unit_of_work import Store
from tests.store.databases import on_sqlite
from tests.support.parking import NO_ROUTE, park, said
from workers.cli.main import main

BAD = Key("app", "task", "bad").opaque


@pytest.fixture
def stores(tmp_path, monkeypatch):
    monkeypatch.setenv("TASKPOOL_HOME", str(tmp_path))
    monkeypatch.setenv("TASKPOOL_APPLICATIONS", "approval")
    monkeypatch.setenv("TASKPOOL_AMQP_URL", "amqp://127.0.0.1:1//")
    monkeypatch.setenv("TASKPOOL_REDIS_URL", "redis://127.0.0.1:1/0")
    opened = {}
    for name in ("approval", HOSTED):
        opened[name] = Store(on_sqlite(f"sqlite:///{tmp_path}/data/sql/{name}.db", name))
    yield opened
    for store in opened.values():
        store.database.close()


def run(*arguments, fails=False):
    result = CliRunner().invoke(main, arguments)
    assert (result.exit_code != 0) == fails, result.output
    return result.output


def test_what_is_parked_is_listed_shown_retried_and_skipped(stores):
    for name in ("bad", "worse"):
        said(stores[HOSTED], name, changes=1)
    park(stores[HOSTED], "bad", "worse")
    listed = json.loads(run("parked", "list", "--json"))
    assert {one["aggregateId"] for one in listed} == {"bad", "worse"}
    assert listed[0]["reason"] == NO_ROUTE
    assert NO_ROUTE in run("parked", "list", "--application", "app")
    assert json.loads(run("parked", "show", BAD))["event"]["subject"] == "bad"
    assert "1 events on their way" in run("parked", "skip", BAD)
    assert "is parked" in run("parked", "skip", BAD, fails=True)
    assert run("parked", "retry", "--fingerprint", listed[0]["fingerprint"]).startswith("1 released, 2 events")
    assert run("parked", "list") == "Nothing.\n"


def test_a_store_names_everything_in_it_and_an_application_only_its_own(stores):
    said(stores[HOSTED], "bad")
    park(stores[HOSTED], "bad")
    assert len(json.loads(run("parked", "list", "--json", "--application", HOSTED))) == 1
    assert len(json.loads(run("parked", "list", "--json", "--application", "app"))) == 1
    assert json.loads(run("parked", "list", "--json", "--application", "other")) == []
    assert json.loads(run("parked", "list", "--json", "--application", "approval")) == []


def test_one_has_to_say_what_to_retry(stores):
    assert "name what to retry" in run("parked", "retry", fails=True)
    assert "name what to retry" in run("parked", "retry", "--all", BAD, fails=True)
    assert "name what to take" in run("dead", "retry", fails=True)
    assert run("parked", "retry", "--all").startswith("0 released")


def test_a_store_that_is_away_is_named(stores, tmp_path):
    (tmp_path / "data/sql/approval.db").unlink()
    assert "approval is away" in run("parked", "list")


def test_a_broker_that_is_away_is_said_in_one_line(stores):
    assert run("dead", "list", fails=True).startswith("Error: ")


@pytest.mark.parametrize("name", ["Approval", "é" * 40, "a" * 64, "../x", "x;y"])
@pytest.mark.parametrize(
    "command",
    [
        ["parked", "list"],
        ["parked", "retry"],
        ["incidents", "list"],
        ["dead", "list"],
        ["replay"],
        ["start", "key"],
        ["cancel", "instance"],
        ["deploy", __file__],
    ],
    ids=" ".join,
)
def test_what_is_no_name_is_refused_before_anything_is_done(stores, command, name):
    assert "is no application's name" in run(*command, "--application", name, fails=True)
