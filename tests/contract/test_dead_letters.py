"""Dead letters on a real broker: seen without being lost, sent again before they are forgotten."""

from concurrent.futures import ThreadPoolExecutor

import orjson
import pika
import pytest

from domain.acts import Wanted
from domain.aggregates.task import AssignTask, CreateTask, UserTask
from domain.errors import BrokerUnavailable
from domain.events.envelope import from_cloudevent
from domain.identity import Key
from store.events.unit_of_work import Store
from store.messaging.dead_letters import DeadLetters
from store.messaging.topology import DEAD, DEAD_COMMANDS, PROJECTOR, declare
from store.outbox.lanes import prepare_lanes
from store.people.operator_acts import OperatorActs
from store.sql.database import Database
from store.sql.databases import ApplicationDatabases
from tasks.operate.dead_letters import DeadLetterOffice, NoSuchLetter, NotSendable
from tests.read_side import own_views
from tests.support.broker import broker

__all__ = ["broker"]

pytestmark = pytest.mark.servers


@pytest.fixture
def log(tmp_path):
    """A log with one task that has changed twice; gives the bodies of its events."""
    database = Database(f"sqlite:///{tmp_path}/app.db", "app")
    database.migrate()
    prepare_lanes(database)
    store, key = Store(database), Key("app", "task", "t1")
    with store.begin() as work:
        work.collect(key, CreateTask(UserTask("t1", "app")))
        first = work.decide_and_write()[0]
    with store.begin() as work:
        work.collect(key, AssignTask("ann"))
        second = work.decide_and_write()[0]
    yield first, second
    database.close()


@pytest.fixture
def acts(servers):
    with own_views(servers.mongo_url) as database:
        made = OperatorActs(database)
        made.prepare()
        yield made


@pytest.fixture
def office(servers, broker, tmp_path, acts):
    broker.confirm_delivery()
    broker.queue_purge(DEAD_COMMANDS)
    databases = ApplicationDatabases(lambda name: f"sqlite:///{tmp_path}/{name}.db", ["app"])
    opened = DeadLetterOffice(DeadLetters(servers.amqp_url), databases, acts)
    yield opened
    opened.letters.close()
    opened.databases.close()


def bury(broker, body, message_id, reason="cannot be read", queue=DEAD):
    properties = pika.BasicProperties(
        message_id=message_id, headers={"x-taskpool-reason": reason}, type="task.created.app", delivery_mode=2
    )
    broker.basic_publish("", queue, body, properties)


def body_of(envelope, **changes):
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": envelope.event_id,
            "source": "/applications/app",
            "type": "taskpool.task.created.v1",
            "subject": envelope.key.id,
            "time": envelope.time,
            "sequence": str(envelope.revision),
            "data": {"changes": {}, "state": {}},
            **changes,
        }
    )


def waiting(broker, queue):
    return broker.queue_declare(queue, passive=True).method.message_count


def in_queue(broker, queue):
    bodies = []
    while (got := broker.basic_get(queue, auto_ack=True))[0] is not None:
        bodies.append((got[1].message_id, got[2]))
    return bodies


def test_looking_loses_nothing_and_keeps_the_order(office, broker):
    for number in range(30):
        bury(broker, b"body %d" % number, f"m{number}", reason=f"reason {number}")
    for _ in range(3):
        found = office.letters.find()
        assert [letter.id for letter in found] == [f"m{number}" for number in range(30)]
    assert (found[7].reason, found[7].body, found[7].queue) == ("reason 7", b"body 7", DEAD)
    assert office.letters.depths([DEAD, "not.there"]) == {DEAD: (30, 0)}


def test_two_who_look_at_once_both_see_everything(office, broker, servers):
    for number in range(300):
        bury(broker, b"body", f"m{number}")
    lookers = [DeadLetters(servers.amqp_url) for _ in range(3)]
    with ThreadPoolExecutor() as pool:
        counts = list(pool.map(lambda looker: [len(looker.find()) for _ in range(4)], lookers))
    assert counts == [[300] * 4] * 3
    for looker in lookers:
        looker.close()


def test_one_letter_is_shown_and_stays(office, broker):
    bury(broker, b"first", "m1")
    bury(broker, b"second", "m2")
    assert office.show("m2").body == b"second"
    assert waiting(broker, DEAD) == 2
    with pytest.raises(NoSuchLetter):
        office.show("m3")


