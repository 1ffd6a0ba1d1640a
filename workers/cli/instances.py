"""`taskpool message`, `signal` and `instances`: what reaches processes from outside, and what operators do to them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import click

from settings import running
from workers.cli import instance_requests
from workers.cli.parameters import ApplicationName, JsonObject

of_application = click.option("--application", required=True, type=ApplicationName(), help="Whose it is.")
reason = click.option("--reason", default=None, help="Kept with the instance.")
variables = click.option("--variables", default="{}", type=JsonObject(), help="A JSON object.")


@click.command()
@click.argument("name")
@of_application
@click.option("--business-key", default=None, help="Of the instance that is meant.")
@click.option("--correlation", default="{}", type=JsonObject(), help="Variables that instance has.")
@click.option("--instance", default=None, help="The engine's id of the instance that is meant.")
@variables
def message(  # noqa: PLR0917 - each is an option
    name: str,
    application: str,
    business_key: str | None,
    correlation: dict[str, Any],
    instance: str | None,
    variables: dict[str, Any],
) -> None:
    """Give a message to the instance that waits for it, or to the process it starts."""
    about = {"businessKey": business_key, "correlation": correlation, "processInstanceId": instance}
    said = {"application": application, "name": name, "variables": variables, **about}
    click.echo(instance_requests.message(running(), said))


@click.command()
@click.argument("name")
@click.option("--application", default=None, type=ApplicationName(), help="Only this one; else all.")
@variables
def signal(name: str, application: str | None, variables: dict[str, Any]) -> None:
    """Give a signal to all instances that wait for it, and start what it starts."""
    for line in instance_requests.signal(running(), application, name, variables):
        click.echo(line)


@click.group()
def instances() -> None:
    """Process instances: where they stand, and what is done to them by hand."""


@instances.command()
@click.argument("instance")
@of_application
@click.option("--json", "as_text", is_flag=True, help="For scripts.")
def show(instance: str, application: str, as_text: bool) -> None:
    """Show an instance and where it stands."""
    found = instance_requests.show(running(), application, instance)
    if as_text:
        click.echo(json.dumps(found, indent=2))
        return
    about = found["instance"]
    key = f", {about['businessKey']}" if about["businessKey"] else ""
    click.echo(f"{about['processInstanceId']}: {about['state'].lower()}, {about['processDefinitionId']}{key}")
    for one in found["activities"]:
        name = f" ({one['name']})" if one["name"] else ""
        more = one["calledInstanceId"] or one["incident"] or ""
        click.echo(f"  {one['element']}{name}: {one['type']} since {one['since']} {more}".rstrip())


@instances.command()
@click.argument("instance")
@of_application
@reason
def suspend(instance: str, application: str, reason: str | None) -> None:
    """Hold an instance: nothing in it goes on, and its tasks cannot be completed."""
    click.echo(instance_requests.do(running(), application, instance, "suspend", {"reason": reason}))


@instances.command()
@click.argument("instance")
@of_application
@reason
def resume(instance: str, application: str, reason: str | None) -> None:
    """Let a suspended instance go on."""
    click.echo(instance_requests.do(running(), application, instance, "resume", {"reason": reason}))


@instances.command("variables")
@click.argument("instance")
@of_application
@click.option("--set", "values", default="{}", type=JsonObject(), help="A JSON object.")
@click.option("--remove", "removed", multiple=True, help="A variable that is gone; may be said several times.")
@reason
def change_variables(
    instance: str, application: str, values: dict[str, Any], removed: Sequence[str], reason: str | None
) -> None:
    """Change variables of an instance, which may let it go on."""
    said = {"variables": values, "removed": list(removed), "reason": reason}
    click.echo(instance_requests.do(running(), application, instance, "variables", said))


@instances.command()
@click.argument("instance")
@of_application
@click.option("--from", "source", required=True, help="The element where it is now.")
@click.option("--to", "target", default=None, help="Before which element it goes on; without, behind the one it is at.")
@reason
def move(instance: str, application: str, source: str, target: str | None, reason: str | None) -> None:
    """End what is at an element of an instance, and go on before another or behind it."""
    said = {"from": source, "to": target, "reason": reason}
    click.echo(instance_requests.do(running(), application, instance, "move", said))


@instances.command()
@click.argument("instance", required=False)
@of_application
@click.option("--from", "source", default=None, help="The definition whose instances are meant; without INSTANCE.")
@click.option("--to", "target", required=True, help="The definition they are of afterwards.")
@click.option("--dry-run", is_flag=True, help="Only say what would be.")
@reason
def migrate(  # noqa: PLR0917 - each is an option
    instance: str | None, application: str, source: str | None, target: str, dry_run: bool, reason: str | None
) -> None:
    """Make one instance, or all of a version, instances of another version of their process."""
    if (instance is None) == (source is None):
        raise click.UsageError("name what to migrate: INSTANCE or --from")
    said = {"to": target, "dryRun": dry_run, "reason": reason}
    settings, done, left = running(), 0, 0
    ask: Callable[[], Any] = (
        (lambda: instance_requests.migrate_one(settings, application, instance, said))
        if instance
        else (lambda: instance_requests.migrate_all(settings, application, {**said, "from": source}))
    )
    for answer in ask():
        done, left = done + len(answer["migrated"]), left + len(answer["left"])
        for one in answer["left"]:
            click.echo(f"{one['processInstanceId']}: {'; '.join(one['problems'])}", err=True)
    click.echo(f"{done} {'can be' if dry_run else 'are'} migrated, {left} stay as they are.")
