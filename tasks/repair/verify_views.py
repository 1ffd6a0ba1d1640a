"""Whether a new generation of the views is as the logs say, and the live one knows nothing that it does not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from domain.aggregates.register import KINDS, histories
from domain.drift import BEHIND, HISTORY, MISSING, REPAIRABLE, Drift, Version, version_of
from domain.identity import Key
from store.repair.view_reader import ViewReader
from tasks.repair.compare import Comparison
from tasks.repair.reconcile import Reconciler

MANY = 10_000
ROUNDS = 10
PAUSE_SECONDS = 0.5

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Newer:
    """What the live views show and the new ones do not, or not as new: `live` and `new` are versions."""

    collection: str
    document_id: Any
    live: Version
    new: Version | None


@dataclass(frozen=True, slots=True)
class Verification:
    """Of the generation that `reconciler` looks at, beside the live one."""

    reconciler: Reconciler
    live: ViewReader

    def against_logs(self, wait: float, on_progress: Progress = lambda _: None) -> Sequence[Drift]:
        """Where it is not as the logs say, once nothing is in flight and after mending what can be mended."""
        self.reconciler.wait_until_idle(wait)
        found = self.reconciler.certain(list(islice(self._suspects(on_progress), MANY)))
        self.reconciler.repair([drift for drift in found if drift.kind in REPAIRABLE])
        return self.reconciler.mended(found, wait) if found else []

    def against_live(self) -> Sequence[Newer]:
        """What only the live generation knows, and still does after a while."""
        found = list(islice(self._newer(), MANY))
        for _ in range(ROUNDS if found else 0):
            time.sleep(PAUSE_SECONDS)
            found = [one for base in KINDS for one in self._newer_of(base, self._again(base, found))]
            if not found:
                break
        return found

    def _suspects(self, on_progress: Progress) -> Iterator[Drift]:
        for comparison in self.reconciler.comparisons.values():
            for page in comparison.ledger.versions():
                yield from _behind(comparison, page)
                yield from _short(comparison, page)
                on_progress(len(page))

    def _newer(self) -> Iterator[Newer]:
        for base in KINDS:
            for page in self.live.walk(base):
                yield from self._newer_of(base, {one["_id"]: version_of(one) for one in page})

    def _newer_of(self, base: str, live: dict[Any, Version]) -> Iterator[Newer]:
        new = self.reconciler.views.versions(base, list(live))
        for document_id, version in live.items():
            if document_id not in new or new[document_id] < version:
                yield Newer(base, document_id, version, new.get(document_id))

    def _again(self, base: str, found: Sequence[Newer]) -> dict[Any, Version]:
        return self.live.versions(base, [one.document_id for one in found if one.collection == base])


def _behind(comparison: Comparison, page: Sequence[tuple[Key, Version]]) -> Iterator[Drift]:
    for base in {key.aggregate for key, _ in page}:
        logged = {key.opaque: (key, version) for key, version in page if key.aggregate == base}
        stored = comparison.views.versions(base, list(logged))
        for document_id, (key, version) in logged.items():
            if stored.get(document_id, (0, 0)) < version:
                kind = BEHIND if document_id in stored else MISSING
                yield Drift(kind, key, "behind the log", stored.get(document_id, (0, 0)))


def _short(comparison: Comparison, page: Sequence[tuple[Key, Version]]) -> Iterator[Drift]:
    for aggregate, history in histories().items():
        revisions = {key.opaque: (key, version[1]) for key, version in page if key.aggregate == aggregate}
        kept = comparison.views.kept(history.collection, history.named, list(revisions)) if revisions else {}
        for document_id, (key, revision) in revisions.items():
            if kept.get(document_id, 0) < revision:
                yield Drift(HISTORY, key, "events are missing in the history")
