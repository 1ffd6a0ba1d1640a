"""Notices with a real MongoDB, RabbitMQ and SMTP server: repeats, deaths, leases, and a server that refuses."""

import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pika
import pytest

from domain.access import User
from domain.events.envelope import Envelope, to_cloudevent
from domain.identity import Key
from domain.notices.notice import Notice, mention
from domain.notices.wishes import Wishes
from domain.values import iso
from store.identity.users_file import Account
from store.lists.due_tasks import DueTasks
from store.lists.task_list import TaskList
from store.messaging.event_queue import EventQueue
from store.messaging.topology import EVENTS, NOTIFIER, declare, without_notices
from store.people.changes import Changes
from store.people.notices import FAILED, NOTICES, Delivery, Notices
from store.people.wishes import CALENDARS, WISHES
from store.views.commands import CommandView
from store.views.indexes import DUE
from store.views.writer import collections
from tasks.notices.deliver import Deliverer
from tasks.notices.due import DueLook
from tasks.notices.from_events import FromEvents
from tests.read_side import own_views, task
from tests.workers.smtp import Inbox, smtp_server
from workers.notify.mail import Mail, Server
from workers.system.record import free_port

pytestmark = pytest.mark.servers

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
LEASE = timedelta(minutes=5)
ROOT = Path(__file__).parents[2]
TASK = Key("approval", "task", "t1")


@pytest.fixture
def views(servers):
    with own_views(servers.mongo_url) as database:
        Notices(database).prepare()
        yield database


@pytest.fixture
def notices(views):
    return Notices(views)


def notice(number=1, **more):
    made = Notice(f"n{number}", "assignment", TASK.opaque, "rosa", iso(NOW), None, (1, 1))
    return replace(made, **more)


def test_what_is_noticed_twice_is_there_once_and_as_it_was(notices):
    assert notices.add([notice(), notice(2)], NOW) == 2
    taken = notices.take(NOW, LEASE)
    notices.finish(taken, "sent", NOW, {"mail": Delivery(1, None, "sent")})
    assert notices.add([notice(), notice(2), notice(3)], NOW) == 1
    assert [one.id for one in notices.unknown([notice(), notice(4)])] == ["n4"]
    assert notices.waiting() == 2


def test_a_notice_comes_back_as_it_was_written(notices):
    said = mention(TASK.opaque, {"_id": "c", "time": iso(NOW), "user": "olaf"}, "rosa")
    notices.add([said], NOW)
    assert notices.take(NOW, LEASE).notice == said


def test_one_in_hand_is_nobody_elses_until_its_lease_has_passed(notices):
    notices.add([notice()], NOW)
    dead = notices.take(NOW, LEASE)
    assert notices.take(NOW + LEASE - timedelta(seconds=1), LEASE) is None
    heir = notices.take(NOW + LEASE, LEASE)
    assert heir.notice == dead.notice
    notices.finish(dead, "sent", NOW, {})
    assert notices.waiting() == 1, "one that comes back from the dead decides nothing"
    notices.finish(heir, FAILED, NOW, {"mail": Delivery(10, None, FAILED, "away")})
    assert (notices.waiting(), notices.failed()) == (0, 1)


def test_how_far_each_channel_is_outlives_the_process(notices):
    notices.add([notice()], NOW)
    far = {"mail": Delivery(3, NOW + timedelta(hours=1), None, "away"), "webhook1": Delivery(1, None, "sent")}
    notices.postpone(notices.take(NOW, LEASE), NOW + timedelta(minutes=1), far)
    assert notices.take(NOW, LEASE) is None
    assert notices.take(NOW + timedelta(minutes=1), LEASE).deliveries == far


def test_they_are_forgotten_by_their_age_and_by_no_rebuild(views):
    assert views[NOTICES].index_information()["age"]["expireAfterSeconds"] == 90 * 24 * 3600
    assert {NOTICES, WISHES, CALENDARS}.isdisjoint(collections())