def test_a_retry_sends_what_the_log_has_by_now(office, broker, log):
    first, second = log
    bury(broker, body_of(first), first.event_id)
    bury(broker, b"another", "other")
    office.retry(first.event_id, "boss")
    sent = in_queue(broker, PROJECTOR)
    assert [message_id for message_id, _ in sent] == [first.event_id, second.event_id]
    assert from_cloudevent(orjson.loads(sent[-1][1])).state["assignee"] == "ann"
    assert [letter.id for letter in office.letters.find()] == ["other"]


def test_who_decided_about_what_is_written_down(office, broker, log, acts):
    first, _ = log
    bury(broker, body_of(first), first.event_id, reason="looked odd")
    bury(broker, b"\xff not json", "m2")
    office.retry(first.event_id, "ann")
    with pytest.raises(NotSendable):
        office.retry("m2", "ann")
    office.discard("m2", "boss")
    discarded, refused, sent = acts.find(Wanted(), None, 10)
    assert (sent.user, sent.action, sent.status, sent.application) == ("ann", "dead.retried", "accepted", "app")
    task = {"kind": "task", "id": Key("app", "task", "t1").opaque, "name": None}
    assert sent.about == ({"kind": "dead_letter", "id": first.event_id, "name": None}, task)
    assert (sent.details["queue"], sent.details["reason"]) == (DEAD, "looked odd")
    assert (refused.status, refused.details["problem"]["status"]) == ("rejected", 409)
    assert (discarded.user, discarded.action, discarded.application) == ("boss", "dead.discarded", None)
    assert [one["id"] for one in discarded.about] == ["m2"]


def test_without_its_log_the_message_itself_is_sent_again(office, broker, log):
    body = body_of(log[0], source="/applications/app", subject="never logged", id="e-9")
    bury(broker, body, "e-9")
    office.retry("e-9", "boss")
    assert in_queue(broker, PROJECTOR) == [("e-9", body)]


def test_what_is_no_event_can_only_be_discarded(office, broker):
    bury(broker, b"\xff not json", "bad/id")
    (letter,) = office.letters.find()
    with pytest.raises(NotSendable):
        office.retry(letter.id, "boss")
    assert waiting(broker, PROJECTOR) == 0
    office.discard(letter.id, "boss")
    assert office.letters.find() == []
    with pytest.raises(NoSuchLetter):
        office.discard(letter.id, "boss")


def test_nothing_is_forgotten_that_was_not_taken_by_a_queue(office, broker, log, servers):
    bury(broker, body_of(log[0]), log[0].event_id)
    broker.queue_delete(PROJECTOR)
    with pytest.raises(BrokerUnavailable):
        office.retry(log[0].event_id, "boss")
    declare(servers.amqp_url, ())
    assert [letter.id for letter in office.letters.find()] == [log[0].event_id]
    office.retry(log[0].event_id, "boss")
    assert office.letters.find() == []


def test_copies_of_one_message_are_dealt_with_together(office, broker, log):
    for _ in range(3):
        bury(broker, body_of(log[0]), log[0].event_id)
    office.discard(log[0].event_id, "boss")
    assert waiting(broker, DEAD) == 0


def test_a_command_goes_back_to_the_queue_it_died_in(office, broker):
    broker.queue_purge("engine.app")
    body = b'[[{"command_id": "c1"}], {}, {}]'
    properties = pika.BasicProperties(headers={"id": "c1", "task": "job"}, content_type="application/json")
    broker.basic_publish("taskpool.commands", "engine.app", body, properties)
    method = next(broker.consume("engine.app", inactivity_timeout=5))[0]
    broker.basic_reject(method.delivery_tag, requeue=False)
    broker.cancel()
    (letter,) = wait_for(office)
    assert (letter.id, letter.origin, letter.reason) == ("c1", "engine.app", "rejected in engine.app")
    office.retry("c1", "boss")
    method, properties, again = broker.basic_get("engine.app", auto_ack=True)
    assert again == body
    assert properties.headers.keys() - {"x-delivery-count"} == {"id", "task"}
    assert office.letters.find() == []


def wait_for(office):
    """Dead-lettering at least once takes the broker a moment."""
    for _ in range(100):
        if found := office.letters.find():
            return found
    raise AssertionError


def test_a_broker_that_is_away_is_said_so():
    with pytest.raises(BrokerUnavailable):
        DeadLetters("amqp://guest:guest@127.0.0.1:1//").find()
