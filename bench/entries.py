"""`entries`: what a data entry with one line in its log costs, and one with 10,000: a change, an event, a look."""

from __future__ import annotations

from uuid import uuid4

import orjson

from bench.harness import Result, timed
from bench.stores import fresh
from domain.access import User
from domain.aggregates.data_entry import Authorization, DataEntry, LogLine, SaveEntry, entry_key
from domain.events.envelope import from_cloudevent
from domain.events.project import project
from domain.identity import Key
from settings import Settings
from store.events.log_reader import LogCursor, LogReader, Selection
from store.events.unit_of_work import Store
from store.lists.entry_list import EntryList
from store.lists.task_list import Documents
from store.sql.database import Database
from store.views.indexes import indexes
from store.views.writer import Views, connect
from tasks.project import newest

LINES, ROUNDS, LOT = 10_000, 300, 100
ANN = User("ann")
KEY = Key("bench", "data_entry", entry_key("order", "one"))


def run(settings: Settings) -> list[Result]:
    """Microseconds a change, an event and a look; the goal is that none grows with the log."""
    documents = connect(settings.mongo_url, f"bench_{uuid4().hex[:8]}")
    Views(documents).prepare(indexes())
    try:
        with fresh(settings, "postgresql") as database:
            measured = _Measured(database, documents)
            young = measured.costs(0)
            for number in range(ROUNDS, LINES):
                _save(database, number)
            measured.project()
            old = measured.costs(LINES)
    finally:
        documents.client.drop_database(documents.name)
        documents.client.close()
    return [_result(name, old[name], cost) for name, cost in young.items()]


def _result(name: str, old: float, young: float) -> Result:
    return Result(f"entries {name} after {LINES}", round(old, 1), round(young, 1), round(old / young, 2), "us", ROUNDS)


class _Measured:
    """The store, the views, and how far the log has been projected."""

    def __init__(self, database: Database, documents: Documents) -> None:
        self._database, self._entries, self._views = database, EntryList(documents), Views(documents)
        self._reader, self._cursor = LogReader(database, Selection(aggregates=("data_entry",))), LogCursor()

    def costs(self, first: int) -> dict[str, float]:
        """Microseconds each, of so many changes from here on."""
        with timed() as changing:
            for number in range(first, first + ROUNDS):
                _save(self._database, number)
            changed = changing()
        with timed() as projecting:
            projected = projecting() if not (count := self.project()) else projecting() / count
        with timed() as looking:
            for _ in range(ROUNDS):
                self._entries.get(KEY.opaque, ANN)
                self._entries.history(KEY.opaque, 0, 50)
            seen = looking()
        return {"change": changed / ROUNDS * 1e6, "project": projected * 1e6, "look": seen / ROUNDS * 1e6}

    def project(self) -> int:
        """Everything logged since the last time; returns how many events."""
        count = 0
        while page := self._reader.page(self._cursor):
            self._cursor = page[-1].cursor
            envelopes = [from_cloudevent(orjson.loads(one.body)) for one in page]
            for first in range(0, len(envelopes), LOT):
                self._views.apply(newest([made for one in envelopes[first : first + LOT] for made in project(one)]))
            count += len(page)
        return count


def _save(database: Database, number: int) -> None:
    entry = DataEntry("order", "one", "bench", name="One", payload={"number": number})
    said = SaveEntry(entry, LogLine("ann", f"change {number}"), (Authorization(("ann",)),))
    with Store(database).begin() as work:
        work.collect(KEY, said)
