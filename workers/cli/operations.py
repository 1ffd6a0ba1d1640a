"""`taskpool parked`, `incidents` and `dead`: what operators do when the page is not enough, or does not answer."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from domain.errors import Refused, Transient
from settings import HOSTED, WEB_USER, running
from store.engine.incidents import COMMAND
from store.messaging.wakeups import Signals
from store.outbox.parked import ParkedSelection
from store.people.operator_acts import OperatorActs
from store.views.writer import connect
from tasks.operate import shown
from tasks.operate.operations import Operations, open_operations
from workers.cli.parameters import ApplicationName

as_json = click.option("--json", "as_text", is_flag=True, help="For scripts.")
application = click.option("--application", default=None, type=ApplicationName(), help="Only of this application.")
fingerprint = click.option("--fingerprint", default=None, help="Only those with the same kind of reason.")

_PARKED = ("id", "application", "aggregate", "aggregateId", "waiting", "attempts", "fingerprint", "reason")
_WHOLE, _WIDE = ("id", "fingerprint"), 240
_INCIDENT = ("id", "application", "processInstanceId", "element", "kind", "tries", "created", "problem")
_DEAD = ("id", "queue", "application", "aggregate", "aggregateId", "reason")


@click.group()
def parked() -> None:
    """Aggregates that wait because an event of theirs cannot be published."""


@click.group()
def incidents() -> None:
    """Instances whose engine failed again and again with nobody waiting."""


@click.group()
def dead() -> None:
    """Messages that were set aside."""


@parked.command("list")
@application
@fingerprint
@as_json
def list_parked(application: str | None, fingerprint: str | None, as_text: bool) -> None:
    """List what is parked, and which stores are away."""
    with _operations() as operations:
        found = operations.parked.find(ParkedSelection(application=application, fingerprint=fingerprint))
    _print([shown.parked(one) for some in found.answers.values() for one in some], _PARKED, as_text)
    _say_away(found.away)


@parked.command("show")
@click.argument("key")
def show_parked(key: str) -> None:
    """Show one parked aggregate and the event that cannot be published."""
    with _operations() as operations:
        found, event = operations.parked.show(key)
    click.echo(json.dumps(shown.parked(found) | {"event": json.loads(event) if event else None}, indent=2))


@parked.command("retry")
@click.argument("keys", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All that is parked.")
@application
@fingerprint
def retry_parked(keys: Sequence[str], everything: bool, application: str | None, fingerprint: str | None) -> None:
    """Let aggregates try again: those named, or all, or all with one kind of reason."""
    if bool(keys) == bool(everything or fingerprint or application):
        raise click.UsageError("name what to retry: ids, --fingerprint, --application or --all")
    with _operations() as operations:
        retried = [operations.parked.retry_one(key, _operator()) for key in keys]
        if not keys:
            selection = ParkedSelection(application=application, fingerprint=fingerprint)
            found = operations.parked.retry(selection, _operator())
            retried = [one for some in found.answers.values() for one in some]
            _say_away(found.away)
    click.echo(f"{len(retried)} released, {sum(one.waiting for one in retried)} events on their way.")


@parked.command("skip")
@click.argument("key")
def skip_parked(key: str) -> None:
    """Never publish the one event that cannot go (it stays in the log), and let the others follow."""
    with _operations() as operations:
        skipped = operations.parked.skip(key, _operator())
    click.echo(f"Event {skipped.position} left out, {skipped.waiting - 1} events on their way.")


@incidents.command("list")
@application
@as_json
def list_incidents(application: str | None, as_text: bool) -> None:
    """List the open incidents, and which stores are away."""
    with _operations() as operations:
        found = operations.incidents.find(application)
    lines = [shown.incident(one) for some in found.answers.values() for one in some]
    _print(
        lines if as_text else [line | {"problem": line["problem"].get("detail")} for line in lines], _INCIDENT, as_text
    )
    _say_away(found.away)


@incidents.command("show")
@click.argument("incident_id")
def show_incident(incident_id: str) -> None:
    """Show one incident with its whole problem."""
    with _operations() as operations:
        click.echo(json.dumps(shown.incident(operations.incidents.show(incident_id)), indent=2))


@incidents.command("retry")
@click.argument("incident_ids", nargs=-1, required=True)
def retry_incidents(incident_ids: Sequence[str]) -> None:
    """Close incidents and try their instances again."""
    with _operations() as operations:
        for incident_id in incident_ids:
            found = operations.incidents.retry(incident_id, _operator())
            again = "stays as it is; who asked may ask again" if found.kind == COMMAND else "is tried again"
            click.echo(f"{incident_id}: {found.instance_id} {again}")


@incidents.command("resolve")
@click.argument("incident_ids", nargs=-1, required=True)
def resolve_incidents(incident_ids: Sequence[str]) -> None:
    """Close incidents and give up; `taskpool cancel` ends an instance."""
    with _operations() as operations:
        for incident_id in incident_ids:
            found = operations.incidents.resolve(incident_id, _operator())
            click.echo(f"{incident_id}: {found.instance_id} is left as it is")


@dead.command("list")
@application
@as_json
def list_dead(application: str | None, as_text: bool) -> None:
    """List the messages that were set aside."""
    with _operations() as operations:
        found = [shown.dead(letter) for letter in operations.letters.find()]
    _print([one for one in found if application in (None, one["application"])], _DEAD, as_text)


@dead.command("show")
@click.argument("letter_id")
def show_dead(letter_id: str) -> None:
    """Show one message that was set aside, with its body."""
    with _operations() as operations:
        click.echo(json.dumps(shown.dead_with_body(operations.dead.show(letter_id)), indent=2))


@dead.command("retry")
@click.argument("letter_ids", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All that can be sent again.")
def retry_dead(letter_ids: Sequence[str], everything: bool) -> None:
    """Send messages again, as their log has them by now."""
    _for_each(letter_ids, everything, "retry")


@dead.command("discard")
@click.argument("letter_ids", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All of them.")
def discard_dead(letter_ids: Sequence[str], everything: bool) -> None:
    """Forget messages."""
    _for_each(letter_ids, everything, "discard")


def _for_each(letter_ids: Sequence[str], everything: bool, action: str) -> None:
    if bool(letter_ids) == everything:
        raise click.UsageError("name what to take: ids or --all")
    with _operations() as operations:
        names = letter_ids or list(dict.fromkeys(letter.id for letter in operations.letters.find()))
        for name in names:
            try:
                getattr(operations.dead, action)(name, _operator())
                click.echo(f"{name}: done")
            except Refused as refusal:
                if not everything:
                    raise
                click.echo(f"{name}: {refusal}", err=True)


@contextmanager
def _operations() -> Iterator[Operations]:
    """What the running system of this home is made of; expected failures are said in one line."""
    settings = running()
    names = (*settings.applications, HOSTED)
    signals = Signals(settings.redis_url)
    views = connect(settings.views_url(WEB_USER), settings.mongo_database)
    acts = OperatorActs(views)
    operations = open_operations(settings.amqp_url, settings.database_url, names, signals.wake, acts)
    try:
        yield operations
    except (Refused, Transient) as problem:
        raise click.ClickException(str(problem)) from problem
    finally:
        operations.close()
        signals.close()
        views.client.close()


def _operator() -> str:
    return f"{getpass.getuser()} (command line)"


def _say_away(away: dict[str, str]) -> None:
    for name, reason in away.items():
        click.echo(f"{name} is away: {reason}", err=True)


def _print(found: Sequence[dict[str, Any]], columns: Sequence[str], as_text: bool) -> None:
    if as_text:
        click.echo(json.dumps(found, indent=2))
        return
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_WIDE)
    table = Table()
    for name in columns:
        table.add_column(name, no_wrap=name in _WHOLE, overflow="fold")
    for one in found:
        table.add_row(*(escape(str(one[name])) for name in columns))
    console.print(table if found else "Nothing.")
