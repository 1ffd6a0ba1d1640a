"""`rebuild`: a log sent page by page and made into new, indexed, verified views, against a raw loop without a broker.

The longest only once, as it takes minutes. `REBUILD_EVENTS=40000` measures another length instead.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event
from time import time
from typing import Any
from uuid import uuid4

import orjson
from sqlalchemy import text

from bench.by_hand import entry, guarded
from bench.harness import Result, compare, timed
from bench.stores import fresh, task
from domain.aggregates.advance import Head, Origin, advance
from domain.aggregates.register import collections
from domain.aggregates.task import AssignTask, ChangeTask, CompleteTask
from domain.events.envelope import Envelope, to_cloudevent
from settings import Settings
from store.events.log_reader import LogCursor
from store.messaging.log_pages import LogQueue, LogSender
from store.messaging.topology import declare
from store.repair.ledger import Ledger
from store.repair.rebuild_progress import Filling
from store.repair.view_reader import ViewReader
from store.sql.database import Database
from store.views.generations import collection_name
from store.views.indexes import indexes
from store.views.writer import Views, prepare_generation
from tasks.repair.compare import Comparison
from tasks.repair.fill import Fill
from tasks.repair.reconcile import Reconciler
from tasks.repair.replay import Replay
from tasks.repair.stream_log import LogWanted, stream_log
from tasks.repair.verify_views import Verification
from tests.read_side import own_views

LENGTHS = (1_000, 10_000, 100_000, 1_000_000)
TOGETHER, EACH = 1000, 4
NOW = "2026-01-01T00:00:00.000Z"
_HEADS = """INSERT INTO aggregate (application, aggregate, id, generation, revision, state)
SELECT application, aggregate, aggregate_id, generation, revision, CAST(CAST(body AS json)->'data'->'state' AS text)
FROM event WHERE revision = :newest"""
_COLUMNS = "event_id, application, aggregate, aggregate_id, generation, revision, routing_key, body"


def run(settings: Settings) -> list[Result]:
    """Events per second, everything included: the goal is 4,000, and memory that does not grow."""
    declare(settings.amqp_url, ("bench",))
    asked = os.environ.get("REBUILD_EVENTS")
    if asked:
        return _measure(settings, int(asked), 1)
    return [one for length in LENGTHS for one in _measure(settings, length, 3 if length < LENGTHS[-1] else 1)]


def _measure(settings: Settings, length: int, rounds: int) -> list[Result]:
    """The rate, and how much more memory the process has at most than half way."""
    memory: list[float] = []
    with fresh(settings, "postgresql") as database, own_views(settings.mongo_url) as documents:
        _write_log(database, length)
        rebuild = partial(ours, settings, database, documents, length, memory)
        result = compare(f"rebuild {length:,}", "events/s", rebuild, partial(raw, database, documents, length), rounds)
    half, most = memory[len(memory) // 2], max(memory)
    return [
        result,
        Result(f"rebuild memory {length:,}", round(most, 1), round(half, 1), round(most / half, 3), "MB", 1),
    ]


def ours(settings: Settings, database: Database, documents: Any, length: int, memory: list[float]) -> float:
    """Begin, fill from pages another process sends, index, verify; `memory` is what it held, page by page."""
    gc.collect()
    memory[:] = [_resident()]
    filling, views = Filling(documents, uuid4().hex), Views(documents)
    with _worker(settings, database) as worker, LogQueue(settings.amqp_url) as queue, timed() as seconds:
        live, generation, progress = filling.begin()
        fill = Fill("bench", generation, progress, filling, views, partial(_ask, worker, settings.amqp_url))
        fill.from_logs(queue, ["bench"], lambda _count: memory.append(_resident()), lambda _name: None)
        filled = seconds()
        prepare_generation(documents, generation, indexes())
        indexed = seconds()
        drift = _verification(database, documents, live, generation).against_logs(0)
        verified = seconds()
        memory.append(_resident())
    count = documents[collection_name("task_history", generation)].estimated_document_count()
    if drift or count != length:
        raise AssertionError(f"{len(drift)} drifted, {count} entries in the history of {length} events")
    print(
        f"  fill {filled:.1f} s, index {indexed - filled:.1f} s, verify {verified - indexed:.1f} s; "
        f"resident {memory[0]:.0f} MB before, {memory[len(memory) // 2]:.0f} MB half way, {max(memory):.0f} MB at most",
        file=sys.stderr,
    )
    _drop(documents, generation)
    return length / verified


def raw(database: Database, documents: Any, length: int) -> float:
    """Read pages, one guarded replacement and one history entry per event, in one process; then the indexes."""
    names = {base: collection_name(base, 9) for base in collections()}
    with timed() as seconds:
        last = 0
        query = text("SELECT position, body FROM event WHERE position > :last ORDER BY position LIMIT 1000")
        while True:
            with database.reading() as connection:
                page = list(connection.execute(query, {"last": last}))
            if not page:
                break
            events = [orjson.loads(body) for _, body in page]
            documents[names["task"]].bulk_write([guarded(event) for event in events], ordered=False)
            documents[names["task_history"]].insert_many([entry(event) for event in events], ordered=False)
            last = page[-1][0]
        for base in ("task", "task_history"):
            documents[names[base]].create_indexes(list(indexes()[base]))
        rate = length / seconds()
    _drop(documents, 9)
    return rate


def _verification(database: Database, documents: Any, live: int, generation: int) -> Verification:
    views = ViewReader(documents, generation)
    comparison = Comparison("bench", Ledger(database), views, lambda _state: frozenset())
    reconciler = Reconciler({"bench": comparison}, "bench", views, Replay(_Nowhere(), lambda: 0))
    return Verification(reconciler, ViewReader(documents, live))


class _Nowhere:
    """Nothing has to be mended: what would be sent is a failure."""

    def publish(self, rows: Any) -> Any:
        raise AssertionError(f"{len(rows)} events are missing in the new views")


def _drop(documents: Any, generation: int) -> None:
    for base in collections():
        documents.drop_collection(collection_name(base, generation))
    documents.drop_collection("view_pointer")


@contextmanager
def _worker(settings: Settings, database: Database) -> Iterator[subprocess.Popen[str]]:
    """The engine's worker: another process, which answers each line that asks."""
    command = [sys.executable, "-m", "bench.rebuild", str(settings.sql_url), database.application]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = subprocess.Popen(command, **pipes, text=True, cwd=Path(__file__).parent.parent)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
    finally:
        process.kill()
        process.wait()


