"""`taskpool access`: the broker user of an application whose processes run on another machine."""

from __future__ import annotations

import secrets

import click

from domain.errors import BrokerUnavailable
from domain.identity import APPLICATION_NAME, is_application_name
from settings import running
from store.messaging.signing import public_key_of
from store.messaging.topology import declare
from store.messaging.users import application_user, as_commands, create, virtual_host_in
from workers.fleet.broker_users import broker_user

EXPECTED = (BrokerUnavailable,)


@click.command()
@click.argument("application")
def access(application: str) -> None:
    """Make an application's queues and its RabbitMQ user; print the address, or what its broker's owner has to type."""
    if not is_application_name(application):
        raise click.BadParameter(f"names of applications match {APPLICATION_NAME}", param_hint="APPLICATION")
    settings = running()
    declare(settings.amqp_url, (application,))
    if settings.signing_key:
        # Beside the address, which scripts take as it is.
        click.echo(f"TASKPOOL_VERIFYING_KEYS={public_key_of(settings.signing_key)}", err=True)
    if settings.amqp_management_url:
        create(settings.amqp_management_url, [broker_user(settings, application)])
        click.echo(f"TASKPOOL_AMQP_URL={settings.application_amqp_url(application)}")
        return
    user = application_user(application, secrets.token_hex(20))
    click.echo("\n".join(as_commands(user, virtual_host_in(settings.amqp_url))))
