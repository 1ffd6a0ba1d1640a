"""The command `taskpool`: every operation of a system, each one short enough to read."""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from observe import logs
from settings import DEMO, InvalidSetting, Settings, home_of, record_of, running
from workers.cli import access as access_command
from workers.cli import demo_load as demo_load_command
from workers.cli import instances as instance_commands
from workers.cli import operations as operations_commands
from workers.cli import operator_requests, upkeep
from workers.cli import rebuild as rebuild_command
from workers.cli import try_models as try_command
from workers.cli.parameters import ApplicationName, JsonObject
from workers.console import Progress
from workers.system import foreground, lifecycle
from workers.system.processes import FLOWER_USER
from workers.system.status import ProcessStatus, as_json, status
from workers.system.supervision import NotStarted, Supervisor
from workers.system.waiting import NotComingUp

EXPECTED = (
    *(InvalidSetting, NotComingUp, NotStarted, foreground.AlreadyRunning, operator_requests.Failed),
    rebuild_command.NotShown,
    *access_command.EXPECTED,
    *upkeep.EXPECTED,
)


class _Commands(click.Group):
    """Says an expected failure in plain words."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except EXPECTED as problem:
            click.echo(f"taskpool: {problem}", err=True)
            ctx.exit(1)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """One live task list over many process engines."""
    if not logging.getLogger().handlers:
        logs.configure("taskpool", readable=sys.stderr.isatty(), level=logging.WARNING)


@main.command()
def up() -> None:
    """Start the system in the background and return when it is ready."""
    was_running = Supervisor(home_of(os.environ)).is_running()
    foreground.interruptible()
    with Progress() as progress:
        settings = lifecycle.up(os.environ, progress)
    if was_running:
        click.echo("The system is already running.")
    click.echo(_addresses(settings))


@main.command()
def run() -> None:
    """Run the system in the foreground until Ctrl-C, which stops all of it."""
    foreground.run(os.environ, lambda settings: click.echo(_addresses(settings)))


@main.command()
def down() -> None:
    """Stop the system; nothing of it is left running, its data stays."""
    was_running = lifecycle.down(home_of(os.environ))
    click.echo("Stopped." if was_running else "Nothing was running.")


@main.command("status")
@click.option("--json", "as_text", is_flag=True, help="For scripts.")
def show_status(as_text: bool) -> None:
    """Show every process, its pid and whether it answers; exit 0 only when all do."""
    settings = running()
    lines = status(settings)
    if as_text:
        click.echo(json.dumps(as_json(settings, lines), indent=2))
    else:
        _print_table(settings, lines)
    sys.stdout.flush()
    # Not sys.exit: a driver that still hangs in its thread would keep us.
    os._exit(0 if all(line.healthy for line in lines) else 1)


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--application", required=True, type=ApplicationName(), help="The application that runs the processes.")
@click.option("--strict", is_flag=True, help="Refuse what is otherwise only warned of.")
@click.option("--tenant", default=None, help="Whose the processes are, for good; without it everybody's.")
def deploy(files: tuple[Path, ...], application: str, *, strict: bool, tenant: str | None) -> None:
    """Deploy BPMN and DMN files to an application."""
    for file in files:
        click.echo(operator_requests.deploy(running(), application, file, strict=strict, tenant=tenant))


@main.command()
@click.argument("key")
@click.option("--application", required=True, type=ApplicationName(), help="The application that has the process.")
@click.option("--variables", default="{}", type=JsonObject(), help="A JSON object.")
@click.option("--business-key", default=None, help="What the people involved call the case.")
@click.option("--tenant", default=None, help="Whose the instance of a process is that is everybody's.")
def start(key: str, application: str, variables: dict[str, Any], business_key: str | None, tenant: str | None) -> None:
    """Start an instance of the newest version of a process."""
    click.echo(operator_requests.start(running(), application, key, variables, business_key, tenant))


@main.command()
@click.argument("instance")
@click.option("--application", required=True, type=ApplicationName(), help="The application whose instance it is.")
@click.option("--reason", default=None, help="Kept with the instance and its tasks.")
def cancel(instance: str, application: str, reason: str | None) -> None:
    """End an instance and its open tasks, whatever state it is in."""
    click.echo(operator_requests.cancel(running(), application, instance, reason))


main.add_command(access_command.access)
main.add_command(instance_commands.message)
main.add_command(instance_commands.signal)
main.add_command(instance_commands.instances)
main.add_command(upkeep.replay)
main.add_command(upkeep.reconcile)
main.add_command(upkeep.import_tasks)
main.add_command(upkeep.erase)
main.add_command(rebuild_command.rebuild)
main.add_command(demo_load_command.demo_load)
main.add_command(try_command.try_models)
main.add_command(operations_commands.parked)
main.add_command(operations_commands.dead)
main.add_command(operations_commands.incidents)


def _addresses(settings: Settings) -> str:
    lines = [f"Task list  {settings.url}", _flower(settings)]
    if settings.profile == DEMO:
        lines.append("Accounts   requester1 requester2 approver1 approver2 accountant1 admin (password = name)")
    return "\n".join(lines)


def _print_table(settings: Settings, lines: list[ProcessStatus]) -> None:
    table = Table("process", "role", "pid", "healthy")
    for line in lines:
        table.add_row(line.name, line.role, str(line.pid or "-"), "[green]yes" if line.healthy else "[red]no")
    console = Console(highlight=False)
    console.print(table)
    console.print(f"Task list  {settings.url}\n{_flower(settings)}", soft_wrap=True)


def _flower(settings: Settings) -> str:
    where = f"user {FLOWER_USER}, password: TASKPOOL_FLOWER_PASSWORD in {record_of(settings.home)}"
    return f"Flower     {settings.flower_url} ({where})"


if __name__ == "__main__":
    main()
