"""Notices are made of events and of due dates, and delivered: over twins in memory, with a clock that is set."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import orjson
import pytest

from domain.access import User
from domain.errors import StoreUnavailable
from domain.events.envelope import Envelope, to_cloudevent
from domain.identity import Key
from domain.notices.notice import Notice
from domain.notices.wishes import MOST_TRIES, Quiet, Wishes
from domain.senders import Senders
from store.identity.users_file import Account
from store.lists.due_tasks import DueTask
from store.people.notices import Taken
from store.views.mongo import UnwritableDocument
from tasks.notices.deliver import CATCHING_UP, Deliverer, NeverDelivered, NotDelivered
from tasks.notices.due import DueLook
from tasks.notices.from_events import FromEvents

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
TASK = Key("approval", "task", "t1")
ROSA = Account(User("rosa"), "", "rosa@example.org")


@dataclass
class Memory:
    """Notices as the real ones are, but for the lease."""

    known: dict = field(default_factory=dict)
    next: dict = field(default_factory=dict)
    deliveries: dict = field(default_factory=dict)
    states: dict = field(default_factory=dict)
    away: bool = False
    said: bool = True

    def add(self, notices, now):
        if self.away:
            raise StoreUnavailable
        new = {one.id: one for one in notices if one.id not in self.known}
        self.known |= new
        self.next |= dict.fromkeys(new, now)
        return len(new)

    def unknown(self, notices):
        return [one for one in notices if one.id not in self.known]

    def take(self, now, lease):
        ready = sorted((when, name) for name, when in self.next.items() if when <= now)
        if not ready:
            return None
        name = ready[0][1]
        self.next[name] = now + lease
        return Taken(self.known[name], "me", self.deliveries.get(name, {}))

    def postpone(self, taken, until, deliveries=None):
        self.next[taken.notice.id] = until
        self.deliveries[taken.notice.id] = deliveries or taken.deliveries

    def finish(self, taken, state, now, deliveries):
        del self.next[taken.notice.id]
        self.states[taken.notice.id] = state
        self.deliveries[taken.notice.id] = deliveries

    def is_said(self, notice):
        return self.said


@dataclass
class Sent:
    """A channel that may refuse."""

    refuses: Exception | None = None
    letters: list = field(default_factory=list)

    def send(self, letter):
        if self.refuses:
            raise self.refuses
        self.letters.append(letter)


@dataclass
class World:
    """One notice for rosa, and what is true of its task."""

    now: datetime = NOW
    notices: Memory = field(default_factory=Memory)
    mail: Sent = field(default_factory=Sent)
    hook: Sent = field(default_factory=Sent)
    people: dict = field(default_factory=lambda: {"rosa": ROSA})
    wishes: Wishes = field(default_factory=Wishes)
    task: dict | None = None
    url: str = "https://list/?task="

    def __post_init__(self):
        self.task = {"_id": TASK.opaque, "application": "approval", "generation": 1, "revision": 2, "state": "open"}
        self.task |= {"assignee": "rosa", "principals": ["user:rosa"], "name": "Approve", "payload": {"secret": 1}}
        self.task |= {"processName": None, "businessKey": "B-1", "dueDate": "2026-11-29T13:00:00.000Z"}

    def add(self, kind="assignment", **more):
        notice = Notice(f"n-{kind}", kind, TASK.opaque, "rosa", "2026-11-29T12:00:00.000Z", "olaf", (1, 2))
        self.notices.add([replace(notice, **more)], self.now)

    def work(self):
        deliverer = Deliverer(
            self.notices,
            lambda _key: self.task,
            self.people.get,
            lambda _user: self.wishes,
            {"webhook1": self.hook, "mail": self.mail},
            lambda key: f"{self.url}{key}",
            lambda: self.now,
            "de-AT",
        )
        while deliverer.deliver_one():
            pass

    def later(self, **by):
        self.now += timedelta(**by)
        self.work()


@pytest.fixture
def world():
    made = World()
    made.add()
    return made


def test_it_is_told_on_every_channel_once_and_without_data(world):
    world.work()
    world.later(days=3)
    [mail], [posted] = world.mail.letters, world.hook.letters
    assert mail == posted
    assert (mail.address, mail.by, mail.task["url"]) == (
        "rosa@example.org",
        "olaf",
        f"https://list/?task={TASK.opaque}",
    )
    assert mail.task.keys() == {"id", "name", "processName", "businessKey", "dueDate", "url"}
    assert world.notices.states == {"n-assignment": "sent"}


def test_what_does_not_arrive_is_tried_again_on_that_channel_alone(world):
    world.mail.refuses = NotDelivered("away")
    world.work()
    assert (len(world.hook.letters), len(world.mail.letters)) == (1, 0)
    world.later(seconds=59)
    assert world.notices.deliveries["n-assignment"]["mail"].tries == 1
    world.mail.refuses = None
    world.later(seconds=1)
    assert (len(world.hook.letters), len(world.mail.letters)) == (1, 1)
    assert world.notices.states == {"n-assignment": "sent"}


def test_it_is_given_up_after_ten_tries_and_says_so(world, caplog):
    world.mail.refuses = NotDelivered("away")
    world.work()
    for _ in range(MOST_TRIES):
        world.later(hours=6)
    assert world.notices.states == {"n-assignment": "failed"}
    assert world.notices.deliveries["n-assignment"]["mail"].tries == MOST_TRIES
    assert [one.message for one in caplog.records if one.levelname == "ERROR"] == ["notice_failed"]


def test_what_will_never_arrive_is_not_tried_again(world):
    world.mail.refuses = NeverDelivered("no such receiver")
    world.work()
    assert world.notices.deliveries["n-assignment"]["mail"].outcome == "failed"
    assert not world.notices.next


def test_a_template_that_fails_is_told_by_its_kind_only(world):
    world.mail.refuses = KeyError("what somebody has entered")
    world.work()
    assert world.notices.deliveries["n-assignment"]["mail"].reason == "KeyError"


@pytest.mark.parametrize(
    "change",
    [
        {"principals": ["user:mia"]},
        {"assignee": "mia"},
        {"state": "completed"},
    ],
)
def test_rights_lost_and_tasks_gone_are_asked_for_before_every_try(world, change):
    world.mail.refuses = world.hook.refuses = NotDelivered("away")
    world.work()
    world.mail.refuses = world.hook.refuses = None
    world.task |= change
    world.later(hours=1)
    assert world.mail.letters == world.hook.letters == []
    assert world.notices.states == {"n-assignment": "dropped"}


def test_a_removed_user_is_told_nothing(world):
    world.people.clear()
    world.work()
    assert world.mail.letters == world.hook.letters == []
    assert world.notices.states == {"n-assignment": "dropped"}


def test_views_that_are_behind_are_waited_for_but_not_for_ever(world):
    behind, world.task = world.task, None
    world.work()
    assert world.notices.next["n-assignment"] == NOW + CATCHING_UP
    world.task = {**behind, "revision": 1, "assignee": None}
    world.later(seconds=3)
    assert not world.notices.states
    world.task = behind
    world.later(seconds=3)
    assert len(world.mail.letters) == 1


def test_a_task_that_never_comes_is_dropped_after_a_day(world):
    world.task = None
    world.work()
    world.later(days=1, seconds=1)
    assert world.notices.states == {"n-assignment": "dropped"}


def test_what_waited_for_days_for_somebody_to_tell_it_is_no_news(world):
    world.later(days=2, seconds=1)
    assert world.mail.letters == world.hook.letters == []
    assert world.notices.states == {"n-assignment": "dropped"}


def test_what_an_operator_has_tried_again_is_news_however_old_it_is(world):
    taken = world.notices.take(world.now, timedelta(days=9))
    world.now += timedelta(days=9)
    world.notices.take = lambda *_: (
        replace(taken, retried=world.now - timedelta(seconds=1)) if world.notices.next else None
    )
    world.work()
    assert len(world.mail.letters) == len(world.hook.letters) == 1


def test_quiet_hours_hold_mail_back_and_nothing_else(world):
    world.wishes = Wishes(quiet=Quiet(time(11), time(13), ZoneInfo("UTC")))
    world.work()
    assert (len(world.hook.letters), len(world.mail.letters)) == (1, 0)
    world.later(minutes=59)
    assert world.mail.letters == []
    world.later(minutes=1)
    assert (len(world.hook.letters), len(world.mail.letters)) == (1, 1)
    assert world.notices.deliveries["n-assignment"]["mail"].tries == 1


NIGHT = Quiet(time(1), time(2), ZoneInfo("UTC"))


@pytest.mark.parametrize(
    ("wishes", "locale", "zone"),
    [
        (Wishes(), "de-AT", None),
        (Wishes(quiet=NIGHT), "de-AT", "UTC"),
        (Wishes(locale="en", zone=ZoneInfo("Asia/Kolkata")), "en", "Asia/Kolkata"),
        (Wishes(quiet=NIGHT, locale="en", zone=ZoneInfo("Asia/Kolkata")), "en", "Asia/Kolkata"),
    ],
)
def test_a_letter_says_in_which_language_and_where_it_is_read(world, wishes, locale, zone):
    world.wishes = wishes
    world.work()
    [letter] = world.mail.letters
    assert (letter.locale, letter.zone and letter.zone.key) == (locale, zone)


def test_mail_nobody_wants_or_can_get_is_not_sent(world):
    world.wishes = Wishes({"assignment": False, "dueSoon": True, "overdue": True, "mention": True})
    world.add("dueSoon", due_date="2026-11-29T13:00:00.000Z")
    world.work()
    assert [one.kind for one in world.mail.letters] == ["dueSoon"]
    world.people["rosa"] = Account(User("rosa"), "")
    world.add("overdue", due_date="2026-11-29T13:00:00.000Z")
    world.work()
    assert [one.kind for one in world.hook.letters] == ["assignment", "dueSoon", "overdue"]
    assert len(world.mail.letters) == 1


def test_a_comment_that_was_taken_back_is_not_told(world):
    world.add("mention", comment_id="c1")
    world.notices.said = False
    world.work()
    assert world.notices.states == {"n-assignment": "sent", "n-mention": "dropped"}


def test_a_channel_that_is_gone_from_the_settings_keeps_nobody_waiting(world):
    world.mail.refuses = NotDelivered("away")
    world.work()
    deliverer = Deliverer(
        *(world.notices, lambda _key: world.task, world.people.get, lambda _user: world.wishes),
        *({"webhook1": world.hook}, str, lambda: world.now),
    )
    world.now += timedelta(hours=1)
    assert deliverer.deliver_one()
    assert world.notices.states == {"n-assignment": "sent"}


@dataclass(frozen=True)
class Message:
    body: bytes
    sender: str | None = "taskpool"


def message(type_="assigned", assignee="rosa", at="2026-11-29T11:59:00.000Z", causation=None, **more):
    state = {"assignee": assignee, "state": "open", "createTime": at}
    envelope = Envelope(TASK, 1, 2, f"task.{type_}", at, {}, state, causation_id=causation)
    return Message(orjson.dumps(to_cloudevent(envelope)), **more)


def maker(notices, commands=None, senders=None, **more):
    return FromEvents(notices, (commands or {}).get, lambda: NOW, senders, **more)


def test_what_comes_twice_is_noticed_once():
    notices = Memory()
    assert maker(notices).apply([message(), message()]) == 1
    assert maker(notices).apply([message()]) == 0


def test_who_did_it_is_known_by_the_command():
    commands = {Key("approval", "command", f"c-{name}").opaque: {"user": name} for name in ("rosa", "olaf")}
    notices = Memory()
    assert maker(notices, commands).apply([message(causation="c-rosa")]) == 0
    assert maker(notices, commands).apply([message(causation="c-olaf")]) == 1
    assert [one.by for one in notices.known.values()] == ["olaf"]


def test_an_address_hears_of_every_event_in_one_write_and_nobody_is_asked_anything():
    class Counting(Memory):
        writes = 0

        def add(self, notices, now):
            self.writes += 1
            return super().add(notices, now)

    told = Counting()
    made = maker(None, senders=None, changes=told, ways=("change1", "change2"))
    made = replace(made, command=lambda _: pytest.fail("asked"))
    batch = [message("completed", causation="c-olaf"), message("assigned"), message("deleted"), Message(b"{")]
    assert made.apply(batch) == 2, "of one revision there is one event"
    assert (told.writes, {one.way for one in told.known.values()}) == (1, {"change1", "change2"})
    assert made.apply(batch) == 0


def test_without_addresses_and_without_a_way_to_people_nothing_is_written():
    assert maker(None).apply([message(), message("completed")]) == 0
    people = Memory()
    assert maker(people).apply([message("completed"), message("attributes_changed")]) == 0


def test_what_cannot_be_read_or_was_forged_holds_up_nobody():
    senders = Senders("taskpool", frozenset({"approval"}), "hosted")
    notices = Memory()
    bad = [
        Message(b"{"),
        Message(b"[]"),
        Message(b'{"type": "taskpool.task.created.v1"}'),
        message(assignee="mia", sender="taskpool.other"),
    ]
    assert maker(notices, senders=senders).apply([*bad, message()]) == 1


def test_what_cannot_be_written_is_left_out_alone():
    class Picky(Memory):
        def add(self, notices, now):
            if any(one.user == "mia" for one in notices):
                raise UnwritableDocument("too large a number")
            return super().add(notices, now)

    notices = Picky()
    assert maker(notices).apply([message(), message(assignee="mia"), message(assignee="olaf")]) == 2
    assert {one.user for one in notices.known.values()} == {"rosa", "olaf"}


def test_without_a_place_to_write_nothing_is_acknowledged():
    with pytest.raises(StoreUnavailable):
        maker(Memory(away=True)).apply([message()])
    assert maker(Memory(away=True)).apply([message(at="2020-01-01T00:00:00.000Z")]) == 0


@dataclass
class Dated:
    """Tasks by due date, as the index has them."""

    tasks: list
    asked: int = 0

    def within(self, begin, end, most, after=None):
        self.asked += 1
        place = after or ("", "")
        found = [one for one in self.tasks if begin < one.due_date <= end and (one.due_date, one.key) > place]
        return sorted(found, key=lambda one: (one.due_date, one.key))[:most]


def test_a_look_is_bounded_and_the_next_goes_on_where_it_ended():
    dates = [f"2026-11-29T13:{number // 60:02}:{number % 60:02}.000Z" for number in range(25)]
    tasks = Dated([DueTask(f"k{number}", "rosa", date) for number, date in enumerate(dates)])
    notices = Memory()
    look = DueLook(tasks, notices, lambda: NOW)
    assert [look.look(10, 2), look.look(10, 2)] == [20, 5]
    assert tasks.asked == 3
    assert [look.look(10, 2), look.look(10, 2)] == [0, 0], "each is noticed once"
    tasks.tasks.append(DueTask("new", "mia", dates[0]))
    assert look.look(10, 2) == 1


def test_what_is_due_soon_and_was_due_lately_is_seen_and_nothing_else():
    dates = {
        "old": "2026-11-22T11:00",
        "over": "2026-11-29T11:00",
        "soon": "2026-11-30T11:00",
        "later": "2026-11-30T13:00",
    }
    tasks = Dated([DueTask(key, "rosa", f"{date}:00.000Z") for key, date in dates.items()])
    notices = Memory()
    DueLook(tasks, notices, lambda: NOW).look()
    assert {one.task_key: one.kind for one in notices.known.values()} == {"over": "overdue", "soon": "dueSoon"}
