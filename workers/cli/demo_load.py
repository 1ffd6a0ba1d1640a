"""`taskpool demo-load`: made-up tasks and data entries, for measuring and for trying things out."""

from __future__ import annotations

import click

from domain.errors import Transient
from settings import DEMO, running
from store.views.demo import put
from store.views.writer import connect
from tasks.operate.demo_load import APPLICATION, ENTRIES_PER_TASK, events, records, with_entry
from workers.cli import operator_requests
from workers.console import Bar

REAL = 10_000
"""Tasks that go the way of all tasks; those beyond are put straight into the views."""
LOT = 500
EXPECTED = (Transient, operator_requests.Failed)


class NotHere(click.ClickException):
    """Made-up data is for systems that are tried out."""


@click.command("demo-load")
@click.option("--tasks", "count", required=True, type=click.IntRange(1), help="How many, each with three data entries.")
@click.option("--any-profile", is_flag=True, help="Also where people work.")
def demo_load(count: int, any_profile: bool) -> None:
    """Make up COUNT tasks; whoever is in the groups team-00 to team-32 sees 3 % of them.

    The first 10,000 are told as an outside engine tells of them; those beyond are in the views only, where `taskpool
    reconcile --repair` removes them. Doing it again adds what is missing.
    """
    settings = running()
    if settings.profile != DEMO and not any_profile:
        raise NotHere("this system is not for trying things out; --any-profile does it anyway")
    real = min(count, REAL)
    told = {"data_entry": range(real * ENTRIES_PER_TASK), "task": range(real)}
    for kind, numbers in told.items():
        with Bar(f"telling of {kind.replace('_', ' ')}s", len(numbers)) as bar:
            for first in range(0, len(numbers), LOT):
                lot = numbers[first : first + LOT]
                operator_requests.send_records(settings, APPLICATION, list(records(kind, lot)))
                bar.advance(len(lot))
    if count == real:
        return
    documents = connect(settings.mongo_url, settings.mongo_database)
    more = range(real * ENTRIES_PER_TASK, count * ENTRIES_PER_TASK)
    with Bar("putting data entries into the views", len(more)) as bar:
        for done in put(documents, ((one, ()) for one in events("data_entry", more))):
            bar.advance(done)
    with Bar("putting tasks into the views", count - real) as bar:
        for done in put(documents, with_entry(range(real, count))):
            bar.advance(done)
