"""Who is to be called otherwise is, in views and histories, in whatever order that becomes known."""

from itertools import permutations

import pytest

from domain.aggregates.advance import Head, Origin, advance
from domain.aggregates.data_entry import AnonymiseEntry, Authorization, DataEntry, LogLine, SaveEntry, entry_key
from domain.events.project import project
from domain.identity import Key
from store.views.writer import RENAMES, Views
from tasks.application import ProcessApplication
from tests.read_side import own_views
from tests.store.databases import each_database
from tests.support.platform import Platform

pytestmark = pytest.mark.servers
KEY = Key("app", "data_entry", entry_key("request", "R-1"))
ENTRY = DataEntry("request", "R-1", "app")


def events(*commands):
    head, made = Head(KEY, 1, 0, None), []
    for command in commands:
        head, new = advance(head, [command], Origin("2026-01-01T00:00:00.000Z"))
        made += new
    return made


STORY = events(
    SaveEntry(ENTRY, LogLine("ann", "made"), (Authorization(("ann", "bob")),)),
    AnonymiseEntry("ann", "person 1", LogLine("ann", "asked for it")),
    SaveEntry(ENTRY, LogLine("ann", "late")),
    AnonymiseEntry("person 1", "nobody", LogLine("bob", "again")),
)


@pytest.fixture(scope="module")
def documents(servers):
    with own_views(servers.mongo_url) as opened:
        yield opened


@pytest.fixture(autouse=True)
def empty(documents):
    for name in ("data_entry", "data_entry_history", RENAMES):
        documents[name].delete_many({})


def users(documents):
    found = documents["data_entry_history"].find({"entryKey": KEY.opaque}, sort=[("revision", 1)])
    return [line["log"]["user"] for line in found]


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=str)
def test_in_any_order_by_two_projectors_with_repeats(documents, order):
    projectors = [Views(documents), Views(documents)]
    for number, index in enumerate((*order, order[0])):
        projectors[number % 2].apply(project(STORY[index]))
    assert users(documents) == ["nobody", "nobody", "nobody", "bob"]
    assert documents["data_entry"].find_one({"_id": KEY.opaque})["authorizedUsers"] == ["bob", "nobody"]


def test_in_one_batch(documents):
    Views(documents).apply([one for event in reversed(STORY) for one in project(event)])
    assert users(documents) == ["nobody", "nobody", "nobody", "bob"]


def test_the_name_is_nowhere_in_the_views(documents):
    for event in STORY:
        Views(documents).apply(project(event))
    for name in documents.list_collection_names():
        if not name.startswith("system."):
            assert "ann" not in str(list(documents[name].find())).replace("anonymised", ""), name


def test_of_another_entry_nothing_is_changed(documents):
    other = Key("app", "data_entry", entry_key("request", "R-2"))
    said = SaveEntry(DataEntry("request", "R-2", "app"), LogLine("ann", "made"))
    _, [event] = advance(Head(other, 1, 0, None), [said], Origin("2026-01-01T00:00:00.000Z"))
    for one in (*STORY, event):
        Views(documents).apply(project(one))
    [line] = documents["data_entry_history"].find({"entryKey": other.opaque})
    assert line["log"]["user"] == "ann"


@each_database
def test_application_code_anonymises(store, documents):
    application, platform = ProcessApplication("app"), Platform(store, documents)
    application.use(store)
    named = {"entry_type": "request", "entry_id": "R-1"}
    with application.unit_of_work() as work:
        work.data_entries.save(**named, payload={}, user="ann", message="made")
    with application.unit_of_work() as work:
        work.data_entries.anonymise(**named, username="ann", replacement="nobody", user="dpo", message="asked for")
    platform.ship()
    assert users(documents) == ["nobody", "dpo"]
    assert documents["data_entry"].find_one({"_id": KEY.opaque})["principals"] == ["operators", "user:nobody"]
    assert platform.find() == [], "what was overwritten is as the log says"
