"""`taskpool rebuild`: new views beside the live ones, made from the logs, verified, and then shown."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from uuid import uuid4

import click

from domain.drift import REPAIRABLE
from domain.errors import Refused
from observe.garbage import collect_seldom
from settings import HOSTED, Settings, running
from store.events.log_reader import LogCursor, LogReader
from store.lists.task_list import Documents
from store.messaging.job_request import ask_engine
from store.messaging.log_pages import LogQueue
from store.personal.cipher import Keyring
from store.repair.carry_over import Carrying
from store.repair.rebuild_progress import Filling, drop_others, forget_others
from store.repair.view_reader import ViewReader
from store.retention.documents import ViewCleaning
from store.views.generations import LATELY_SECONDS
from store.views.indexes import indexes
from store.views.losses import Losses
from store.views.writer import Views, connect, prepare_generation
from tasks.operate.clean import of_views
from tasks.repair.fill import Fill
from tasks.repair.stream_log import STREAM_JOB, LogWanted
from tasks.repair.verify_views import Newer, Verification
from workers.cli.drift_report import line
from workers.cli.upkeep import ago, opened, reconciler
from workers.console import Bar
from workers.fleet.wiring import senders_of

SETTLE_SECONDS = 60.0
EXPIRY_SECONDS = 60.0
MAX_LINES = 20
LOT = 1000


class NotShown(Exception):
    """The new views are not what they should be, and people go on reading the old ones; the message says why."""


@click.command()
@click.option("--drop-others", is_flag=True, help="Only drop every generation of the views but the live one.")
def rebuild(drop_others: bool) -> None:
    """Make new views from the logs beside the live ones, verify them, and show them; continues what was interrupted."""
    settings = running()
    collect_seldom()
    documents = connect(settings.mongo_url, settings.mongo_database)
    try:
        with LogQueue(settings.amqp_url) as queue:
            if drop_others:
                _drop_others(documents)
            else:
                _Rebuild(settings, documents, queue).run()
    except Refused as refusal:
        raise click.ClickException(str(refusal)) from refusal
    finally:
        documents.client.close()


def _drop_others(documents: Documents) -> None:
    live = forget_others(documents)
    # Whoever has not looked at the pointer since would make a collection again by writing to it.
    time.sleep(2 * LATELY_SECONDS)
    dropped = drop_others(documents, live)
    click.echo(f"Generation {live} is live; dropped: {', '.join(dropped) or 'nothing'}.")


@dataclass(slots=True)
class _Rebuild:
    """One run."""

    settings: Settings
    documents: Documents
    queue: LogQueue

    def run(self) -> None:
        run, began = uuid4().hex, datetime.now(UTC)
        filling, views = Filling(self.documents, run), Views(self.documents)
        live, generation, progress = filling.begin()
        ask = partial(_ask, self.settings.amqp_url, run)
        unwrap = Keyring(self.settings.personal_keys).open
        fill = Fill(run, generation, progress, filling, views, ask, senders_of(self.settings), unwrap)
        self._fill(fill)
        _say("Building indexes")
        prepare_generation(self.documents, generation, indexes())
        with_log = {name for one in progress.values() for name in one.names}
        if carried := Carrying(self.documents, views, live, generation).copy(with_log):
            _say(f"Carried over {carried} documents that are in no log")
        self._verify(live, generation)
        self._clean(generation)
        filling.switch(live, generation)
        Losses(self.documents).forget(began)
        events = sum(one.events for one in progress.values())
        click.echo(
            f"Generation {generation} is live, made of {events} events. Generation {live} is kept and kept up to date; "
            "`taskpool rebuild --drop-others` drops it."
        )

    def _fill(self, fill: Fill) -> None:
        names = (*self.settings.applications, HOSTED)
        _say(f"Filling generation {fill.generation} from the logs of {', '.join(names)}")
        done = sum(one.events for one in fill.progress.values())
        with Bar("Filling", max(self._events(names), done)) as bar:
            bar.advance(done)
            fill.from_logs(self.queue, names, bar.advance, lambda name: _say(f"waiting for the log of {name}"))
        if fill.unreadable:
            _say(f"{fill.unreadable} events could not be projected; the log of this command names them")

    def _events(self, names: Sequence[str]) -> int:
        count = 0
        for name in names:
            with opened(self.settings, name) as database:
                count += LogReader(database).count()
        return count

    def _verify(self, live: int, generation: int) -> None:
        with self._verification(live, generation) as verification:
            total = sum(one.ledger.count() for one in verification.reconciler.comparisons.values())
            with Bar("Verifying", total) as bar:
                drift = verification.against_logs(SETTLE_SECONDS, bar.advance)
            wrong = [one for one in drift if one.kind in REPAIRABLE]
            if wrong:
                raise NotShown(_told([line(one) for one in wrong], "the new views are not as the logs say"))
            if newer := verification.against_live():
                raise NotShown(
                    _told(
                        [_newer(one) for one in newer],
                        "the live views know what no log does; `taskpool reconcile` names it, `--repair` mends it",
                    )
                )

    def _clean(self, generation: int) -> None:
        """What is past its retention is in the logs, and was in the views again."""
        views, kept = ViewCleaning(self.documents, generation), self.settings.retention
        for _, remove, hours in of_views(views, kept):
            while remove(ago(hours), LOT) == LOT:
                pass

    @contextmanager
    def _verification(self, live: int, generation: int) -> Iterator[Verification]:
        with reconciler(self.settings, generation) as reconciling:
            yield Verification(reconciling, ViewReader(self.documents, live))


def _ask(url: str, run: str, application: str, after: LogCursor) -> None:
    wanted = LogWanted(run, application, after, time.time() + EXPIRY_SECONDS)
    ask_engine(url, application, STREAM_JOB, wanted.to_plain())


def _newer(one: Newer) -> str:
    new = "nothing" if one.new is None else f"{one.new[0]}.{one.new[1]}"
    return f"{one.collection} {one.document_id}: live {one.live[0]}.{one.live[1]}, new {new}"


def _told(lines: Sequence[str], problem: str) -> str:
    hidden = len(lines) - MAX_LINES
    more = [f"and {hidden} more"] if hidden > 0 else []
    return "\n".join([f"not shown: {problem}", *lines[:MAX_LINES], *more])


def _say(text: str) -> None:
    click.echo(f"{text} …")
