"""Compare log, views and engine of one store, a page at a time; what is found may still be in flight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from domain.aggregates.kind import Document
from domain.aggregates.register import KINDS, histories
from domain.aggregates.task import OPEN
from domain.drift import (
    ENGINE,
    GHOST,
    LOG,
    MISSING,
    NOTHING,
    STRANGER,
    Drift,
    Entry,
    Forgotten,
    judge_history,
    judge_log,
    judge_view,
    key_of,
    version_of,
)
from domain.errors import Permanent
from domain.events.envelope import from_cloudevent
from domain.events.project import project
from domain.identity import Key
from domain.personal import Unwrap, keys_in, opened_event
from store.repair.ledger import Ledger
from store.repair.saved_instances import SavedInstance, SavedInstances
from store.repair.view_reader import ViewReader

Ready = Callable[[str], frozenset[str]]
"""The ids of the tasks that wait for people in an instance as its engine saves it."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One store against the views and against its own engine."""

    application: str
    ledger: Ledger
    views: ViewReader
    ready: Ready
    forgotten: Forgotten = NOTHING
    unwrap: Unwrap | None = None
    """Opens what is sealed; without it all of that is expected to be shown as erased."""

    def of_entries(self, entries: Sequence[Entry]) -> Iterator[Drift]:
        """What is wrong with these heads in the log, in the views, in their histories, and in the engine."""
        yield from (drift for entry in entries if (drift := judge_log(entry)))
        projected: list[tuple[Entry, Document]] = []
        gone = self._gone(entries)
        for entry in entries:
            document = self._projected(entry, gone)
            if isinstance(document, Drift):
                yield document
            elif document is not None:
                projected.append((entry, document))
        yield from self._views_of(projected)
        yield from self._histories_of(entries)
        yield from self._engine_of(entries)

    def headless(self) -> Iterator[Drift]:
        """Aggregates of which the log has events but no head."""
        yield from (Drift(LOG, key, "the log has events, but there is no head") for key in self.ledger.headless())

    def of_instances(self, instances: Sequence[SavedInstance]) -> Iterator[Drift]:
        """Tasks that wait in these instances and that the log does not have open."""
        ready = [task for saved in instances for task in self._ready_in(saved)]
        keys = [Key(self.application, "task", task) for task in ready]
        known = self.ledger.entries(keys)
        for key in keys:
            state = known[key].state["state"] if key in known else "unknown"
            if state != OPEN:
                yield Drift(ENGINE, key, f"ready in its engine, {state} in the log")

    def of_documents(self, base: str, documents: Sequence[Mapping[str, Any]]) -> Iterator[Drift]:
        """Documents of this store's that are about nobody the log knows."""
        told = [(key_of(document, base), document) for document in documents]
        known = self.ledger.known([key for key, _ in told if key is not None])
        unknown = [(key, document) for key, document in told if key not in known]
        applications = {str(document.get("application")) for _, document in unknown if "application" in document}
        without = {name for name in applications if not self.ledger.has(name)}
        for key, document in unknown:
            claimed = Key(self.application, base, str(document.get("subject") or document["_id"]))
            # A log that is lost, or an application nobody told us of, must not cost the documents that are left of it.
            kind, about = GHOST, "is about nobody the log knows"
            if str(document.get("application")) in without:
                kind, about = STRANGER, f"is of {document['application']}, which has no log here"
            elif key is None:
                about = "has an id that is not that of who it is about"
            yield Drift(kind, key or claimed, f"{document['_id']} {about}", version_of(document), document["_id"])

    def instances(self) -> Iterator[list[SavedInstance]]:
        """Those that still run."""
        return SavedInstances(self.ledger.database).unfinished()

    def _views_of(self, projected: Sequence[tuple[Entry, Document]]) -> Iterator[Drift]:
        for base in {entry.key.aggregate for entry, _ in projected}:
            pairs = [(entry, document) for entry, document in projected if entry.key.aggregate == base]
            found = self.views.documents(base, [document["_id"] for _, document in pairs])
            stored = {document["_id"]: document for document in found}
            for entry, document in pairs:
                drift = judge_view(entry, document, stored.get(document["_id"]))
                if drift and not (drift.kind == MISSING and self._may_be_forgotten(document)):
                    yield drift

    def _histories_of(self, entries: Sequence[Entry]) -> Iterator[Drift]:
        for aggregate, history in histories().items():
            mine = [entry for entry in entries if entry.key.aggregate == aggregate]
            ids = [entry.key.opaque for entry in mine]
            kept = self.views.kept(history.collection, history.named, ids) if mine else {}
            short = [entry.key for entry in mine if kept.get(entry.key.opaque, 0) < entry.revision]
            expected = self._not_forgotten(short)
            for key in short:
                if drift := judge_history(key, kept.get(key.opaque, 0), expected[key]):
                    yield drift

    def _not_forgotten(self, keys: Sequence[Key]) -> Counter[Key]:
        """How many events of these are young enough to be in a history."""
        counts: Counter[Key] = Counter()
        for page in self.ledger.events(keys, newest=False):
            young = (one for one in page if orjson.loads(one.body)["time"] >= self.forgotten.history)
            counts.update(Key(one.application, one.aggregate, one.aggregate_id) for one in young)
        return counts

    def _may_be_forgotten(self, document: Document) -> bool:
        keep = KINDS[document["aggregate"]].keep
        return keep is not None and not keep.stub and document[keep.since] < getattr(self.forgotten, keep.hours)

    def _engine_of(self, entries: Sequence[Entry]) -> Iterator[Drift]:
        waiting: dict[str, list[Entry]] = {}
        for entry in entries:
            if entry.key.aggregate == "task" and entry.state["state"] == OPEN and entry.state["processInstanceId"]:
                waiting.setdefault(entry.state["processInstanceId"], []).append(entry)
        for saved in SavedInstances(self.ledger.database).named(list(waiting)):
            ready = self._ready_in(saved)
            for entry in waiting[saved.instance_id]:
                if entry.key.id not in ready:
                    yield Drift(ENGINE, entry.key, "open in the log, not ready in its engine")

    def _gone(self, entries: Sequence[Entry]) -> frozenset[str]:
        """The keys that views take for destroyed, of those with which something here is sealed."""
        used = set[str]().union(*(keys_in(entry.body or "") for entry in entries))
        return self.views.gone(used) if used else frozenset()

    def _projected(self, entry: Entry, gone: frozenset[str]) -> Document | Drift | None:
        """The document its newest event makes; None when the log lacks that event, which is another complaint."""
        if entry.body is None:
            return None
        try:
            event = orjson.loads(entry.body)
            sealed = keys_in(entry.body)
            made = project(from_cloudevent(opened_event(event, self.unwrap, gone) if sealed else event))
        except (Permanent, KeyError, TypeError, AttributeError) as error:
            return Drift(LOG, entry.key, f"the newest event cannot be projected: {type(error).__name__}: {error}")
        own = (one.document for one in made if not one.once and one.collection == entry.key.aggregate)
        return next((document for document in own if document["_id"] == entry.key.opaque), None)

    def _ready_in(self, saved: SavedInstance) -> frozenset[str]:
        return frozenset() if saved.finished else self.ready(saved.state)
