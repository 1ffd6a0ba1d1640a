"""`taskpool try`: how models would fare here, before anybody works with them."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from engines.protocol import Services
from tasks.operate.try_models import ENDED, Result, processes_of, services_of, try_file
from workers.console import Bar


@click.command("try")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--services", type=click.Choice(["stub"]), help="Every service, job and external task does nothing.")
@click.option("--json", "as_text", is_flag=True, help="For scripts.")
def try_models(files: tuple[Path, ...], services: str | None, as_text: bool) -> None:
    """Play models in a scratch application in memory; exit 1 if a start or a completion fails.

    Each process is started, its tasks are completed with other answers each time and its timers fired, until every
    sequence flow was taken or 20 plays were made. Nothing of it reaches a system.
    """
    # Each play says again what the model leaves open.
    logging.getLogger("engines").setLevel(logging.ERROR)
    results = list(_results(files, services_of(services), quiet=as_text))
    if as_text:
        click.echo(json.dumps([asdict(result) for result in results], indent=2))
    else:
        Console(highlight=False).print(_table(results))
    raise SystemExit(any(result.failed for result in results))


def _results(files: Sequence[Path], services: Services, *, quiet: bool) -> Iterator[Result]:
    sources = {file: file.read_bytes() for file in files}
    others = {key: source for source in sources.values() for key in processes_of(source)} if len(files) > 1 else {}
    with Bar("playing", len(files), Console(stderr=quiet, highlight=False, soft_wrap=True)) as bar:
        for file, source in sources.items():
            yield from try_file(file.name, source, others, services)
            bar.advance(1)


def _table(results: Sequence[Result]) -> Table:
    table = Table("file", "process", "outcome", "plays", "tasks", "flows")
    for result in results:
        colour = "red" if result.failed else "green" if result.outcome == ENDED else "yellow"
        said = f"[{colour}]{result.outcome}[/]" + (f": {_plain(result.reason)}" if result.reason else "")
        covered = f"{result.flows_taken}/{result.flows}"
        table.add_row(result.file, result.process or "-", said, str(result.plays), str(result.tasks), covered)
    return table


def _plain(text: str) -> str:
    return text.replace("[", r"\[")
