"""The commands that compare logs and views and bring views up to date."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from math import inf
from pathlib import Path
from threading import Event

import click
from rich.console import Console

from domain.aggregates.register import KINDS
from domain.drift import Forgotten
from domain.errors import Transient
from domain.values import iso
from engines.spiff.saved import ready_tasks
from settings import HOSTED, Settings, running
from store.events.log_reader import LogReader, Selection
from store.events.unit_of_work import Store
from store.health.in_flight import waiting_in_queue
from store.messaging.exchange import EventExchange
from store.messaging.topology import PROJECTOR
from store.messaging.wakeups import Signals
from store.outbox.admission import OutboxGauge
from store.personal.cipher import Keyring
from store.personal.subjects import erasing
from store.repair.ledger import Ledger
from store.repair.view_reader import ViewReader
from store.sql.database import Database
from store.views.generations import ViewPointer
from store.views.losses import Losses
from store.views.writer import connect
from tasks.erase import Eraser
from tasks.operate.import_tasks import TaskImport
from tasks.repair.compare import Comparison
from tasks.repair.reconcile import Reconciler
from tasks.repair.replay import Replay
from workers.cli.drift_report import as_json, in_words
from workers.cli.parameters import ApplicationName
from workers.console import Bar, Progress
from workers.fleet.wiring import process_application


class NoLog(Exception):
    """There is nothing to read."""


EXPECTED = (Transient, NoLog)


@click.command()
@click.option("--application", required=True, type=ApplicationName(), help="Whose log.")
@click.option("--from", "position", default=0, help="The first position in the log; all of it when not given.")
@click.option("--aggregate", "aggregates", multiple=True, type=click.Choice(sorted(KINDS)), help="Only these kinds.")
def replay(application: str, position: int, aggregates: tuple[str, ...]) -> None:
    """Send the events of an application's log to the views again; nobody else hears them."""
    settings = running()
    with opened(settings, application) as database, sender(settings) as sending:
        reader = LogReader(database, Selection(_only(application), aggregates, position))
        with Bar(f"Sending events of {application}", reader.count()) as bar:
            sent = sending.send(reader.pages(), bar.advance)
    click.echo(f"{application}: {sent} events sent to the views again.")


@click.command()
@click.option("--repair", is_flag=True, help="Mend what can be mended.")
@click.option("--json", "as_text", is_flag=True, help="For scripts.")
@click.option("--wait", default=60.0, show_default=True, help="Seconds to wait for what is in flight.")
def reconcile(repair: bool, as_text: bool, wait: float) -> None:
    """Compare engines, logs and views; exit 0 when they agree or all could be repaired, 1 otherwise."""
    settings = running()
    with reconciler(settings) as reconciling:
        total = sum(one.ledger.count() for one in reconciling.comparisons.values())
        with Bar("Comparing", total, Console(stderr=True, highlight=False) if as_text else None) as bar:
            began = datetime.now(UTC)
            report = reconciling.reconcile(repair=repair, wait=wait, on_progress=bar.advance)
    if not report.left:
        forget_losses(settings, began)
    click.echo(json.dumps(as_json(report, total), indent=2) if as_text else in_words(report, total))
    sys.exit(1 if report.left else 0)


@click.command("import-tasks")
@click.option("--application", required=True, type=ApplicationName(), help="Whose engine.")
def import_tasks(application: str) -> None:
    """Publish the tasks that wait in an engine and are not known, and end those that it no longer has.

    Can be repeated, also while people work, and goes on where it was interrupted. Exit 1 when an instance cannot be
    read.
    """
    settings = running()
    with opened(settings, application) as database:
        signals = Signals(settings.redis_url)
        store = Store(database, committed=partial(signals.wake, application), gauge=OutboxGauge(settings.outbox_limit))
        owner = process_application(settings, application, store) if application in settings.applications else None
        if owner is None:
            raise click.BadParameter(f"{application} has no engine here", param_hint="--application")
        importing = TaskImport(owner, database, ready_tasks)
        with Bar(f"Importing tasks of {application}", importing.count()) as bar:
            done = importing.run(bar.advance)
    click.echo(f"{application}: {done.created} tasks published, {done.ended} ended.")
    for instance_id, reason in done.failed.items():
        click.echo(f"instance {instance_id} cannot be read: {reason}", err=True)
    if more := done.unread - len(done.failed):
        click.echo(f"{more} more instances cannot be read", err=True)
    sys.exit(1 if done.unread else 0)


