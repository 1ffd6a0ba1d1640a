"""What operators see and do, over all applications: how far behind everything is, what is parked, what is dead."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import time

from domain.errors import BrokerUnavailable, NotFound
from domain.senders import Senders
from store.engine.instances import application_of
from store.messaging.dead_letters import QUEUES, DeadLetters
from store.messaging.topology import PROJECTOR
from store.messaging.users import user_in
from store.outbox.outbox import depth
from store.outbox.parked import Parked
from store.people.operator_acts import OperatorActs
from store.sql.database import Database
from store.sql.databases import ApplicationDatabases
from tasks.operate.dead_letters import DeadLetterOffice
from tasks.operate.incidents import IncidentsEverywhere
from tasks.operate.parked import ParkedEverywhere


@dataclass(frozen=True, slots=True)
class StoreLag:
    """How far the publishing of one store is behind; parked rows are not among the waiting ones."""

    waiting: int
    oldest_seconds: float
    parked: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The whole system at a glance; `queues` gives messages and consumers, `away` why something did not answer."""

    stores: Mapping[str, StoreLag]
    queues: Mapping[str, tuple[int, int]]
    away: Mapping[str, str]

    @property
    def dead(self) -> int:
        """How many messages are set aside."""
        return sum(self.queues[queue][0] for queue in QUEUES if queue in self.queues)


@dataclass(frozen=True, slots=True)
class Operations:
    """One per process that serves operators."""

    databases: ApplicationDatabases
    letters: DeadLetters
    parked: ParkedEverywhere
    dead: DeadLetterOffice
    incidents: IncidentsEverywhere
    acts: OperatorActs

    def overview(self) -> Overview:
        """How it all is; whatever is away is named, and the rest answers."""
        stores = self.databases.ask(_lag)
        away = dict(stores.away)
        try:
            queues = self.letters.depths([PROJECTOR, *QUEUES, *(f"engine.{name}" for name in self.databases.names)])
        except BrokerUnavailable as error:
            queues, away["rabbitmq"] = {}, str(error)
        return Overview(stores.answers, queues, away)

    def application_of(self, instance_id: str) -> str:
        """Whose instance it is, by its engine's id and asked of the stores; raises `NotFound`, `StoreUnavailable`."""

        def ask(database: Database) -> str | None:
            with database.reading() as connection:
                return application_of(connection, instance_id)

        found = self.databases.first(ask, instance_id)
        if found is None:
            raise NotFound(f"there is no process instance {instance_id!r}")
        return found

    def close(self) -> None:
        """Close every connection."""
        self.databases.close()
        self.letters.close()


def open_operations(
    amqp_url: str, url_of: Callable[[str], str], names: Sequence[str], wake: Callable[[str], None], acts: OperatorActs
) -> Operations:
    """Everything operators need; nothing is connected before it is asked for. The last name is the host's."""
    databases, letters = ApplicationDatabases(url_of, names), DeadLetters(amqp_url)
    senders = Senders(user_in(amqp_url), frozenset(names[:-1]), names[-1])
    office = DeadLetterOffice(letters, databases, acts, senders)
    parked, incidents = ParkedEverywhere(databases, wake), IncidentsEverywhere(databases)
    return Operations(databases, letters, parked, office, incidents, acts)


def _lag(database: Database) -> StoreLag:
    with database.reading() as connection:
        waiting, oldest = depth(connection)
        return StoreLag(waiting, 0.0 if oldest is None else max(time() - oldest, 0.0), Parked(connection).count())
