"""Bring the mirror up to date with an engine: tasks that wait in it are published, those it no longer has are ended.

An instance is a unit of work of its own, so that memory is bounded, one that cannot be read holds up no other, and what
is done is done: after a kill it goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from domain.aggregates.task import OPEN, DeleteTask
from domain.drift import Entry
from domain.errors import Transient
from domain.identity import Key
from observe.retrying import retry
from store.engine.instances import Instances
from store.events.unit_of_work import UnitOfWork
from store.repair.import_place import ImportPlace
from store.repair.ledger import Ledger
from store.repair.saved_instances import SavedInstances
from store.sql.database import Database
from tasks.application import ProcessApplication

REASON = "its engine no longer has it"
PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 0.5
MOST_NAMED = 100
"""Of the instances that cannot be read: where one cannot, for a reason that all have, there may be very many."""

Ready = Callable[[str], frozenset[str]]
"""The ids of the tasks that wait for people in an instance as its engine saves it."""


@dataclass(slots=True)
class Imported:
    """How many tasks were published and ended, how many instances could not be read, and of the first of them why."""

    created: int = 0
    ended: int = 0
    unread: int = 0
    failed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TaskImport:
    """One application's; raises `Transient` when its store, or room in the outbox, stays away."""

    application: ProcessApplication
    database: Database
    ready: Ready
    pause: float = PAUSE_SECONDS

    def count(self) -> int:
        """How much there is to look at."""
        return SavedInstances(self.database).count() + Ledger(self.database).count()

    def run(self, on_progress: Callable[[int], None] = lambda _: None) -> Imported:
        """Publish what waits in the engine, end what does not; goes on where an earlier run was interrupted."""
        report = Imported()
        place = ImportPlace(self.database)
        for page in SavedInstances(self.database).ids(place.read()):
            for instance_id in page:
                self._publish(instance_id, report)
            place.keep(page[-1])
            on_progress(len(page))
        for entries in Ledger(self.database).pages():
            for entry in self._gone(entries):
                self._end(entry, report)
            on_progress(len(entries))
        place.forget()
        return report

    def _publish(self, instance_id: str, report: Imported) -> None:
        try:
            report.created += self._patiently(lambda work: self._say_again(work, instance_id), "task.created")
        except Transient:
            raise
        except Exception as error:  # noqa: BLE001 - whatever an instance cannot be read for, the others can
            report.unread += 1
            if len(report.failed) < MOST_NAMED:
                report.failed[instance_id] = str(error) or type(error).__name__

    def _say_again(self, work: UnitOfWork, instance_id: str) -> None:
        def is_told(task_id: str) -> bool:
            key = Key(self.application.name, "task", task_id)
            return key in work.heads.look([key])

        self.application.engine_of(work).announce(instance_id, is_told)

    def _gone(self, entries: Sequence[Entry]) -> Iterator[Entry]:
        """Those that are open in the log and do not wait in an instance."""
        waiting = [
            entry
            for entry in entries
            if entry.key.aggregate == "task" and entry.state["state"] == OPEN and entry.state["processInstanceId"]
        ]
        ids = {entry.state["processInstanceId"] for entry in waiting}
        saved = SavedInstances(self.database).named(sorted(ids))
        ready = {one.instance_id: self._ready(one.state, finished=one.finished) for one in saved}
        for entry in waiting:
            if entry.key.id not in ready.get(entry.state["processInstanceId"], frozenset()):
                yield entry

    def _end(self, entry: Entry, report: Imported) -> None:
        report.ended += self._patiently(lambda work: self._end_if_gone(work, entry), "task.deleted")

    def _end_if_gone(self, work: UnitOfWork, entry: Entry) -> None:
        """Judged again with the instance held: a step may have made it, or ended it, meanwhile."""
        # Instance before task, as everybody locks them.
        still = Instances(work.connection, entry.key.application).load(entry.state["processInstanceId"])
        state = work.heads.lock([entry.key])[entry.key].state
        waits = still is not None and entry.key.id in self._ready(still.state, finished=still.finished)
        if state and state["state"] == OPEN and not waits:
            work.collect(entry.key, DeleteTask(REASON, work.origin.time))

    def _ready(self, state: str, *, finished: bool) -> frozenset[str]:
        return frozenset() if finished else self.ready(state)

    def _patiently(self, do: Callable[[UnitOfWork], None], type_: str) -> int:
        """How many events of this type it made; a full outbox and locks are waited for."""

        def once() -> int:
            with self.application.unit_of_work() as work:
                do(work.unit)
                return sum(event.type == type_ for event in work.unit.decide_and_write())

        return retry(once, on=Transient, pause=self.pause, seconds=PATIENCE_SECONDS)
