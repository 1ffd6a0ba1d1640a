"""The commands that compare logs and views and bring views up to date."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import click

from domain.aggregates import KINDS
from domain.errors import Transient
from settings import HOSTED, Settings, running
from store.database import Database
from store.exchange import EventExchange
from store.in_flight import waiting_in_queue
from store.log_reader import LogReader, Selection
from store.topology import PROJECTOR
from tasks.replay import Replay
from workers.console import Bar

EXPECTED = (Transient,)


@click.command()
@click.option("--application", required=True, help="Whose log.")
@click.option("--from", "position", default=0, help="The first position in the log; all of it when not given.")
@click.option("--aggregate", "aggregates", multiple=True, type=click.Choice(sorted(KINDS)), help="Only these kinds.")
def replay(application: str, position: int, aggregates: tuple[str, ...]) -> None:
    """Send the events of an application's log to the views again; nobody else hears them."""
    settings = running()
    with opened(settings, application) as database, sender(settings) as sending:
        reader = LogReader(database, Selection(application, aggregates, position))
        with Bar(f"Sending events of {application}", reader.count()) as bar:
            sent = sending.send(reader.pages(), bar.advance)
    click.echo(f"{application}: {sent} events sent to the views again.")


@contextmanager
def opened(settings: Settings, application: str) -> Iterator[Database]:
    """The store that holds an application's log: its own, or the one all hosted ones share."""
    owner = application if application in settings.applications else HOSTED
    database = Database(settings.database_url(owner), owner)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def sender(settings: Settings) -> Iterator[Replay]:
    """A way straight to the projectors."""
    exchange = EventExchange(settings.amqp_url, PROJECTOR)
    try:
        yield Replay(exchange, partial(waiting_in_queue, settings.amqp_url))
    finally:
        exchange.close()
