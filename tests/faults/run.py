"""One run: servers behind proxies, a whole system, people at work, somebody who breaks things, then the questions."""

import shutil
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pika
from pika.exceptions import AMQPError

from settings import HOSTED, START_ONE_HERE
from store.database import Database
from store.signals import Signals
from store.topology import DEAD, DEAD_COMMANDS, PROJECTOR
from store.unit_of_work import Store
from store.views import Views, connect
from tests.faults import checker, log, outside, subscribers
from tests.faults.colleagues import SecondProjector, SecondPublisher
from tests.faults.findings import Findings
from tests.faults.foreign import ForeignEngine
from tests.faults.ledger import Ledger
from tests.faults.load import People
from tests.faults.nemesis import SERVERS, Nemesis, full_deck
from tests.faults.proxy import Proxy
from tests.faults.recorder import Recorder
from tests.faults.rollbacks import Developer
from tests.faults.subscribers import Subscribers
from tests.system.running import RunningSystem, temporary_home
from workers import lifecycle
from workers.console import Progress
from workers.record import free_port

APPLICATIONS = ("approval", "invoicing", HOSTED)
SETTLING_SECONDS = 150.0
RECORDER = "recorder.faults"


@dataclass
class Result:
    """What happened, in numbers."""

    seed: object
    hits: Counter
    missed: Counter
    attempts: Counter
    outcomes: Counter
    units: Counter
    events: Counter
    checks: Counter
    violations: list
    screens: Counter
    wire: Counter
    colleagues: Counter
    timeline: list
    """What the nemesis did, and when."""
    stalls: list
    seconds: dict = field(default_factory=dict)


class World:
    """Everything of one run: the servers in one home, the system that reaches them through proxies in another."""

    def __init__(self, stack, *, postgresql=False):
        self.names = (*SERVERS, "postgresql") if postgresql else SERVERS
        self.servers_home, self.home = (stack.enter_context(temporary_home()) for _ in range(2))
        stack.callback(lifecycle.down, self.servers_home)
        sql = {"TASKPOOL_SQL_URL": START_ONE_HERE} if postgresql else {}
        environment = RunningSystem(self.servers_home, free_port(), **sql).environment
        self.servers = lifecycle.start_servers(environment, Progress())
        self.recorder = stack.enter_context(Recorder(self.servers.amqp_url, RECORDER))
        self.proxies = {
            "rabbitmq": stack.enter_context(Proxy(urlsplit(self.servers.amqp_url).port)),
            "mongodb": stack.enter_context(Proxy(urlsplit(self.servers.mongo_url).port)),
        }
        self.system = RunningSystem(self.home, free_port(), **self._addresses())
        stack.callback(self.system.down)
        self.system.up()
        self.settings = self.system.settings
        self.databases = [Database(self.settings.database_url(name), name) for name in APPLICATIONS]
        self.views = connect(self.servers.mongo_url, self.settings.mongo_database)
        stack.callback(self.views.client.close)
        for database in self.databases:
            stack.callback(database.close)

    def _addresses(self):
        amqp = self.servers.amqp_url
        ports = {name: proxy.port for name, proxy in self.proxies.items()}
        addresses = {
            "TASKPOOL_AMQP_URL": amqp.replace(f":{urlsplit(amqp).port}/", f":{ports['rabbitmq']}/"),
            # Asked for its replica set, the driver would go around the proxy.
            "TASKPOOL_MONGO_URL": f"mongodb://127.0.0.1:{ports['mongodb']}/?directConnection=true",
            "TASKPOOL_REDIS_URL": self.servers.redis_url,
        }
        return addresses | ({"TASKPOOL_SQL_URL": self.servers.sql_url} if self.servers.sql_url else {})

    def colleagues(self, stack):
        """Whoever shares the work of the system's own processes; they too reach the servers through the proxies."""
        views = connect(self.settings.mongo_url, self.settings.mongo_database)
        stack.callback(views.client.close)
        wakeups = Signals(self.servers.redis_url).listen("approval")
        database = Database(self.settings.database_url("approval"), "approval")
        stack.callback(database.close)
        yield SecondPublisher(database, self.settings.amqp_url, wakeups)
        yield SecondProjector(self.settings.amqp_url, Views(views))

    @property
    def homes(self):
        return {"server": self.servers_home, "worker": self.home}

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


