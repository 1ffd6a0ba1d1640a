"""An application is upgraded: what was written before is read as today's everywhere, what comes from later is kept."""

import orjson
import pytest

from domain.aggregates.task import AssignTask, CreateTask, UserTask
from domain.drift import DIFFERS
from domain.errors import NewerState
from domain.events.upcast import UPCASTERS, current_version
from domain.identity import Key
from store.events.log_reader import LogReader
from store.fakes.exchange_and_views import MemoryViews
from store.repair.ledger import Ledger
from tasks.project import Projector
from tests.store.databases import each_database, rows
from tests.support.messages import Message
from tests.support.platform import documents, opaque, platform

__all__ = ["documents", "platform"]

KEY = Key("app", "task", "t1")
BEFORE, TODAY = UPCASTERS["task"], current_version("task")
LATER = TODAY + 1


def renamed(_type, data):
    """The next version of a task: doing it twice, or not at all, shows."""
    return {**data, "state": {**data["state"], "name": f"{data['state']['name']} in two"}}


@pytest.fixture
def upgrade(monkeypatch, emitted):
    yield lambda: monkeypatch.setitem(UPCASTERS, "task", (*BEFORE, renamed))
    emitted.complaints.clear()


@pytest.fixture
def task(store):
    with store.begin() as work:
        work.collect(KEY, CreateTask(UserTask("t1", "app", name="Pay")))
    return KEY


def say(store, command):
    with store.begin() as work:
        work.collect(KEY, command)
    return [(envelope.version, envelope.state["name"]) for envelope in work.events]


def logged(store):
    return [Message(event.body.encode()) for page in LogReader(store.database).pages() for event in page]


@each_database
def test_an_old_head_is_read_as_todays_and_from_then_on_is_todays(store, task, upgrade):
    upgrade()
    assert say(store, AssignTask("ann")) == [(LATER, "Pay in two")]
    assert say(store, AssignTask("bob")) == [(LATER, "Pay in two")]
    assert rows(store, "SELECT version FROM aggregate") == [(LATER,)]


@each_database
def test_an_old_head_is_said_again_as_todays(store, task, upgrade):
    upgrade()
    with store.begin() as work:
        (envelope,) = work.restate([KEY])
    assert (envelope.version, envelope.state["name"]) == (LATER, "Pay in two")


@each_database
def test_an_old_log_is_played_into_todays_views(store, task, upgrade):
    say(store, AssignTask("ann"))
    upgrade()
    say(store, AssignTask("bob"))
    types = [orjson.loads(message.body)["type"][-2:] for message in logged(store)]
    views = MemoryViews()
    Projector(views, lambda *burial: pytest.fail(str(burial))).apply(logged(store))
    assert types == [f"v{TODAY}", f"v{TODAY}", f"v{LATER}"]
    assert views.collections["task"][KEY.opaque]["name"] == "Pay in two"
    assert len(views.collections["task_history"]) == 3


@each_database
def test_an_old_head_and_its_newest_event_still_agree(store, task, upgrade):
    upgrade()
    (entry,) = Ledger(store.database).entries([KEY]).values()
    assert entry.state["name"] == "Pay in two"
    say(store, AssignTask("ann"))
    (entry,) = Ledger(store.database).entries([KEY]).values()
    assert entry.state["name"] == "Pay in two"


@pytest.mark.servers
@pytest.mark.parametrize("kind", ["memory"], indirect=True)
def test_reconciling_brings_old_views_up_to_date(platform, upgrade):
    assert platform.find() == []
    upgrade()
    found, left = platform.repair()
    assert found == [(DIFFERS, name) for name in "abcde"]
    assert left == []
    assert platform.shown()["task"][opaque("b")]["name"] == "B in two"


@each_database
def test_what_a_later_program_wrote_is_not_touched_by_an_earlier_one(store, task, upgrade, monkeypatch):
    upgrade()
    say(store, AssignTask("ann"))
    monkeypatch.setitem(UPCASTERS, "task", BEFORE)
    with pytest.raises(NewerState):
        say(store, AssignTask("bob"))
    assert rows(store, "SELECT revision, version FROM aggregate") == [(2, LATER)]


@pytest.mark.parametrize("kind", ["memory"], indirect=True)
def test_what_a_later_program_sent_is_set_aside_and_read_after_the_upgrade(store, task, upgrade, monkeypatch):
    upgrade()
    say(store, AssignTask("ann"))
    monkeypatch.setitem(UPCASTERS, "task", BEFORE)
    buried, views = [], MemoryViews()
    projector = Projector(views, lambda message, reason: buried.append((message, reason)))
    projector.apply(logged(store))
    assert [reason for _, reason in buried] == [f"no projection for task.assigned version {LATER}"]
    assert views.collections["task"][KEY.opaque]["name"] == "Pay"
    upgrade()
    projector.apply([message for message, _ in buried])
    assert views.collections["task"][KEY.opaque]["assignee"] == "ann"
    assert len(buried) == 1
