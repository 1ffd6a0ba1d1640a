"""Fill a new generation of the views from the logs, which their applications are asked for and send."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from time import monotonic

from domain.errors import StoreUnavailable
from domain.events.project import Projected
from domain.personal import Unwrap
from domain.senders import Senders
from observe.retrying import retry
from store.events.log_reader import LogCursor
from store.messaging.log_pages import LogPage, LogQueue
from store.repair.rebuild_progress import Filled, Filling
from store.views.mongo import UnwritableDocument
from store.views.writer import Views
from tasks.project import Projector

log = logging.getLogger(__name__)

SILENCE_SECONDS = 30.0
SAVE_SECONDS = 1.0
PATIENCE_SECONDS = 60.0

Ask = Callable[[str, LogCursor], None]
"""Asks an application for its log after a cursor."""


@dataclass(frozen=True, slots=True)
class _Event:
    body: bytes
    sender: str | None


class _Writer:
    """Writes a page while the next one is projected; what MongoDB will never take is set aside alone."""

    def __init__(self, views: Views, generation: int, set_aside: Callable[[object, str], None]) -> None:
        self._views, self._generation, self._set_aside = views, generation, set_aside
        self._thread = ThreadPoolExecutor(1, "fill")
        self._under_way: Future[None] | None = None

    def apply(self, projected: Sequence[Projected]) -> None:
        """Begin to write; raises what went wrong with the page before."""
        self.finish()
        self._under_way = self._thread.submit(self._write, projected)

    def gone(self, key_ids: Collection[str]) -> frozenset[str]:
        """What the views say."""
        return self._views.gone(key_ids)

    def finish(self) -> None:
        """Everything is written; raises `StoreUnavailable`."""
        under_way, self._under_way = self._under_way, None
        if under_way is not None:
            under_way.result()

    def _write(self, projected: Sequence[Projected]) -> None:
        try:
            self._retry_transient(projected)
        except UnwritableDocument as error:
            if len(projected) == 1:
                self._set_aside(projected[0], str(error))
                return
            for one in projected:
                self._write([one])

    def _retry_transient(self, projected: Sequence[Projected]) -> None:
        fill = partial(self._views.fill, self._generation, projected)
        retry(fill, on=StoreUnavailable, pause=0.2, seconds=PATIENCE_SECONDS)


@dataclass(slots=True)
class Fill:
    """One run; `progress` is by store and counts what an earlier run has done."""

    run: str
    generation: int
    progress: dict[str, Filled]
    filling: Filling
    views: Views
    ask: Ask
    senders: Senders | None = None
    unwrap: Unwrap | None = None
    unreadable: int = 0
    _heard: dict[str, float] = field(default_factory=dict)

    def from_logs(
        self, queue: LogQueue, names: Iterable[str], on_progress: Callable[[int], None], silent: Callable[[str], None]
    ) -> None:
        """Return when every log is in, durable; raises `Transient` and `Superseded`, and can then be continued."""
        writer = _Writer(self.views, self.generation, self._set_aside)
        projector = Projector(writer, self._set_aside, self.senders, self.unwrap)
        for name in names:
            self.progress.setdefault(name, Filled())
            self._ask(name)
        save_at = monotonic() + SAVE_SECONDS
        for page in queue.pages():
            if page is not None and page.run == self.run:
                on_progress(self._take(page, projector))
            for name in self._silent():
                silent(name)
                self._ask(name)
            if self._is_done() or monotonic() > save_at:
                writer.finish()
                self.filling.save(self.progress)
                save_at = monotonic() + SAVE_SECONDS
            if self._is_done():
                return

    def _take(self, page: LogPage, projector: Projector) -> int:
        """Pages come in order; one that is repeated, by a worker that began again, is passed over."""
        known = self.progress[page.application]
        self._heard[page.application] = monotonic()
        done = known.done or page.follows == "end"
        fresh = page.cursor > known.cursor
        if fresh:
            projector.apply([_Event(body, page.sender) for body in page.bodies])
        count = len(page.bodies) if fresh else 0
        self.progress[page.application] = Filled(
            max(page.cursor, known.cursor), known.events + count, known.names | page.names, done
        )
        if page.follows == "pause":
            self._ask(page.application)
        return count

    def _ask(self, name: str) -> None:
        if not self.progress[name].done:
            self._heard[name] = monotonic()
            self.ask(name, self.progress[name].cursor)

    def _silent(self) -> list[str]:
        limit = monotonic() - SILENCE_SECONDS
        return [name for name, at in self._heard.items() if at < limit and not self.progress[name].done]

    def _is_done(self) -> bool:
        return all(one.done for one in self.progress.values())

    def _set_aside(self, _message: object, reason: str) -> None:
        self.unreadable += 1
        log.warning("event_not_projected", extra={"reason": reason})