@pytest.fixture
def channel(servers):
    declare(servers.amqp_url, ("app",), notices=True)
    connection = pika.BlockingConnection(pika.URLParameters(servers.amqp_url))
    opened = connection.channel()
    opened.confirm_delivery()
    opened.queue_purge(NOTIFIER)
    yield opened
    connection.close()
    without_notices(servers.amqp_url)


def publish(channel, event="assigned", *, application="approval", at=None, revision=2):
    state = {"assignee": "rosa", "state": "open", "createTime": iso(datetime.now(UTC))}
    key = Key(application, "task", "t1")
    envelope = Envelope(key, 1, revision, f"task.{event}", at or state["createTime"], {}, state)
    channel.basic_publish(EVENTS.name, envelope.routing_key, orjson.dumps(to_cloudevent(envelope)))


def apply(servers, views, *, acknowledge=True, **more):
    """What waits is noticed; how many messages, and how many notices are new."""
    queue, messages, new = EventQueue(servers.amqp_url, NOTIFIER), 0, 0
    maker = FromEvents(Notices(views), CommandView(views).find, lambda: datetime.now(UTC), **more)
    for batch in queue.batches():
        if not batch:
            break
        new += maker.apply(batch)
        messages += len(batch)
        if acknowledge:
            queue.acknowledge(batch)
    queue.close()
    return messages, new


def test_only_what_may_be_somebodys_news_is_in_its_queue(servers, views, channel):
    for event in ("created", "assigned", "completed", "attributes_changed", "deleted"):
        publish(channel, event, application="a.b-c")
    channel.basic_publish(EVENTS.name, "command.outcome.approval", b"{}")
    assert apply(servers, views) == (2, 1), "both say the same of the same revision"
    assert apply(servers, views) == (0, 0)


def test_every_event_of_tasks_is_in_its_queue_only_while_an_address_hears_of_it(servers, views, channel):
    declare(servers.amqp_url, ("app",), notices=True, changes=True)
    for revision, event in enumerate(("created", "assigned", "completed", "attributes_changed", "deleted"), start=1):
        publish(channel, event, application="a.b-c", revision=revision)
    channel.basic_publish(EVENTS.name, "command.outcome.approval", b"{}")
    changes = Changes(views)
    assert apply(servers, views, changes=changes, ways=("change1", "change2")) == (5, 2 + 5 * 2), "each came once"
    declare(servers.amqp_url, ("app",), notices=True)
    for event in ("created", "completed"):
        publish(channel, event, application="a.b-c")
    assert apply(servers, views)[0] == 1
    declare(servers.amqp_url, ("app",), notices=True)


def test_what_was_not_acknowledged_comes_again_and_is_noticed_once(servers, views, channel):
    publish(channel)
    assert apply(servers, views, acknowledge=False) == (1, 1)
    publish(channel)
    assert apply(servers, views) == (2, 0)


def test_a_notifier_killed_between_write_and_acknowledgement_loses_and_doubles_nothing(servers, views, channel):
    publish(channel)
    arguments = [
        sys.executable,
        "-m",
        "tests.faults.dying",
        "notice",
        "",
        servers.amqp_url,
        servers.mongo_url,
        views.name,
    ]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert views[NOTICES].count_documents({}) == 1, "it had written before it died"
    assert apply(servers, views) == (1, 0), "and it is delivered again"


def test_old_events_notify_nobody(servers, views, channel):
    publish(channel, at=iso(datetime.now(UTC) - timedelta(hours=25)))
    assert apply(servers, views) == (1, 0)


def test_who_did_it_is_read_from_the_command(servers, views, channel):
    publish(channel)
    command = {"_id": Key("approval", "command", "c1").opaque, "user": "rosa"}
    views["command"].insert_one(command)
    state = {"assignee": "rosa", "state": "open"}
    envelope = Envelope(TASK, 1, 9, "task.assigned", iso(datetime.now(UTC)), {}, state, causation_id="c1")
    channel.basic_publish(EVENTS.name, envelope.routing_key, orjson.dumps(to_cloudevent(envelope)))
    assert apply(servers, views) == (2, 1)