def _ask(worker: subprocess.Popen[str], amqp_url: str, name: str, after: LogCursor) -> None:
    wanted = {"url": amqp_url, **LogWanted("bench", name, after, time() + 60).to_plain()}
    assert worker.stdin is not None
    worker.stdin.write(f"{orjson.dumps(wanted).decode()}\n")
    worker.stdin.flush()


def _answer(url: str, application: str) -> None:
    database = Database(url, application)
    print("ready", flush=True)
    for asked in sys.stdin:
        wanted = orjson.loads(asked)
        stream_log(database, partial(LogSender, wanted["url"]), LogWanted.from_plain(wanted), Event())


def _write_log(database: Database, length: int) -> None:
    """Tasks that are created, assigned, changed and completed, a thousand of them mixed; nothing is in flight."""
    with database.engine.begin() as connection:
        connection.execute(text("DELETE FROM event"))
        connection.execute(text("DELETE FROM aggregate"))
        driver: Any = connection.connection
        with driver.cursor().copy(f"COPY event ({_COLUMNS}) FROM STDIN") as rows:
            for first in range(0, length // EACH, TOGETHER):
                made = [_life(number) for number in range(first, min(first + TOGETHER, length // EACH))]
                for step in range(EACH):
                    for life in made:
                        rows.write_row(_row(life[step]))
        connection.execute(text(_HEADS), {"newest": EACH})
    with database.engine.begin() as connection:
        connection.execute(text("ANALYZE"))


def _life(number: int) -> list[Envelope]:
    key, create = task(f"t{number}")
    steps = [create, AssignTask("ann"), ChangeTask({"description": f"step {number}"}), CompleteTask("ann", NOW)]
    return advance(Head(key, 1, 0, None), steps, Origin(NOW))[1]


def _row(envelope: Envelope) -> tuple[Any, ...]:
    key, body = envelope.key, orjson.dumps(to_cloudevent(envelope)).decode()
    names = (envelope.event_id, key.application, key.aggregate, key.id)
    return (*names, 1, envelope.revision, envelope.routing_key, body)


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    _answer(*sys.argv[1:])
