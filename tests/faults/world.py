"""Everything of one run: the servers in one home, the system that reaches them through proxies in another."""

import contextlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pika
from pika.exceptions import AMQPError
from sqlalchemy import make_url

from settings import HOSTED, START_ONE_HERE
from store.events.unit_of_work import Store
from store.messaging.topology import PROJECTOR
from store.messaging.wakeups import Signals
from store.personal.cipher import Keyring
from store.sql.database import Database
from store.views.writer import Views, connect
from tests.faults.colleagues import SecondProjector, SecondPublisher
from tests.faults.errand_models import FOLDER
from tests.faults.proxy import Proxy
from tests.faults.recorder import Recorder
from tests.faults.surroundings import PRELOAD, Alarms, Clock, small_disk
from tests.system.running import RunningSystem, temporary_home
from workers.console import Progress
from workers.fleet.wiring import process_application
from workers.system import lifecycle
from workers.system.record import free_port

APPLICATIONS = ("approval", "invoicing", HOSTED)
RECORDER = "recorder.faults"
ROOT = Path(__file__).parents[2]


@dataclass
class Means:
    """What one needs to break things; see `Nemesis`."""

    homes: dict
    proxies: dict
    disks: dict = field(default_factory=dict)
    alarms: Alarms | None = None
    clock: Clock | None = None


class World:
    """Up when it is made; whoever leaves the stack leaves nothing of it running."""

    def __init__(self, stack, *, postgresql=False):
        self.servers_home, self.home = (stack.enter_context(temporary_home()) for _ in range(2))
        disks = {
            "mongodb": self.servers_home / "data" / "mongodb",
            "sql": self.servers_home / "data" / "postgresql" if postgresql else self.home / "data" / "sql",
        }
        disks = {target: stack.enter_context(small_disk(folder)) for target, folder in disks.items()}
        stack.callback(lifecycle.down, self.servers_home)
        sql = {"TASKPOOL_SQL_URL": START_ONE_HERE} if postgresql else {}
        environment = RunningSystem(self.servers_home, free_port(), **sql).environment
        self.servers = lifecycle.start_servers(environment, Progress())
        self.recorder = stack.enter_context(Recorder(self.servers.amqp_url, RECORDER))
        self.means = Means(
            {"server": self.servers_home, "worker": self.home},
            {name: stack.enter_context(Proxy(urlsplit(url).port)) for name, url in self._urls().items()},
            {target: disk for target, disk in disks.items() if disk},
            Alarms(self.servers_home),
            Clock(self.servers_home),
        )
        self.errands = self.servers_home / "errands"
        self.errands.mkdir()
        own = self._addresses() | self.means.clock.environment | _with_errands(self.errands)
        self.system = RunningSystem(self.home, free_port(), **own)
        stack.callback(self.system.down)
        self.system.up()
        self.settings = self.system.settings
        # Not through the proxy: who asks what is true must not be cut off.
        direct = self.servers if postgresql else self.settings
        self.databases = [Database(direct.database_url(name), name) for name in APPLICATIONS]
        self.views = connect(self.servers.mongo_url, self.settings.mongo_database)
        stack.callback(self.views.client.close)
        for database in self.databases:
            stack.callback(database.close)

    def database(self, stack, application):
        """One application's store as its own processes reach it."""
        database = Database(self.settings.database_url(application), application)
        stack.callback(database.close)
        return database

    def invoicing(self, stack):
        """The application as code of its own uses it."""
        database = self.database(stack, "invoicing")
        return process_application(self.settings, "invoicing", Store(database))

    def colleagues(self, stack):
        """Whoever shares the work of the system's own processes; they too reach the servers through the proxies."""
        views = connect(self.settings.mongo_url, self.settings.mongo_database)
        stack.callback(views.client.close)
        wakeups = Signals(self.settings.redis_url).listen("approval")
        yield SecondPublisher(self.database(stack, "approval"), self.settings.amqp_url, wakeups)
        unwrap = Keyring(self.settings.personal_keys).open
        yield SecondProjector(self.settings.amqp_url, Views(views), unwrap)

    def depths(self, *queues):
        """Messages ready, by queue."""
        with pika.BlockingConnection(pika.URLParameters(self.servers.amqp_url)) as connection:
            channel = connection.channel()
            return {queue: channel.queue_declare(queue, passive=True).method.message_count for queue in queues}

    def in_flight(self):
        """Whether something is still on its way, as far as one can see cheaply."""
        try:
            queues = self.depths(PROJECTOR, RECORDER, *(f"engine.{name}" for name in APPLICATIONS))
        except (AMQPError, OSError):
            return True
        return any(queues.values()) or any(_waiting(database) for database in self.databases)

    def unhealthy(self):
        return [one["name"] for one in self.system.status()["processes"] if not one["healthy"]]

    def _urls(self):
        servers = self.servers
        urls = {"rabbitmq": servers.amqp_url, "mongodb": servers.mongo_url, "redis": servers.redis_url}
        return urls | ({"postgresql": servers.sql_url} if servers.sql_url else {})

    def _addresses(self):
        ports = {name: proxy.port for name, proxy in self.means.proxies.items()}
        addresses = {
            "TASKPOOL_AMQP_URL": _through(self.servers.amqp_url, ports["rabbitmq"]),
            # Asked for its replica set, the driver would go around the proxy.
            "TASKPOOL_MONGO_URL": through_alone(self.servers.mongo_url, ports["mongodb"]),
            "TASKPOOL_REDIS_URL": _through(self.servers.redis_url, ports["redis"]),
        }
        if self.servers.sql_url:
            url = make_url(self.servers.sql_url).set(port=ports["postgresql"])
            addresses["TASKPOOL_SQL_URL"] = url.render_as_string(hide_password=False)
        return addresses


def _with_errands(folder):
    """The approval application with code of the run's own, which lies beside the system's."""
    paths = os.pathsep.join(map(str, (PRELOAD, ROOT)))
    return {
        "PYTHONPATH": paths,
        "TASKPOOL_APPLICATIONS": "approval=tests.faults.errand_code:application,invoicing",
        FOLDER: str(folder),
    }


def through_alone(url, port):
    """The address of one member of a replica set behind another port."""
    return _through(url, port).replace("replicaSet=rs0", "directConnection=true")


def _through(url, port):
    return url.replace(f":{urlsplit(url).port}/", f":{port}/")


def _waiting(database):
    with contextlib.closing(database.engine.connect()) as connection:
        queries = (
            "SELECT count(*) FROM outbox",
            "SELECT count(*) FROM received WHERE state = 'new'",
            "SELECT count(*) FROM data_subject WHERE state = 'erasing'",
        )
        return sum(connection.exec_driver_sql(query).scalar() for query in queries)