def test_a_system_that_tells_nobody_has_no_such_queue(servers):
    for _ in range(2):
        without_notices(servers.amqp_url)
    declare(servers.amqp_url, ("app",))
    gone = pytest.raises(pika.exceptions.ChannelClosedByBroker, match="404")
    with pika.BlockingConnection(pika.URLParameters(servers.amqp_url)) as connection, gone:
        connection.channel().queue_declare(NOTIFIER, passive=True)


def deliverer(views, port, now):
    mail = Mail(Server.of(f"smtp://127.0.0.1:{port}?from=taskpool@example.org"))
    rosa = {"rosa": Account(User("rosa"), "", "rosa@example.org")}
    wishes = Wishes()
    task_of = TaskList(views).current
    return Deliverer(Notices(views), task_of, rosa.get, lambda _: wishes, {"mail": mail}, str, lambda: now[0])


def test_a_mail_server_that_refuses_and_comes_back_gets_each_once(views, notices):
    views["task"].insert_one(task("t1", assignee="rosa")[0].document)
    notices.add([notice()], NOW)
    inbox, port, now = Inbox(), free_port(), [NOW]
    told = deliverer(views, port, now)
    assert told.deliver_one(), "away"
    assert not told.deliver_one(), "and not tried again at once"
    with smtp_server(inbox, port):
        inbox.refuses, now[0] = "451 later", NOW + timedelta(minutes=1)
        assert told.deliver_one()
        inbox.refuses, now[0] = None, NOW + timedelta(minutes=4)
        assert told.deliver_one()
        now[0] = NOW + timedelta(days=2)
        assert not told.deliver_one()
    assert inbox.receivers == ["rosa@example.org"]
    [kept] = views[NOTICES].find()
    assert (kept["state"], kept["deliveries"]["mail"]["tries"]) == ("sent", 3)


def test_one_that_died_after_sending_sends_once_more_at_worst(views, notices, monkeypatch):
    views["task"].insert_one(task("t1", assignee="rosa")[0].document)
    notices.add([notice()], NOW)
    inbox, port, now = Inbox(), free_port(), [NOW]
    with smtp_server(inbox, port):
        told = deliverer(views, port, now)
        with monkeypatch.context() as patched:
            patched.setattr(Notices, "finish", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                told.deliver_one()
        assert not told.deliver_one()
        now[0] = NOW + LEASE
        assert told.deliver_one()
        assert not told.deliver_one()
    assert [one["Message-ID"] for one in inbox.messages] == ["<n1@example.org>"] * 2


def test_rights_lost_before_sending_send_nothing(views, notices):
    views["task"].insert_one(task("t1", assignee="mia")[0].document)
    notices.add([notice()], NOW)
    inbox, port = Inbox(), free_port()
    with smtp_server(inbox, port):
        deliverer(views, port, [NOW]).deliver_one()
    assert (inbox.messages, views[NOTICES].find_one()["state"]) == ([], "dropped")


def test_due_dates_are_looked_at_by_an_index_in_lots(views, notices):
    begin = NOW - timedelta(days=3)
    views["task"].insert_many(
        task(f"t{n}", assignee=None if n % 3 == 0 else "rosa", due_date=iso(begin + timedelta(hours=n)))[0].document
        for n in range(300)
    )
    look = DueLook(DueTasks(views), notices, lambda: NOW)
    assert [look.look(25, 2) for _ in range(3)] == [50, 14, 0]
    kinds = [one["kind"] for one in views[NOTICES].find()]
    assert (kinds.count("overdue"), kinds.count("dueSoon")) == (48, 16)
    date = {"$gt": iso(NOW), "$lte": iso(NOW + timedelta(days=1))}
    wanted = {"state": "open", "assignee": {"$gt": ""}, "dueDate": date}
    found = views["task"].find(wanted, sort=[("dueDate", 1), ("_id", 1)], limit=25, hint=DUE).explain()
    assert found["executionStats"]["totalDocsExamined"] <= 25
    assert "SORT" not in str(found["queryPlanner"]["winningPlan"])
