"""A kind of aggregate that exists in this file alone, entered in the register: everything else follows from that."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import ClassVar, Literal

import pytest
from jsonschema import Draft202012Validator

from domain.aggregates.kind import History, Keep, Kind
from domain.aggregates.register import KINDS
from domain.drift import Forgotten
from domain.identity import Key
from domain.wire import NoChanges
from engines.formats.records import READERS, validate
from settings import Retention
from store.engine.received import Received
from store.live.hub import Hub
from store.repair.carry_over import Carrying
from store.repair.rebuild_progress import drop_others
from store.retention.documents import ViewCleaning
from store.views.generations import collection_name
from store.views.indexes import indexes
from store.views.writer import Views, prepare_generation
from tasks.collect import collect
from tasks.operate.clean import of_views
from tests.event_contract import VALIDATORS
from tests.read_side import own_views
from tests.store.databases import KINDS as STORES
from tests.support.platform import Platform
from workers.cli.event_schemas import schemas

pytestmark = [pytest.mark.servers, pytest.mark.parametrize("kind", STORES[1:], indirect=True)]
NOW, LATER = "2026-01-01T00:00:00.000Z", "2026-02-01T00:00:00.000Z"
KEY = Key("post", "parcel", "7")


@dataclass(frozen=True, slots=True)
class Parcel:
    """Something that is on its way to somebody."""

    parcel_id: str
    application: str
    to: str
    state: Literal["sent", "delivered"] = "sent"
    end_time: str | None = None


@dataclass(frozen=True, slots=True)
class Send:
    parcel: Parcel


@dataclass(frozen=True, slots=True)
class Deliver:
    time: str


@dataclass(frozen=True, slots=True)
class Sent:
    type: ClassVar[str] = "parcel.sent"
    parcel: Parcel

    def changes(self) -> NoChanges:
        return {}


@dataclass(frozen=True, slots=True)
class Delivered:
    type: ClassVar[str] = "parcel.delivered"
    time: str

    def changes(self) -> NoChanges:
        return {}


def decide(parcel, command):
    if isinstance(command, Send):
        return [Sent(command.parcel)] if parcel is None else []
    return [Delivered(command.time)] if parcel and parcel.state == "sent" else []


def evolve(parcel: Parcel | None, event: Sent | Delivered) -> Parcel:
    if isinstance(event, Sent):
        return event.parcel
    return replace(parcel, state="delivered", end_time=event.time)


PARCEL = Kind(
    *("parcel", Parcel, decide, evolve),
    principals=lambda state: [f"user:{state['to']}"],
    document=lambda envelope: {"label": f"To {envelope.state['to']}"},
    history=History("parcel_history", "parcelKey", lambda envelope: {"to": envelope.state["to"]}),
    keep=Keep("tasks", "endTime"),
)


@pytest.fixture(autouse=True)
def parcels(monkeypatch):
    monkeypatch.setitem(KINDS, "parcel", PARCEL)
    sent = lambda key, record: [Send(Parcel(key.id, key.application, record.data["to"]))]  # noqa: E731 - a reader
    monkeypatch.setitem(READERS, "parcel.sent", sent)
    monkeypatch.setitem(READERS, "parcel.delivered", lambda _key, record: [Deliver(record.time)])
    for name, schema in schemas().items():
        monkeypatch.setitem(VALIDATORS, f"taskpool.{name.removesuffix('.json')}", Draft202012Validator(schema))


@pytest.fixture
def platform(store, servers, parcels):
    with own_views(servers.mongo_url) as documents:
        yield Platform(store, documents)


def receive(platform, *kinds):
    records = [
        {"id": f"r-{kind}", "type": f"parcel.{kind}", "time": NOW, "subject": "7", "data": {"to": "ann"}}
        for kind in kinds
    ]
    assert [validate(record) for record in records] == [None] * len(kinds)
    with platform.store.begin() as work:
        Received(work.connection).add("post", records)
    collect(platform.store.begin, lambda: datetime(2026, 1, 1, tzinfo=UTC))


def document(platform, generation=1):
    return platform.documents[collection_name("parcel", generation)].find_one({"_id": KEY.opaque})


def test_it_travels_from_a_record_to_the_view_to_whoever_waits_for_it(platform):
    hub = Hub(platform.documents)
    hub.start()
    receive(platform, "sent", "delivered")
    assert platform.ship() == 0
    assert hub.wait_documents({("parcel", KEY.opaque): (1, 2)}, 10)
    hub.stop()
    shown = document(platform)
    assert (shown["state"], shown["label"], shown["principals"]) == ("delivered", "To ann", ["user:ann"])
    kept = platform.documents["parcel_history"].find({"parcelKey": KEY.opaque}, sort=[("revision", 1)])
    assert [(entry["type"], entry["to"]) for entry in kept] == [("parcel.sent", "ann"), ("parcel.delivered", "ann")]
    plan = platform.documents["parcel"].find({"principals": "user:ann"}).explain()
    assert "seen_by" in str(plan["queryPlanner"]["winningPlan"])


def test_its_events_have_schemas_that_they_keep(platform, emitted):
    receive(platform, "sent", "delivered")
    assert {f"parcel.{name}.v1.json" for name in ("sent", "delivered", "restated")} <= set(schemas())
    assert (set(emitted.seen), emitted.complaints) == ({"taskpool.parcel.sent.v1", "taskpool.parcel.delivered.v1"}, [])


def test_it_is_reconciled_and_cleaned_and_what_was_cleaned_does_not_come_back(platform):
    receive(platform, "sent", "delivered")
    platform.ship()
    platform.documents["parcel"].delete_one({"_id": KEY.opaque})
    platform.documents["parcel_history"].delete_one({"parcelKey": KEY.opaque})
    assert platform.repair() == ([("history", "7"), ("missing", "7")], [])
    for collection, remove, _hours in of_views(ViewCleaning(platform.documents), Retention()):
        if collection.startswith("parcel"):
            assert remove(LATER, 10) > 0, collection
    assert document(platform).keys() == {
        *("_id", "application", "aggregate", "subject", "generation", "revision"),
        "state",
    }
    assert platform.documents["parcel_history"].count_documents({}) == 0
    forgetting = platform.reconciler(forgotten=Forgotten(LATER, LATER, LATER))
    assert forgetting.reconcile(repair=True, wait=5).found == []


def test_a_rebuild_carries_it_over_and_drops_what_was_before(platform):
    receive(platform, "sent")
    platform.ship()
    prepare_generation(platform.documents, 2, indexes())
    views = Views(platform.documents)
    assert Carrying(platform.documents, views, 1, 2).copy([]) == 2
    assert document(platform, 2) == document(platform)
    assert drop_others(platform.documents, 2)
    assert document(platform) is None
