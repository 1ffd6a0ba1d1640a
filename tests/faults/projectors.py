"""Projector processes as they are started, one at a time, against servers of the test's choice."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import httpx
import orjson
import pika

from domain.aggregates.advance import Head, Origin, advance
from domain.aggregates.task import CreateTask, UserTask
from domain.events.envelope import to_cloudevent
from domain.identity import Key
from store.messaging.exchange import EventExchange
from store.messaging.topology import DEAD, PROJECTOR
from store.outbox.outbox import OutboxRow
from store.views.writer import connect
from tests.faults.path import ROOT
from tests.faults.victims import within

ORIGIN = Origin("2026-01-01T00:00:00.000Z")


class Projectors:
    """The queue, the views, and a home for the processes, whose lives follow one another."""

    def __init__(self, servers, home):
        self.servers, self._home = servers, home
        self.views = connect(servers.mongo_url, f"t{uuid4().hex}")
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("TASKPOOL_")},
            "TASKPOOL_HOME": str(home),
            "TASKPOOL_PROCESS": "projector",
            "TASKPOOL_AMQP_URL": servers.amqp_url,
            "TASKPOOL_REDIS_URL": servers.redis_url,
            "TASKPOOL_MONGO_DATABASE": self.views.name,
        }
        (home / "run").mkdir()

    def close(self):
        self.views.client.drop_database(self.views.name)
        self.views.client.close()

    @contextmanager
    def life(self, module="workers.fleet.projector", mongo_url=None):
        """One process, gone afterwards."""
        command = [sys.executable, "-m", module]
        environment = self._environment | {"TASKPOOL_MONGO_URL": mongo_url or self.servers.mongo_url}
        with self._output.open("ab") as output:
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
        try:
            yield process
        finally:
            process.kill()
            process.wait(timeout=10)

    def dies(self):
        """Whether a mortal one dies of what it reads; it lives when the broker has set the message aside."""
        with self.life("tests.faults.mortal_projector") as process:
            assert within(30, lambda: process.poll() is not None or self.ready(DEAD))
            return process.poll() == -signal.SIGKILL

    def said(self, line):
        """How often the processes have logged this."""
        return self._output.read_text().count(line)

    @property
    def _output(self):
        return self._home / "projector.log"

    def publish(self, names, payload=None):
        """One new task for each of these names."""
        exchange = EventExchange(self.servers.amqp_url)
        verdicts = exchange.publish([_row(number, name, payload) for number, name in enumerate(names)])
        exchange.close()
        assert len(verdicts.confirmed) == len(names)

    def ready(self, queue):
        """Messages in a queue that nobody holds."""
        with pika.BlockingConnection(pika.URLParameters(self.servers.amqp_url)) as connection:
            return connection.channel().queue_declare(queue, passive=True).method.message_count

    def shown(self):
        """The subjects of all tasks in the views."""
        return {found["subject"] for found in self.views.task.find({}, ["subject"])}


def resident_bytes(process):
    """The memory a process has."""
    pages = Path(f"/proc/{process}/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def delivery_limit(servers, limit):
    """The projectors' queue lets go of a message after fewer deliveries than it was declared with."""
    policy = f"{servers.amqp_management_url}/api/policies/%2F/deaths"
    wanted = {"pattern": f"^{PROJECTOR}$", "definition": {"delivery-limit": limit}, "apply-to": "queues"}
    httpx.put(policy, json=wanted).raise_for_status()
    try:
        yield
    finally:
        httpx.delete(policy).raise_for_status()


def _row(number, name, payload):
    key = Key("app", "task", f"{name}-{number}")
    task = UserTask(key.id, "app", name=name, payload=payload or {})
    (event,) = advance(Head(key, 1, 0, None), [CreateTask(task)], ORIGIN)[1]
    body = orjson.dumps(to_cloudevent(event)).decode()
    return OutboxRow(number, key.lane, key.opaque, 0, event.event_id, event.routing_key, body)