@click.command()
@click.option("--application", required=True, type=ApplicationName(), help="Whose data about the person.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.argument("subject")
def erase(application: str, subject: str, yes: bool) -> None:
    """Erase all personal data an application keeps about SUBJECT, the person's id as the application says it.

    For good: what was sealed with the person's key can be read by nobody afterwards, in no log and no backup of one.
    Repeating it goes on where it was interrupted. Exit 1 when an instance cannot be read.
    """
    settings = running()
    with opened(settings, application) as database:
        signals = Signals(settings.redis_url)
        store = Store(database, committed=partial(signals.wake, application), gauge=OutboxGauge(settings.outbox_limit))
        owner = process_application(settings, application, store) if application in settings.applications else None
        if owner is None or not owner.keeps_personal_data:
            raise click.BadParameter(f"{application} declares no personal data", param_hint="--application")
        if not yes:
            click.confirm(f"Erase all personal data of {subject!r} in {application}? Nobody can undo that", abort=True)
        with owner.unit_of_work() as work:
            work.erase(subject)
        with Progress() as progress:
            progress.step(f"Overwriting what {application} has kept of people that are erased")
            Eraser(store, owner.personal_of).finish(Event(), seconds=inf)
        with database.reading() as connection:
            is_left = any(one.subject == subject for one in erasing(connection))
    if is_left:
        click.echo(f"{application}: a saved instance cannot be read, and may name the person; see its log.", err=True)
        sys.exit(1)
    click.echo(f"{application}: erased.")


def forget_losses(settings: Settings, since: datetime) -> None:
    """What had been dropped before then is there again."""
    documents = connect(settings.mongo_url, settings.mongo_database)
    try:
        Losses(documents).forget(since)
    finally:
        documents.client.close()


@contextmanager
def reconciler(settings: Settings, generation: int | None = None) -> Iterator[Reconciler]:
    """Every store of the system, one generation of the views (else the live one), and a way to the projectors."""
    documents = connect(settings.mongo_url, settings.mongo_database)
    kept = settings.retention
    forgotten = Forgotten(*map(ago, (kept.commands, kept.history, kept.tasks)))
    names = (*settings.applications, HOSTED)
    with ExitStack() as stack:
        stack.callback(documents.client.close)
        # The logs first: without them there is no system here, and nobody to ask about views.
        ledgers = {name: Ledger(stack.enter_context(opened(settings, name))) for name in names}
        views = ViewReader(documents, generation or ViewPointer(documents).now().live)
        unwrap = Keyring(settings.personal_keys).open
        comparisons = {
            name: Comparison(name, ledger, views, ready_tasks, forgotten, unwrap) for name, ledger in ledgers.items()
        }
        yield Reconciler(comparisons, HOSTED, views, stack.enter_context(sender(settings)))


@contextmanager
def opened(settings: Settings, application: str) -> Iterator[Database]:
    """The store that holds an application's log: its own, or the one all hosted ones share."""
    owner = application if application in settings.applications else HOSTED
    url = settings.database_url(owner)
    if settings.sql_url is None and not Path(url.removeprefix("sqlite:///")).exists():
        raise NoLog(f"there is no log of {owner} below {settings.home}; has the system been started there?")
    database = Database(url, owner)
    try:
        yield database
    finally:
        database.close()


def ago(hours: float) -> str:
    """The moment so many hours before now, as views write it."""
    return iso(datetime.now(UTC) - timedelta(hours=hours))


def _only(application: str) -> str | None:
    """The host's log is that of many: its own name means all of them."""
    return None if application == HOSTED else application


@contextmanager
def sender(settings: Settings) -> Iterator[Replay]:
    """A way straight to the projectors."""
    exchange = EventExchange(settings.amqp_url, PROJECTOR)
    try:
        yield Replay(exchange, partial(waiting_in_queue, settings.amqp_url))
    finally:
        exchange.close()