def play(seed, seconds, *, deck=None, pause=(1.0, 4.0), postgresql=False, impatience=0.0, keep=None, say=print):
    """Run for this long, settle, check; the result says what was found."""
    with ExitStack() as stack:
        begun = time.monotonic()
        world = World(stack, postgresql=postgresql)
        for home in world.homes.values() if keep else ():
            stack.callback(shutil.copytree, home / "logs", keep, dirs_exist_ok=True)
        say(f"up after {time.monotonic() - begun:.0f} s")
        ledger, screens = Ledger(), Subscribers(world.system.url)
        colleagues = [stack.enter_context(one) for one in world.colleagues(stack)]
        nemesis = Nemesis(seed, world.homes, world.proxies, deck or full_deck(world.names), pause)
        times = {"start": time.monotonic() - begun}
        with screens:
            with _everybody(world, seed, ledger, impatience), nemesis:
                _wait(seconds, ledger, nemesis, say)
            times["answers"] = time.monotonic() - begun - times["start"] - seconds
            say(f"everybody has an answer after {times['answers']:.0f} s more")
            settled = time.monotonic()
            findings, stores = _settle(world, ledger, say)
        screens.catch_up()
        for words in subscribers.differences(screens.members):
            findings.expect("subscriber", False, words)
        for one in screens.members:
            one.close()
        findings.made["subscriber"] += sum(len(one.shown) for one in screens.members) + len(screens.members)
        times["settling"] = time.monotonic() - settled
        for failure in (words for one in colleagues for words in one.failures):
            findings.expect("load", False, failure)
        events = Counter(event[3] for store in stores for event in store.events.values())
        return Result(
            seed=seed,
            hits=nemesis.hits,
            missed=nemesis.missed,
            attempts=ledger.attempts,
            outcomes=ledger.outcomes,
            units=ledger.units,
            events=events,
            checks=findings.made,
            violations=findings.found,
            screens=screens.counts,
            wire=Counter(first=len(world.recorder.first), repeats=world.recorder.repeats),
            colleagues=Counter({type(one).__name__: one.done for one in colleagues}),
            timeline=nemesis.log,
            stalls=ledger.stalls,
            seconds=times,
        )


@contextmanager
def _everybody(world, seed, ledger, impatience):
    people = People(world.system.url, seed, ledger)
    for person in people.members:
        person.impatience = impatience
    people.join(ForeignEngine(world.system.url, ledger, seed))
    people.join(Developer(Store(world.databases[0]), ledger, seed))
    with people:
        yield


def _wait(seconds, ledger, nemesis, say):
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(30.0, left))
        answered = sum(asked.status is not None for asked in ledger.asked)
        say(f"{left:.0f} s left: {answered} of {len(ledger.asked)} answered, {sum(nemesis.hits.values())} hits")


def _settle(world, ledger, say):
    """Ask until everything agrees; what still does not when the time is over is a violation."""
    deadline = time.monotonic() + SETTLING_SECONDS
    while (unhealthy := world.unhealthy()) or world.in_flight():
        if time.monotonic() > deadline:
            break
        time.sleep(0.5)
    patience = 5
    before = []
    while True:
        findings = Findings()
        stores = examine(world, ledger, findings)
        for name in unhealthy:
            findings.expect("health", False, f"{name} is not healthy")
        patience = patience - 1 if findings.found == before else 5
        if not findings.found or not patience or time.monotonic() > deadline:
            return findings, stores
        before = findings.found
        say(f"not settled: {before[:3]}")
        time.sleep(3)
        unhealthy = world.unhealthy()


def examine(world, ledger, findings):
    """Everything the checker knows to ask about the system and the people."""
    stores = [log.read(database, database.application, findings) for database in world.databases]
    for store in stores:
        checker.check_store(store, world.views, findings)
    checker.check_causes(stores, findings)
    checker.check_wire(world.recorder.first, stores, findings)
    checker.check_dead(world.depths(DEAD, DEAD_COMMANDS), findings)
    outside.check_answers(ledger, stores, findings)
    outside.check_completions(ledger, stores, findings)
    outside.check_pending(ledger, world.views, findings)
    outside.check_units(ledger, stores, world.views, findings)
    outside.check_foreign(ledger, stores[-1], findings)
    for problem in ledger.problems:
        findings.expect("load", False, problem)
    return stores


def _waiting(database):
    with database.reading() as connection:
        queries = ("SELECT count(*) FROM outbox", "SELECT count(*) FROM received WHERE state = 'new'")
        return sum(connection.exec_driver_sql(query).scalar() for query in queries)
