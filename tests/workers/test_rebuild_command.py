"""`taskpool rebuild` over the store of the host alone: shown when it agrees with the log, refused when it does not."""

from dataclasses import replace
from functools import partial
from threading import Event, Thread
from time import time

import pytest

from domain.aggregates.advance import Origin
from domain.aggregates.process_instance import FINISHED, MoveInstance, ProcessInstance, StartInstance
from domain.aggregates.task import CompleteTask, CreateTask, UserTask
from domain.identity import Key
from settings import HOSTED, Retention
from store.events.log_reader import LogReader
from store.events.unit_of_work import Store
from store.messaging.log_pages import LogQueue, LogSender
from store.messaging.topology import declare
from store.views.generations import Generations, ViewPointer
from tasks.repair.stream_log import LogWanted, stream_log
from tests.read_side import own_views
from tests.support.platform import Straight
from workers.cli import rebuild as rebuild_command
from workers.cli.rebuild import NotShown, _Rebuild
from workers.fleet.wiring import prepared_database

pytestmark = pytest.mark.servers
LONG_AGO = "2020-01-01T00:00:00.000Z"


@pytest.fixture
def documents(servers):
    with own_views(servers.mongo_url) as opened:
        yield opened


@pytest.fixture
def rebuild(servers, documents, monkeypatch):
    """A rebuild of a system that has a host only, whose worker is a thread."""
    declare(servers.amqp_url, (HOSTED,))
    settings = replace(servers, applications=(), mongo_database=documents.name, retention=Retention())
    database = prepared_database(settings, HOSTED)
    straight, store = Straight(documents), Store(database)
    with store.begin(Origin(LONG_AGO)) as work:
        for name in ("t1", "t2"):
            work.collect(Key(documents.name, "task", name), CreateTask(UserTask(name, documents.name)))
    with store.begin(Origin(LONG_AGO)) as work:
        work.collect(Key(documents.name, "task", "t2"), CompleteTask("ann", LONG_AGO))
        instance = Key(documents.name, "process_instance", "i1")
        work.collect(instance, StartInstance(ProcessInstance("i1", documents.name)))
        work.collect(instance, MoveInstance(FINISHED, LONG_AGO))
    for page in LogReader(database).pages():
        straight.publish(page)

    def ask(url, run, name, after):
        wanted = LogWanted(run, name, after, time() + 60)
        Thread(target=stream_log, args=(database, partial(LogSender, url), wanted, Event())).start()

    monkeypatch.setattr(rebuild_command, "_ask", ask)
    monkeypatch.setattr(rebuild_command, "SETTLE_SECONDS", 0.0)
    yield lambda: _run(settings, documents)
    database.close()


def _run(settings, documents):
    with LogQueue(settings.amqp_url) as queue:
        _Rebuild(settings, documents, queue).run()


def test_what_agrees_with_the_log_is_shown_without_what_is_past_its_retention(rebuild, documents, capsys):
    rebuild()
    assert "Generation 2 is live" in capsys.readouterr().out
    assert ViewPointer(documents).now() == Generations(live=2, kept=1)
    mine = {"application": documents.name}
    assert {one["subject"]: one["state"] for one in documents["task.g2"].find(mine)} == {"t1": "open", "t2": "stub"}
    assert [one["state"] for one in documents["process_instance.g2"].find(mine)] == ["stub"]
    assert documents["task_history.g2"].count_documents({}) == 0


def test_what_the_live_views_alone_know_is_not_hidden(rebuild, documents):
    documents["task"].update_one({"subject": "t1"}, {"$set": {"revision": 9}})
    with pytest.raises(NotShown, match=r"live 1\.9, new 1\.1"):
        rebuild()
    assert ViewPointer(documents).now() == Generations(live=1, filling=2)
    documents["task"].update_one({"subject": "t1"}, {"$set": {"revision": 1}})
    rebuild()
    assert ViewPointer(documents).now().live == 2
