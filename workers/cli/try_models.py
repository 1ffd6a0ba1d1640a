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

from tasks.operate.try_models import DEPLOYED, Given, Result, processes_of, try_beside, try_file
from tasks.operate.try_play import ENDED
from workers.console import Bar


@click.command("try")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--services", type=click.Choice(["stub"]), help="Services, jobs and what is not given do nothing.")
@click.option("--json", "as_text", is_flag=True, help="For scripts.")
def try_models(files: tuple[Path, ...], services: str | None, as_text: bool) -> None:
    """Play models in a scratch application in memory; exit 1 if one fails where a person starts or completes.

    Each process is started by whatever starts it, its tasks are completed with other answers each time, its timers
    fired and the messages and signals sent that it waits for, until every sequence flow was taken, nothing new comes,
    or 20 plays were made. Nothing of it reaches a system. Files of decisions (.dmn) and forms (.form) are there for
    all processes.
    """
    # Each play says again what the model leaves open.
    logging.getLogger("engines").setLevel(logging.ERROR)
    results = list(_results(files, stub=services == "stub", quiet=as_text))
    if as_text:
        click.echo(json.dumps([asdict(result) for result in results], indent=2))
    else:
        Console(highlight=False).print(_table(results))
    raise SystemExit(any(result.failed for result in results))


def _results(files: Sequence[Path], *, stub: bool, quiet: bool) -> Iterator[Result]:
    sources = {file: file.read_bytes() for file in files}
    beside = [source for file, source in sources.items() if _is_beside(file)]
    models = {file: source for file, source in sources.items() if not _is_beside(file)}
    others = {key: source for source in models.values() for key in processes_of(source)} if len(models) > 1 else {}
    given = Given(others, beside, stub)
    with Bar("playing", len(files), Console(stderr=quiet, highlight=False, soft_wrap=True)) as bar:
        for file, source in sources.items():
            if _is_beside(file):
                yield try_beside(file.name, source)
            else:
                yield from try_file(file.name, source, given)
            bar.advance(1)


def _is_beside(file: Path) -> bool:
    return file.suffix in (".dmn", ".form", ".json")


def _table(results: Sequence[Result]) -> Table:
    table = Table("file", "process", "outcome", "plays", "tasks", "flows")
    for result in results:
        covered = f"{result.flows_taken}/{result.flows}"
        table.add_row(result.file, result.process or "-", _told(result), str(result.plays), str(result.tasks), covered)
    return table


def _told(result: Result) -> str:
    """The outcome, where and why, and what else is to be known."""
    colour = "red" if result.failed else "green" if result.outcome in (ENDED, DEPLOYED) else "yellow"
    said = f"[{colour}]{result.outcome}[/]" + (f" at {_plain(result.element)}" if result.element else "")
    said += f": {_plain(result.reason)}" if result.reason else ""
    notes = [result.note, f"not given: {', '.join(result.lacking)}" if result.lacking else None]
    return "\n".join([said, *(_plain(note) for note in notes if note)])


def _plain(text: str) -> str:
    return text.replace("[", r"\[")
