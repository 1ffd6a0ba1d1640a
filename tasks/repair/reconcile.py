"""Find where logs, views and engines disagree once nothing is in flight, and mend what can be mended."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain.aggregates.register import KINDS
from domain.drift import AHEAD, DIFFERS, ENGINE, GHOST, HISTORY, LOG, REPAIRABLE, STRANGER, Drift
from store.events.generation import raise_above
from store.events.unit_of_work import Store
from store.health.in_flight import newest_position, waiting_in_outbox
from store.repair.view_reader import Document, ViewReader
from tasks.repair.compare import Comparison
from tasks.repair.replay import Replay

CHUNK = 200
VIEW_ONLY = (GHOST, STRANGER)
ROUNDS = 6
PAUSE_SECONDS = 1.0
MENDING_SECONDS = 20.0

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Report:
    """`found` is the drift there was, `left` what is still there, `in_flight` what did not arrive in time."""

    found: Sequence[Drift]
    left: Sequence[Drift]
    in_flight: Sequence[str]


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Everything of one system: a comparison per store by application, `host` being the one of all others."""

    comparisons: Mapping[str, Comparison]
    host: str
    views: ViewReader
    replay: Replay
    pause: float = PAUSE_SECONDS

    def reconcile(self, *, repair: bool, wait: float, on_progress: Progress = lambda _: None) -> Report:
        """Compare everything, look again at what seems wrong, and repair if asked to; raises `Transient`."""
        in_flight = self.wait_until_idle(wait)
        found = self.certain(list(self.suspects(on_progress)))
        if not (repair and found):
            return Report(found, found, in_flight)
        self.repair([drift for drift in found if drift.kind in REPAIRABLE])
        return Report(found, self.mended(found, wait), in_flight)

    def wait_until_idle(self, seconds: float) -> list[str]:
        """Wait until what was logged before now has reached the projectors; names what has not in time."""
        deadline = time.monotonic() + seconds
        marks = {name: newest_position(one.ledger.database) for name, one in self.comparisons.items()}
        while busy := self._in_flight(marks):
            if time.monotonic() > deadline:
                return busy
            time.sleep(0.2)
        return []

    def suspects(self, on_progress: Progress = lambda _: None) -> Iterator[Drift]:
        """Everything that does not agree at the moment it is read."""
        for comparison in self.comparisons.values():
            for page in comparison.ledger.pages():
                yield from comparison.of_entries(page)
                on_progress(len(page))
            yield from comparison.headless()
            for instances in comparison.instances():
                yield from comparison.of_instances(instances)
        for base in KINDS:
            for documents in self.views.walk(base):
                yield from self._ghosts(base, documents)

    def again(self, suspects: Sequence[Drift]) -> list[Drift]:
        """What is wrong now with the aggregates suspected before."""
        found: list[Drift] = []
        for name, comparison in self.comparisons.items():
            mine = [drift for drift in suspects if self._owner(drift.key.application) == name]
            keys = sorted({drift.key for drift in mine})
            for start in range(0, len(keys), CHUNK):
                found += comparison.of_entries(list(comparison.ledger.entries(keys[start : start + CHUNK]).values()))
            found += self._again_as_a_whole(comparison, mine)
        for base in KINDS:
            ids = [drift.document_id for drift in suspects if drift.kind in VIEW_ONLY and drift.key.aggregate == base]
            for start in range(0, len(ids), CHUNK):
                found += self._ghosts(base, self.views.documents(base, ids[start : start + CHUNK]))
        return found

    def repair(self, drifts: Sequence[Drift]) -> None:
        """Send newest events again, all where a history has gaps; restate what views know better; end ghosts."""
        for drift in drifts:
            if drift.kind == GHOST:
                self._delete_orphan_document(drift)
            elif drift.kind == DIFFERS:
                self.views.demote(drift.key.aggregate, drift.document_id, drift.version)
        for name, comparison in self.comparisons.items():
            mine = [drift for drift in drifts if self._owner(drift.key.application) == name and drift.kind != GHOST]
            self._restate(comparison, [drift for drift in mine if drift.kind == AHEAD])
            whole = sorted({drift.key for drift in mine if drift.kind == HISTORY})
            newest = sorted({drift.key for drift in mine if drift.kind not in (AHEAD, HISTORY)})
            self.replay.send(comparison.ledger.events(newest, newest=True))
            self.replay.send(comparison.ledger.events(whole, newest=False))

    def certain(self, suspects: list[Drift]) -> list[Drift]:
        """What stays as it is when looked at again: what only was on its way moves on."""
        for _ in range(ROUNDS if suspects else 0):
            time.sleep(self.pause)
            seen, suspects = suspects, self.again(suspects)
            if set(suspects) <= set(seen):
                break
        return suspects

    def mended(self, found: Sequence[Drift], wait: float) -> list[Drift]:
        """What of it is still there after a repair has had its time."""
        deadline = time.monotonic() + MENDING_SECONDS
        self.wait_until_idle(wait)
        while left := self.again(found):
            if time.monotonic() > deadline or all(drift.kind not in REPAIRABLE for drift in left):
                return left
            time.sleep(self.pause / 2)
        return []

    def _again_as_a_whole(self, comparison: Comparison, suspects: Sequence[Drift]) -> Iterator[Drift]:
        """What a key alone does not lead to."""
        keys = {drift.key for drift in suspects}
        kinds = {drift.kind for drift in suspects}
        if LOG in kinds:
            yield from (drift for drift in comparison.headless() if drift.key in keys)
        for instances in comparison.instances() if ENGINE in kinds else ():
            yield from (drift for drift in comparison.of_instances(instances) if drift.key in keys)

    def _ghosts(self, base: str, documents: Sequence[Document]) -> Iterator[Drift]:
        told = [document for document in documents if not _is_pending(base, document)]
        for name, comparison in self.comparisons.items():
            mine = [document for document in told if self._owner(document.get("application")) == name]
            yield from comparison.of_documents(base, mine)

    def _delete_orphan_document(self, drift: Drift) -> None:
        base = drift.key.aggregate
        self.views.delete(base, drift.document_id, drift.version)
        if history := KINDS[base].history:
            self.views.forget_history(history.collection, history.named, drift.document_id)

    def _restate(self, comparison: Comparison, drifts: Sequence[Drift]) -> None:
        store = Store(comparison.ledger.database)
        for start in range(0, len(drifts), CHUNK):
            chunk = drifts[start : start + CHUNK]
            with store.begin() as work:
                raise_above(work.connection, max(drift.version[0] for drift in chunk))
                work.restate(drift.key for drift in chunk)

    def _in_flight(self, marks: Mapping[str, int]) -> list[str]:
        busy = []
        for name, comparison in self.comparisons.items():
            if count := waiting_in_outbox(comparison.ledger.database, marks[name]):
                busy.append(f"{count} events in the outbox of {name}")
        if count := self.replay.waiting():
            busy.append(f"{count} events in the projectors' queue")
        return busy

    def _owner(self, application: object) -> str:
        return application if isinstance(application, str) and application in self.comparisons else self.host


def _is_pending(base: str, document: Document) -> bool:
    """What is asked first, as a command, is in no log until it has its answer."""
    return KINDS[base].is_asked_first and document.get("generation") == 0
