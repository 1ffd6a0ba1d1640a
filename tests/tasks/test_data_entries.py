"""Data entries in application code: in the unit of work of the engine's step, or not at all."""

import json

import pytest
from sqlalchemy import text

from domain.access import User
from domain.aggregates.data_entry import EntryIsGone, EntryOfAnotherTenant, entry_key
from domain.errors import NotFound
from domain.identity import Key
from domain.query.fields import ENTRY
from domain.query.sort import parse_sort
from store.lists.conditions import PlainQuery
from store.lists.entry_list import EntryList
from store.lists.pages import Place
from tasks.application import ProcessApplication
from tasks.data_entries import allow, completed, in_progress, withdraw
from tests.engines.world import one_task
from tests.read_side import own_views, task
from tests.store.databases import each_database, rows
from tests.support.platform import Platform

NAMED = {"entry_type": "request", "entry_id": "R-1"}
BY_NAME = parse_sort("name", ENTRY)
ANN, BOB, ROOT = User("ann"), User("bob", ("checkers",)), User("root", ("admins",))


@pytest.fixture
def application(store):
    made = ProcessApplication("app")
    made.use(store)
    made.deploy(one_task('<userTask id="t"/>'))
    return made


def state_of(application, **named):
    key = entry_key(*(named or NAMED).values())
    with application.unit_of_work() as work:
        head = work.unit.heads.peek(Key("app", "data_entry", key))
        return head and head.state


def routing_keys(store):
    return [key for (key,) in rows(store, "SELECT routing_key FROM event ORDER BY position")]


@each_database
def test_an_entry_and_the_step_that_made_it_commit_together_or_not_at_all(store, application):
    with pytest.raises(ZeroDivisionError), application.unit_of_work() as work:
        work.engine.start("p", {"amount": 1})
        work.data_entries.save(**NAMED, payload={"amount": 1})
        raise ZeroDivisionError
    assert routing_keys(store) == ["process_definition.registered.app"]
    with application.unit_of_work() as work:
        work.engine.start("p", {"amount": 1})
        work.data_entries.save(**NAMED, payload={"amount": 1}, state=in_progress("Submitted"), user="ann")
    assert set(routing_keys(store)[1:]) == {
        "process_instance.started.app",
        "task.created.app",
        "data_entry.saved.app",
    }
    state = state_of(application)
    assert (state["authorizedUsers"], state["name"]) == (["ann"], "R-1")
    assert state["state"] == {"processingType": "IN_PROGRESS", "state": "Submitted"}


@each_database
def test_a_service_saves_entries_in_the_transaction_of_its_step(store, application):
    @application.service("keep")
    def keep(work, variables):
        work.data_entries.save(**NAMED, payload=dict(variables), user="ann", message="kept")

    service = '<serviceTask id="t" camunda:delegateExpression="${keep}"/>'
    application.deploy(one_task(service, key="q"))
    with application.unit_of_work() as work:
        work.engine.start("q", {"amount": 5})
    assert state_of(application)["payload"] == {"amount": 5}
    [(body,)] = rows(store, "SELECT body FROM event WHERE aggregate = 'data_entry'")
    assert json.loads(body)["data"]["changes"]["log"]["message"] == "kept"


@each_database
def test_what_is_not_said_comes_from_the_projection_of_the_type(application):
    @application.data_entry("request")
    def request(entry_id, payload):
        return {
            "name": f"{payload['subject']} ({entry_id})",
            "state": in_progress("new"),
            "correlations": [("customer", payload["customer"])],
        }

    payload = {"subject": "a chair", "customer": "C/7"}
    with application.unit_of_work() as work:
        work.data_entries.save(**NAMED, payload=payload)
        work.data_entries.save(entry_type="request", entry_id="R-2", payload=payload, name="other", state=completed())
    first, second = state_of(application), state_of(application, entry_type="request", entry_id="R-2")
    assert (first["name"], first["state"]["state"]) == ("a chair (R-1)", "new")
    assert first["correlations"] == [{"application": "app", "entryType": "customer", "entryId": "C/7"}]
    assert (second["name"], second["state"]["processingType"]) == ("other", "COMPLETED")


@each_database
def test_an_entry_is_changed_deleted_and_made_again(application):
    with application.unit_of_work() as work:
        work.data_entries.save(**NAMED, payload={"a": 1, "b": 2}, user="ann")
    with application.unit_of_work() as work:
        work.data_entries.merge(**NAMED, payload={"a": None, "c": 3}, state=completed("paid"), user="bob")
    state = state_of(application)
    assert (state["payload"], state["authorizedUsers"]) == ({"b": 2, "c": 3}, ["ann", "bob"])
    with application.unit_of_work() as work:
        work.data_entries.delete(**NAMED, user="bob")
    assert state_of(application)["deleted"]
    with application.unit_of_work() as work:
        work.data_entries.save(**NAMED, payload={}, authorizations=[allow(groups=["g"]), withdraw(groups=["g"])])
    state = state_of(application)
    assert (state["deleted"], state["authorizedGroups"], state["tenantId"]) == (False, [], None)
    with application.unit_of_work() as work:
        work.data_entries.save(**NAMED, payload={}, tenant=" north ")
        work.data_entries.merge(**NAMED, payload={"a": 1})
    assert state_of(application)["tenantId"] == "north"
    with pytest.raises(EntryOfAnotherTenant), application.unit_of_work() as work:
        work.data_entries.save(**NAMED, payload={}, tenant="south")
    with application.unit_of_work() as work:
        work.data_entries.delete(**NAMED, final=True)
    with pytest.raises(EntryIsGone), application.unit_of_work() as work:
        work.data_entries.save(**NAMED, payload={})


