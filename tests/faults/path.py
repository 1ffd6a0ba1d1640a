"""One application's whole path on real servers, driven step by step: its database, the broker, the views."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from uuid import uuid4

import pika

from domain.access import User
from domain.requests.request import Request
from domain.values import iso
from store.engine.received import prepare_received
from store.events.unit_of_work import Store
from store.fakes.exchange_and_views import NoWakeups
from store.messaging.exchange import EventExchange
from store.messaging.topology import DEAD, PROJECTOR, declare
from store.outbox.lanes import Leases, prepare_lanes
from store.sql.database import Database, schema_name
from store.views.indexes import indexes
from store.views.writer import Views, connect
from tasks.application import ProcessApplication
from tasks.carry_out import Executor
from tasks.project import Projector
from tasks.publish import Publisher
from tests.faults import checker, log
from tests.faults.findings import Findings
from tests.faults.recorder import Recorder, waiting

ROOT = Path(__file__).parents[2]
APPROVER = User("approver1", ("approvers",))
REQUESTER = User("requester1", ("requesters",))


class WholePath:
    """Nothing moves by itself: who drives it says what happens, in which order, and who dies."""

    def __init__(self, servers, folder, *, postgresql=False):
        self.sql = servers.sql_url if postgresql else f"sqlite:///{folder}/approval.db"
        self.amqp, self.mongo, self.name = servers.amqp_url, servers.mongo_url, f"t{uuid4().hex}"
        self.database = Database(self.sql, "approval")
        self.database.migrate()
        prepare_lanes(self.database)
        with self.database.transaction() as connection:
            prepare_received(connection)
        declare(self.amqp, ("approval",))
        self.purge(PROJECTOR, DEAD)
        self.recorder = Recorder(self.amqp, f"recorder.{self.name}")
        self.recorder.declare()
        self.views = connect(self.mongo, self.name)
        Views(self.views).prepare(indexes())
        self.store = Store(self.database)
        self.application = ProcessApplication("approval")
        self.application.use(self.store)
        self.application.deploy((ROOT / "examples/approval/approval.bpmn").read_bytes())
        self.executor = Executor(self.store.begin, self.application.engine_of, lambda: datetime.now(UTC))

    def close(self):
        self.recorder.delete()
        self.views.client.drop_database(self.name)
        self.views.client.close()
        if not self.database.is_sqlite:
            with self.database.transaction() as connection:
                connection.exec_driver_sql(f"DROP SCHEMA {schema_name('approval')} CASCADE")
        self.database.close()

    def purge(self, *queues):
        with pika.BlockingConnection(pika.URLParameters(self.amqp)) as connection:
            for queue in queues:
                connection.channel().queue_purge(queue)

    def start(self):
        with self.application.unit_of_work() as work:
            return work.engine.start("approve_request", {"subject": "a chair", "amount": 9}, None, "requester1")

    def request(self, action, task=None, user=APPROVER, **arguments):
        now = datetime.now(UTC)
        until = iso(now + timedelta(seconds=60))
        return Request(str(uuid4()), "approval", action, user, iso(now), until, task, arguments)

    def publisher(self, exchange, name="publisher#next", **options):
        return Publisher(self.database, exchange, Leases(self.database, name), NoWakeups(), **options)

    def publish(self, seconds=0.5):
        exchange = EventExchange(self.amqp)
        self.publisher(exchange).run(seconds, Event())
        exchange.close()

    def project(self, views=None):
        """Apply all that waits in the projector's queue, and acknowledge it; says how many messages that were."""
        with pika.BlockingConnection(pika.URLParameters(self.amqp)) as connection:
            channel = connection.channel()
            if batch := list(waiting(channel, PROJECTOR)):
                Projector(views or Views(self.views), _refused).apply(batch)
                channel.basic_ack(batch[-1].tag, multiple=True)
        return len(batch)

    def open_task(self):
        return self.views.task.find_one({"state": "open"})

    def violations(self):
        """The kinds of violation that the checker finds now."""
        self.recorder.drain()
        findings = Findings()
        store = log.read(self.database, "approval", findings)
        checker.check_store(store, self.views, findings)
        checker.check_wire(self.recorder.first, [store], findings)
        checker.check_causes([store], findings)
        return findings.kinds


def _refused(delivery, reason):
    raise AssertionError(f"{delivery.routing_key} was set aside: {reason}")
