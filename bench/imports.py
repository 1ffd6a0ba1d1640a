"""`imports`: an engine with 100,000 tasks that nobody knows of, published one instance after the other.

The baseline writes the same events, heads and outbox rows by hand, a transaction for each instance, from what was read.
`IMPORT_TASKS=5000` measures another number instead.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from uuid import uuid4

from sqlalchemy import func, insert, select, text

from bench.harness import Result, timed
from bench.stores import fresh
from engines.spiff.saved import ready_tasks
from settings import Settings
from store.events.unit_of_work import Store
from store.sql.database import Database
from store.sql.schema import event, head, instance, outbox
from tasks.application import ProcessApplication
from tasks.operate.import_tasks import TaskImport
from tests.engines.world import one_task

COUNT, LOT = 100_000, 1000


def run(settings: Settings) -> list[Result]:
    """Tasks per second, once, as it takes minutes; and how much more memory it has at most than after a tenth."""
    count = int(os.environ.get("IMPORT_TASKS", COUNT))
    with fresh(settings, "postgresql") as database:
        application = filled(database, count)
        memory: list[float] = []
        with timed() as seconds:
            importing = TaskImport(application, database, ready_tasks)
            done = importing.run(lambda _count: memory.append(_resident()))
            ours = count / seconds()
        if (done.created, done.ended, done.unread) != (count, 0, 0):
            raise AssertionError(f"{done} of {count}")
        with timed() as seconds:
            by_hand(database, count)
            raw = count / seconds()
    early, most = memory[len(memory) // 10], max(memory)
    print(f"  resident {early:.1f} MB after a tenth, {most:.1f} MB at most", file=sys.stderr)
    return [
        Result(f"import {count:,}", round(ours, 1), round(raw, 1), round(ours / raw, 3), "tasks/s", 1),
        Result(f"import memory {count:,}", round(most, 1), round(early, 1), round(most / early, 3), "MB", 1),
    ]


def filled(database: Database, count: int) -> ProcessApplication:
    """Copies of one instance under names of their own, so that it takes seconds."""
    application = ProcessApplication(database.application)
    application.use(Store(database))
    application.deploy(one_task('<userTask id="t" name="Approve"/>'))
    with application.unit_of_work() as work:
        work.engine.start("p", {"note": "x" * 400})
    with database.transaction() as connection:
        [saved] = connection.execute(select(instance)).mappings()
        for table in ("outbox", "event", "aggregate", "instance"):
            connection.execute(text(f"DELETE FROM {table}"))
        [task] = ready_tasks(saved["state"])
        for _ in range(count // LOT):
            connection.execute(insert(instance), [_copy(dict(saved), task) for _ in range(LOT)])
    with database.transaction() as connection:
        connection.execute(text("ANALYZE"))
    return application


def _copy(saved: dict[str, object], task: str) -> dict[str, object]:
    own, name = str(saved["instance_id"]), str(uuid4())
    state = str(saved["state"]).replace(own, name).replace(task, str(uuid4()))
    return saved | {"instance_id": name, "state": state}


def by_hand(database: Database, count: int) -> None:
    """The rows that the import has made, read and written once more under other names."""
    for table in (event, head, outbox):
        with database.transaction() as connection:
            connection.execute(text(f"CREATE TABLE raw_{table.name} AS SELECT * FROM {table.name} LIMIT 0"))
    with database.reading() as connection:
        rows = {table.name: connection.scalar(select(func.count()).select_from(table)) for table in (event, head)}
        ids = connection.scalars(select(instance.c.instance_id)).all()
        sample = {table.name: dict(connection.execute(select(table).limit(1)).mappings().one()) for table in _TABLES}
    each = {name: round(total / count) for name, total in rows.items()} | {"outbox": round(rows["event"] / count)}
    for one in ids:
        with database.transaction() as connection:
            connection.scalar(select(instance.c.state).where(instance.c.instance_id == one))
            for table in _TABLES:
                columns = ", ".join(sample[table.name])
                values = ", ".join(f":{name}" for name in sample[table.name])
                statement = text(f"INSERT INTO raw_{table.name} ({columns}) VALUES ({values})")
                connection.execute(statement, [sample[table.name]] * each[table.name])


_TABLES = (event, head, outbox)


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
