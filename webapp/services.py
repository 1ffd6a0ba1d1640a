"""What the endpoints work with, one object per process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol, cast

from flask import current_app

from domain.access import User
from domain.requests.request import Request
from domain.values import iso
from settings import Settings
from store.health.last_hour import LastHour
from store.identity.sessions import Sessions
from store.lists.acts import ActsInViews
from store.lists.attributes import Attributes
from store.lists.due_tasks import DueTasks
from store.lists.entry_list import EntryList
from store.lists.process_list import CommandList, ProcessList
from store.lists.task_list import TaskList
from store.live.hub import Hub
from store.people.changes import Changes
from store.people.left import LeftByPeople
from store.people.notices import Notices
from store.people.untold import Untold
from store.people.wishes import Calendars, WishesOfPeople
from tasks.ask import Answer, ReceivedReport
from tasks.external_tasks import ExternalTasks
from tasks.fetch_tasks import Fetching
from tasks.operate.operations import Operations
from webapp.identity.accounts import Accounts
from webapp.identity.believed import Believed
from webapp.identity.guesses import Guesses


class Asking(Protocol):
    """The way from the web to the engines."""

    def ask(self, request: Request, body_digest: str | None, wait: float) -> Answer:
        """Send one command and wait for its outcome; raises `EngineUnreachable` and `Refused`."""

    def receive(self, application: str, records: Sequence[Mapping[str, Any]], user: User) -> ReceivedReport:
        """Keep records of an outside engine durably."""

    def known(self, application: str) -> bool:
        """Whether the application has an engine here."""


@dataclass(frozen=True, slots=True)
class Services:
    """Everything an endpoint may call; a check raises when what it looks at does not answer."""

    settings: Settings
    tasks: TaskList
    entries: EntryList
    attributes: Attributes
    left: LeftByPeople
    notices: Notices
    changes: Changes
    untold: Untold
    wishes: WishesOfPeople
    calendars: Calendars
    due: DueTasks
    processes: ProcessList
    commands: CommandList
    acts: ActsInViews
    last_hour: LastHour
    hub: Hub
    asking: Asking
    accounts: Accounts
    sessions: Sessions
    guesses: Guesses
    operations: Operations
    fetching: Fetching
    external_tasks: ExternalTasks
    required_checks: Mapping[str, Callable[[], None]] = field(default_factory=dict)
    optional_checks: Mapping[str, Callable[[], None]] = field(default_factory=dict)
    believed: Believed = field(default_factory=Believed)


def services() -> Services:
    """The services of the running application."""
    return cast("Services", current_app.extensions["taskpool"])


def now() -> str:
    """The moment, as views write it."""
    return iso(datetime.now(UTC))
