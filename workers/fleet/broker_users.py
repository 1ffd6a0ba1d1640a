"""The users that the broker knows: one for each application, so that none can speak for another."""

from __future__ import annotations

from collections.abc import Sequence

from settings import HOSTED, Settings
from store.messaging import users as broker_users
from store.messaging.users import BrokerUser, application_user


def create_users(settings: Settings, applications: Sequence[str]) -> None:
    """On a broker of our own each application has its user; on another's, its owner decides."""
    if settings.amqp_management_url:
        users = [broker_user(settings, application) for application in applications]
        broker_users.create(settings.amqp_management_url, users)


def broker_user(settings: Settings, application: str) -> BrokerUser:
    """The user of an application, with its password and rights."""
    others = settings.applications if application == HOSTED else None
    return application_user(application, settings.application_password(application), others)