@each_database
def test_a_field_that_an_entry_has_not_is_an_error_of_the_program(application):
    with pytest.raises(TypeError, match="colour"), application.unit_of_work() as work:
        work.data_entries.save(**NAMED, payload={}, colour="red")
    with pytest.raises(TypeError, match="deleted"), application.unit_of_work() as work:
        work.data_entries.merge(**NAMED, deleted=True)


@each_database
def test_an_update_costs_the_same_however_long_the_log_is(store, application):
    """What is read and written of the entry itself is its state, in which there is no log."""
    for number in range(50):
        with application.unit_of_work() as work:
            work.data_entries.save(**NAMED, payload={"n": number % 10}, user="ann", message="changed")
    sizes = [len(body) for (body,) in rows(store, "SELECT body FROM event WHERE aggregate = 'data_entry'")]
    assert max(sizes) - min(sizes) < 8
    with store.database.reading() as connection:
        assert connection.scalar(text("SELECT count(*) FROM aggregate WHERE aggregate = 'data_entry'")) == 1


@pytest.mark.servers
@each_database
def test_people_see_entries_of_theirs_also_beside_their_tasks_and_what_was_done(store, application, servers):
    with own_views(servers.mongo_url) as documents:
        platform, entries = Platform(store, documents), EntryList(documents)
        with application.unit_of_work() as work:
            work.data_entries.save(**NAMED, payload={"a": 1}, user="ann", message="made")
            checkers = [allow(groups=["checkers"])]
            work.data_entries.save(entry_type="a/b", entry_id="1", payload={}, authorizations=checkers)
        with application.unit_of_work() as work:
            work.data_entries.merge(**NAMED, payload={"a": 2}, user="ann", message="changed")
        platform.ship()
        assert [one["entryId"] for one in entries.find(PlainQuery(ANN, {}), BY_NAME, Place()).items] == ["R-1"]
        assert [one["entryType"] for one in entries.find(PlainQuery(BOB, {}), BY_NAME, Place()).items] == ["a/b"]
        assert entries.find(PlainQuery(ROOT), BY_NAME, Place(size=1)).total == 2
        assert entries.find(PlainQuery(ROOT, {"entryType": "request"}), BY_NAME, Place()).total == 1
        service = PlainQuery(User("service:x", (), "elsewhere"))
        assert entries.find(service, BY_NAME, Place()).total == 0
        [found] = entries.find(PlainQuery(ANN, {"entryId": "R-1"}), BY_NAME, Place()).items
        with pytest.raises(NotFound):
            entries.get(found["_id"], BOB)
        log = entries.history(found["_id"], 0, 10)
        assert [line["log"]["message"] for line in log] == ["changed", "made"]
        assert [line["log"]["message"] for line in entries.history(found["_id"], 1, 1)] == ["made"]
        named = (("a/b", "1"), ("request", "R-1"))
        about = [{"application": "app", "entryType": kind, "entryId": name} for kind, name in named]
        one = task("t", correlations=about)[0].document
        none = task("u", correlations=({"application": "app", "entryType": "x" * 300, "entryId": "1"},))[0].document
        for user, seen in ((ANN, ["R-1"]), (BOB, ["1"]), (ROOT, ["1", "R-1"]), (User("eve"), [])):
            of = entries.of_tasks([one, none], user)
            assert [entry["entryId"] for entry in of[one["_id"]]] == seen
            assert of[none["_id"]] == []
        with application.unit_of_work() as work:
            work.data_entries.delete(**NAMED)
        platform.ship()
        for user in (ANN, ROOT):
            with pytest.raises(NotFound):
                entries.get(found["_id"], user)


@each_database
def test_d11_what_is_said_of_an_entry_in_one_unit_of_work_is_one_transaction(store, application):
    with application.unit_of_work() as work:
        for amount in (1, 2):
            work.data_entries.save(**NAMED, payload={"amount": amount})
        work.data_entries.save(entry_type="request", entry_id="R-2", payload={})
    times = rows(store, "SELECT body FROM event WHERE aggregate = 'data_entry'")
    assert len(times) == 3
    assert len({json.loads(body)["time"] for (body,) in times}) == 1
    assert state_of(application)["payload"] == {"amount": 2}


@each_database
@pytest.mark.parametrize(
    ("left_out", "missing"),
    [
        ({"instances": False}, {"process_instance.started.app", "process_instance.ended.app"}),
        ({"definitions": False}, {"process_definition.registered.app"}),
        ({"instances": False, "definitions": False}, {"process_definition.registered.app"}),
    ],
    ids=str,
)
def test_what_of_the_engine_is_collected_can_be_said(store, left_out, missing):
    application = ProcessApplication("app")
    application.collect(**left_out)
    application.use(store)
    application.deploy(one_task('<userTask id="t"/>'))
    with application.unit_of_work() as work:
        instance = work.engine.start("p", {})
    [task] = [name for (name,) in rows(store, "SELECT id FROM aggregate WHERE aggregate = 'task'")]
    with application.unit_of_work() as work:
        work.engine.complete(instance, task, {})
    told = set(routing_keys(store))
    assert not told & missing
    assert {"task.created.app", "task.completed.app"} <= told
