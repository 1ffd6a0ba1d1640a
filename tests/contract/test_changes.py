"""Changes with a real MongoDB: repeats, leases, an address that is away, refuses or is slow, and what operators do."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.identity import Key
from domain.notices.change import Change
from domain.notices.notice import Notice
from domain.notices.wishes import MOST_TRIES, pause_after
from domain.values import iso
from store.lists.task_list import TaskList
from store.people.changes import CHANGES, KEPT, KNOWN, Changes
from store.people.notices import FAILED, NOTICES, Delivery, Notices
from store.people.untold import Untold
from store.views.writer import collections
from tasks.notices.deliver import CATCHING_UP, Away, NotDelivered
from tasks.notices.tell_changes import LEASE, LOT, LOT_TIME, Teller
from tests.read_side import own_views, task

pytestmark = pytest.mark.servers

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
T1, T2 = (Key("approval", "task", name).opaque for name in ("t1", "t2"))


@pytest.fixture
def views(servers):
    with own_views(servers.mongo_url) as database:
        Notices(database).prepare()
        Changes(database).prepare()
        yield database


@pytest.fixture
def changes(views):
    return Changes(views)


def change(number=1, way="change1", **more):
    made = Change(
        *(f"{way}-{number}", way, f"e{number}", "task.assigned", "approval", T1),
        *(iso(NOW), "olaf", (1, number)),
    )
    return replace(made, **more)


@dataclass
class Address:
    """An address that may refuse, be away, or take its time."""

    clock: list
    refuses: dict = field(default_factory=dict)
    away: bool = False
    takes: timedelta = timedelta()
    asked: int = 0
    letters: list = field(default_factory=list)

    def send_change(self, letter):
        self.asked += 1
        self.clock[0] += self.takes
        if self.away:
            raise Away("ConnectError")
        if letter.change.event_id in self.refuses:
            raise NotDelivered(self.refuses[letter.change.event_id])
        self.letters.append(letter)


class World:
    """One address, and the tasks that the views know."""

    def __init__(self, views, revision=999):
        self.clock, self.views = [NOW], views
        self.address = Address(self.clock)
        self.teller = Teller(
            *("change1", Changes(views), self.address, TaskList(views).current_ones),
            *("https://list/?task={}".format, lambda: self.clock[0]),
        )
        views["task"].insert_many(one[0].document for one in (task("t1", revision), task("t2", revision)))

    def work(self, **later):
        self.clock[0] += timedelta(**later)
        while self.teller.tell_lot():
            pass

    @property
    def told(self):
        return [one.change.event_id for one in self.address.letters]

    def state(self, change_id="change1-1"):
        found = self.views[CHANGES].find_one({"_id": change_id})
        return found["state"], found["deliveries"]["change1"]


@pytest.fixture
def world(views):
    return World(views)


def test_what_comes_twice_is_there_once_and_leased_in_lots_to_one(changes):
    assert changes.add([change(), change(2), change(2, "change2")], NOW) == 3
    assert changes.add([change(), change(3)], NOW) == 1
    lot = changes.take("change1", NOW, LEASE, 2)
    assert len(lot) == 2
    rest = changes.take("change1", NOW, LEASE, 9)
    assert {one.change.id for one in (*lot, *rest)} == {"change1-1", "change1-2", "change1-3"}
    assert [one.change for one in changes.take("change2", NOW, LEASE, 9)] == [change(2, "change2")]
    assert changes.take("change1", NOW + LEASE - timedelta(seconds=1), LEASE, 9) == []
    heirs = changes.take("change1", NOW + LEASE, LEASE, 9)
    changes.settle([(one, Delivery(1, None, "sent")) for one in lot], NOW)
    assert (len(heirs), changes.waiting()) == (3, 4), "one that comes back from the dead decides nothing"
    changes.settle([(heirs[0], Delivery(10, None, FAILED, "away")), (heirs[1], Delivery(1, None, "sent"))], NOW)
    assert (changes.waiting(), changes.failed()) == (2, 1)


def test_they_are_forgotten_by_their_age_and_by_no_rebuild(views, changes, world):
    assert views[CHANGES].index_information()["age"]["expireAfterSeconds"] == 0
    assert CHANGES not in collections()
    changes.add([change(), change(2, "gone")], NOW)
    world.work()
    assert [one["forget"].replace(tzinfo=UTC) for one in views[CHANGES].find(sort=[("_id", 1)])] == [
        NOW + KNOWN,
        NOW + KEPT,
    ], "also what is told to an address that nobody has any more"


def test_each_is_told_once_in_the_order_of_its_task_and_without_data(world, changes):
    changes.add([change(n, task_key=key) for n in (3, 1, 2) for key in (T1,)], NOW)
    changes.add([change(7, task_key=T2)], NOW)
    world.work()
    world.work(days=3)
    assert [one for one in world.told if one != "e7"] == ["e1", "e2", "e3"]
    assert sorted(world.told) == ["e1", "e2", "e3", "e7"]
    told = next(one for one in world.address.letters if one.change.event_id == "e7")
    assert told.task == {
        "id": T2,
        "name": "Task t2",
        "processName": "Approval",
        "businessKey": None,
        "dueDate": None,
        "url": f"https://list/?task={T2}",
    }
    assert world.state() == ("sent", {"tries": 1, "next": None, "outcome": "sent", "reason": None})


def test_an_address_that_is_away_is_asked_once_a_lot_and_gets_each_when_it_is_back(world, changes, caplog):
    changes.add([change(n) for n in range(1, 41)], NOW)
    world.address.away = True
    world.work()
    assert world.address.asked == 1
    assert {one["deliveries"]["change1"]["tries"] for one in world.views[CHANGES].find()} == {1}
    world.work(seconds=59)
    assert world.address.asked == 1
    world.address.away = False
    world.work(seconds=1)
    assert sorted(world.told) == sorted(f"e{n}" for n in range(1, 41))
    [said] = [one for one in caplog.records if one.message == "changes_not_delivered"]
    assert (said.count, said.reason) == (40, "ConnectError")


def test_it_is_given_up_after_ten_tries_as_long_as_others_and_says_so(world, changes, caplog):
    changes.add([change(), change(2)], NOW)
    world.address.away = True
    world.work()
    for tries in range(1, MOST_TRIES):
        world.clock[0] += pause_after(tries)
        world.work()
    state, told = world.state()
    assert (state, told["tries"], told["reason"]) == (FAILED, MOST_TRIES, "ConnectError")
    assert world.address.asked == MOST_TRIES
    [said] = [one for one in caplog.records if one.message == "changes_failed"]
    assert (said.levelname, said.count, changes.failed()) == ("ERROR", 2, 2)


def test_one_that_is_refused_holds_up_no_other(world, changes):
    changes.add([change(n) for n in (1, 2, 3)], NOW)
    world.address.refuses = {"e2": "answered 400"}
    world.work()
    assert world.told == ["e1", "e3"]
    world.address.refuses = {}
    world.work(minutes=1)
    assert world.told == ["e1", "e3", "e2"]


def test_what_a_slow_address_was_not_asked_yet_is_put_back_at_once(world, changes):
    changes.add([change(n) for n in range(1, 10)], NOW)
    world.address.takes = timedelta(seconds=2)
    assert world.teller.tell_lot()
    assert world.told == ["e1", "e2", "e3"]
    assert world.clock[0] - NOW < LOT_TIME + timedelta(seconds=2)
    world.work()
    assert sorted(world.told) == sorted({f"e{n}" for n in range(1, 10)})


def test_lots_are_bounded(world, changes):
    changes.add([change(n) for n in range(1, LOT + 3)], NOW)
    assert world.teller.tell_lot()
    assert len(world.told) == LOT
    world.work()
    assert len(set(world.told)) == LOT + 2


def test_views_that_are_behind_are_waited_for_but_not_for_ever(views, changes):
    world = World(views, revision=9)
    changes.add([change(10), change(11, task_key="gone")], NOW)
    world.work()
    assert (world.told, world.state("change1-10")[1]["next"].replace(tzinfo=UTC)) == ([], NOW + CATCHING_UP)
    world.views["task"].update_one({"_id": T1}, {"$set": {"revision": 10}})
    world.work(seconds=3)
    assert world.told == ["e10"]
    world.work(days=1)
    assert world.told == ["e10", "e11"]
    assert world.address.letters[-1].task["name"] is None, "its views know nothing of it: it happened all the same"


def test_what_waited_for_days_for_somebody_to_tell_it_is_given_up_and_shown(world, changes):
    changes.add([change()], NOW)
    world.work(days=2, seconds=1)
    assert world.told == []
    state, told = world.state()
    assert (state, told["reason"]) == (FAILED, "nobody took it for two days")
    Untold(world.views).retry("change1-1", world.clock[0])
    world.work()
    assert world.told == ["e1"]


def test_taking_and_showing_go_by_an_index(views, changes):
    changes.add([change(n, f"change{n % 2}") for n in range(300)], NOW)
    due = {"state": "waiting", "way": "change1", "next": {"$lte": NOW}}
    found = views[CHANGES].find(due, {"_id": 1}, sort=[("next", 1)], limit=20).explain()
    assert found["executionStats"]["totalDocsExamined"] <= 20
    assert "SORT" not in str(found["queryPlanner"]["winningPlan"])


def untold(number, state=FAILED, at=NOW):
    kept = {"mail": {"tries": 10, "next": None, "outcome": "failed", "reason": "away"}}
    kept["webhook1"] = {"tries": 1, "next": None, "outcome": "sent", "reason": None}
    told = {"kind": "assignment", "task_key": T1, "user": "rosa", "time": iso(at), "by": None}
    more = {"comment_id": None, "due_date": None, "version": [1, 1]}
    return {"_id": f"n{number}", **told, **more, "state": state, "done": at, "deliveries": kept}


def test_both_kinds_are_shown_page_after_page_newest_first(views, changes):
    views[NOTICES].insert_many([untold(n, at=NOW + timedelta(minutes=n)) for n in range(0, 6, 2)])
    views[NOTICES].insert_one(untold(9, "sent"))
    changes.add([change(n, time=iso(NOW + timedelta(minutes=n))) for n in range(1, 7, 2)], NOW)
    lot = changes.take("change1", NOW, LEASE, 9)
    changes.settle([(one, Delivery(10, None, FAILED, "away")) for one in lot], NOW)
    shown, after = [], None
    while page := Untold(views).page(FAILED, 2, after):
        shown += page
        after = page[-1]["time"], page[-1]["_id"]
    assert [one["_id"] for one in shown] == ["change1-5", "n4", "change1-3", "n2", "change1-1", "n0"]
    assert Untold(views).page("waiting", 9) == []


def test_what_is_tried_again_has_all_its_tries_where_it_was_not_told(views):
    views[NOTICES].insert_many([untold(1), untold(2, "sent")])
    again = Untold(views).retry("n1", NOW + timedelta(days=3))
    assert (again["state"], "done" in again) == ("waiting", False)
    assert Untold(views).retry("n2", NOW) is None
    taken = Notices(views).take(NOW + timedelta(days=3), LEASE)
    assert taken.deliveries == {"mail": Delivery(0, None, None, "away"), "webhook1": Delivery(1, None, "sent")}
    assert taken.retried == NOW + timedelta(days=3)
    in_hand = Untold(views).retry("n1", NOW + timedelta(days=4))
    assert in_hand["next"].replace(tzinfo=UTC) == NOW + timedelta(days=3) + LEASE, "and stays whose it is"


def test_all_that_was_given_up_is_tried_again(views, changes):
    views[NOTICES].insert_many([untold(1), untold(2, "sent")])
    changes.add([change(), change(2)], NOW)
    changes.settle([(changes.take("change1", NOW, LEASE, 1)[0], Delivery(10, None, FAILED, "away"))], NOW)
    assert Untold(views).retry_all(NOW) == 2
    assert (Notices(views).failed(), changes.failed(), Notices(views).waiting(), changes.waiting()) == (0, 0, 1, 2)


def test_what_is_discarded_is_told_nobody_and_not_made_anew(views, changes, world):
    changes.add([change(), change(2)], NOW)
    in_hand = changes.take("change1", NOW, LEASE, 1)
    mine = in_hand[0].change
    assert Untold(views).discard(mine.id, NOW)["state"] == "discarded"
    changes.settle([(in_hand[0], Delivery(1, NOW, None, "away"))], NOW)
    assert changes.add([mine], NOW) == 0
    world.work()
    assert (len(world.told), mine.event_id in world.told) == (1, False)
    assert Untold(views).discard(mine.id, NOW) is None
    notice = Notice("n1", "assignment", T1, "rosa", iso(NOW))
    Notices(views).add([notice], NOW)
    assert Untold(views).discard("n1", NOW)["state"] == "discarded"
    assert Notices(views).take(NOW, LEASE) is None
