"""When somebody is noticed, what is still so, and when mail is held back; no clock but the argument."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.access import User
from domain.events.envelope import Envelope
from domain.identity import Key
from domain.notices.change import changes
from domain.notices.notice import assignment, due, has_caught_up, is_still_so, may_know, mention, mentioned
from domain.notices.wishes import LONGEST_PAUSE, MOST_TRIES, Quiet, pause_after

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
LATELY = "2026-11-29T11:59:00.000Z"
LONG_AGO = "2026-11-28T11:59:00.000Z"


def event(type_="assigned", assignee="rosa", at=LATELY, revision=2, **state):
    body = {"assignee": assignee, "state": "open", "createTime": LATELY, **state}
    return Envelope(Key("approval", "task", "t1"), 1, revision, f"task.{type_}", at, {}, body)


def task(**changes):
    document = {"_id": "k", "application": "approval", "generation": 1, "revision": 2, "state": "open"}
    document |= {"assignee": "rosa", "principals": ["operators", "user:rosa"], "dueDate": None}
    return {**document, **changes}


def test_who_is_given_a_task_hears_of_it_with_the_same_id_however_often_it_is_said():
    one = assignment(event(), "olaf", NOW)
    assert (one.kind, one.user, one.by, one.version) == ("assignment", "rosa", "olaf", (1, 2))
    assert assignment(event(), "olaf", NOW).id == one.id
    assert assignment(event(), None, NOW + timedelta(hours=3)).id == one.id
    others = [event(revision=3), event(assignee="mia")]
    assert len({one.id, *(assignment(other, None, NOW).id for other in others)}) == 3


def test_who_takes_a_task_is_not_told_of_it_but_who_is_made_one_is():
    assert assignment(event(), "rosa", NOW) is None
    assert assignment(event("created"), "rosa", NOW) is not None
    assert assignment(event("created"), None, NOW) is not None


def test_who_completed_the_step_before_has_assigned_nothing():
    assert assignment(event("created"), "alice", NOW).by is None
    assert assignment(event(), "alice", NOW).by == "alice"


@pytest.mark.parametrize("nobody", [None, "", {"sealed": 1}])
def test_what_nobody_has_is_nobodys_news(nobody):
    assert assignment(event(assignee=nobody), None, NOW) is None
    assert assignment(event(state="completed"), None, NOW) is None


@pytest.mark.parametrize("other", ["attributes_changed", "completed", "candidates_changed"])
def test_only_who_is_given_a_task_is_given_it(other):
    assert assignment(event(other), None, NOW) is None


def test_each_address_hears_of_an_event_with_the_same_ids_however_often_it_is_said():
    both = list(changes(event("completed"), ("change1", "change2"), NOW))
    assert [(one.way, one.event, one.by, one.version) for one in both] == [
        ("change1", "task.completed", None, (1, 2)),
        ("change2", "task.completed", None, (1, 2)),
    ]
    assert list(changes(event("completed"), ("change1", "change2"), NOW + timedelta(hours=3))) == both
    ids = {
        one.id
        for other in (event("completed"), event("deleted", revision=3))
        for one in changes(other, ("change1",), NOW)
    }
    assert len({*ids, both[1].id}) == 3
    assert both[0].event_id == both[1].event_id == event().event_id


def test_addresses_hear_neither_of_the_past_nor_of_what_is_no_task():
    assert not list(changes(event("completed", at=LONG_AGO), ("change1",), NOW))
    assert not list(changes(event("created", createTime=LONG_AGO), ("change1",), NOW)), "imported"
    assert list(changes(event("completed", createTime=LONG_AGO), ("change1",), NOW)), "an old task, done now"
    outcome = Envelope(Key("approval", "command", "c"), 1, 1, "command.outcome", LATELY, {}, {})
    assert not list(changes(outcome, ("change1",), NOW))
    assert not list(changes(event(), (), NOW))


def test_the_past_is_no_news():
    assert assignment(event(at=LONG_AGO), None, NOW) is None
    assert assignment(event("created", createTime=LONG_AGO), None, NOW) is None, "imported"
    assert assignment(event("assigned", createTime=LONG_AGO), None, NOW) is not None, "an old task, given away now"
    assert assignment(event("created", createTime="whenever"), None, NOW) is not None
    assert assignment(event(at="9999-01-01T00:00:00.000Z"), None, NOW) is None, "a clock that is wrong"


def test_due_is_noticed_once_for_each_date_and_person_before_and_after():
    soon = due("k", "rosa", "2026-11-30T00:00:00.000Z", NOW, LATELY)
    over = due("k", "rosa", "2026-11-29T12:00:00.000Z", NOW, LATELY)
    assert (soon.kind, over.kind) == ("dueSoon", "overdue")
    assert due("k", "rosa", soon.due_date, NOW + timedelta(minutes=1), LONG_AGO).id == soon.id
    later = due("k", "rosa", soon.due_date, NOW + timedelta(days=2), LATELY)
    moved = due("k", "rosa", "2026-11-30T01:00:00.000Z", NOW, LATELY)
    assert len({soon.id, later.id, moved.id, due("k", "mia", soon.due_date, NOW, LATELY).id}) == 4


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("@rosa, look", [("rosa",)]),
        ("thanks @rosa.", [("rosa.", "rosa")]),
        ("(@rosa.meier) and @Zoë!", [("rosa.meier",), ("Zoë",)]),
        ("rosa@example.org @@ @ nobody", []),
        ("@a@b.c", [("a@b.c",)]),
    ],
)
def test_names_in_a_comment(text, meant):
    assert list(mentioned(text)) == meant


def test_a_comment_names_so_many_at_most():
    assert len(list(mentioned(" ".join(f"@u{n}" for n in range(50))))) == 20


def test_what_is_told_is_true_when_it_is_told():
    given = assignment(event(), None, NOW)
    assert is_still_so(given, task(), NOW)
    assert not is_still_so(given, task(assignee="mia"), NOW)
    assert not is_still_so(given, task(state="completed"), NOW)
    date = "2026-11-29T13:00:00.000Z"
    soon = due("k", "rosa", date, NOW, LATELY)
    assert is_still_so(soon, task(dueDate=date), NOW)
    assert not is_still_so(soon, task(dueDate="2026-12-29T13:00:00.000Z"), NOW)
    assert not is_still_so(soon, task(dueDate=date), NOW + timedelta(hours=2)), "that is another notice"
    said = mention("k", {"_id": "c", "time": LATELY, "user": "olaf"}, "rosa")
    assert is_still_so(said, task(state="completed", assignee=None), NOW)


def test_views_that_are_behind_say_nothing_yet():
    given = assignment(event(), None, NOW)
    assert not has_caught_up(given.version, None)
    assert not has_caught_up(given.version, task(revision=1))
    assert has_caught_up(given.version, task())
    assert has_caught_up(given.version, task(generation=2, revision=1))


def test_rights_are_those_of_the_lists():
    assert may_know(User("rosa"), task())
    assert not may_know(User("mia"), task())
    assert may_know(User("mia", ("red",)), task(principals=["group:red"]))
    assert may_know(User("mia"), task(completedBy="mia"))
    assert not may_know(User("service:x", (), "other"), task(principals=["user:service:x"]))


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-29T20:59:59", None),
        ("2026-11-29T21:00:00", "2026-11-30T06:00:00"),
        ("2026-11-30T05:59:00", "2026-11-30T06:00:00"),
        ("2026-11-30T06:00:00", None),
        # The night in which Zurich goes from +2 to +1: seven o'clock there is six, and no longer five.
        ("2026-10-24T21:00:00", "2026-10-25T06:00:00"),
        ("2026-10-23T21:00:00", "2026-10-24T05:00:00"),
    ],
)
def test_a_night_in_zurich(now, until):
    quiet = Quiet(time(22), time(7), ZoneInfo("Europe/Zurich"))
    assert quiet.until(at(now)) == (until and at(until))


def test_a_break_at_noon():
    quiet = Quiet(time(12), time(13), ZoneInfo("UTC"))
    assert quiet.until(at("2026-11-29T12:30:00")) == at("2026-11-29T13:00:00")
    assert quiet.until(at("2026-11-29T13:00:00")) is None
    assert quiet.until(at("2026-11-29T00:00:00")) is None


def test_pauses_grow_to_six_hours_and_end():
    pauses = [pause_after(tries) for tries in range(1, MOST_TRIES)]
    assert pauses[:3] == [timedelta(minutes=1), timedelta(minutes=3), timedelta(minutes=9)]
    assert max(pauses) == LONGEST_PAUSE
    assert pause_after(MOST_TRIES) is None
