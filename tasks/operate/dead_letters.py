"""Dead letters: what each was about, sent again as its log has it by now, or forgotten because somebody said so."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import orjson
from sqlalchemy import Connection

from domain.errors import ForgedSource, MalformedMessage, Refused
from domain.events.envelope import Envelope, from_cloudevent
from domain.requests.request import Request, from_plain
from domain.senders import Senders
from store.events.event_log import logged_event, newest_event
from store.messaging.dead_letters import DeadLetter, DeadLetters, Decide, Resend
from store.messaging.topology import COMMANDS, DEAD, PROJECTOR
from store.people.operator_acts import OperatorActs
from store.sql.database import Database
from store.sql.databases import ApplicationDatabases
from tasks.operate.noted import noted

log = logging.getLogger(__name__)

PREFIX = "dead"
"""What actions about them begin with."""
_KIND = "dead_letter"
_LINES = {"retried": "dead_letter_sent_again", "discarded": "dead_letter_discarded"}
CLOUDEVENT = {"content_type": "application/cloudevents+json", "content_encoding": "utf-8"}


class NoSuchLetter(Refused):
    """There is no such dead letter."""

    status: ClassVar[int] = 404
    slug: ClassVar[str] = "not-found"


class NotSendable(Refused):
    """It is nothing that could be sent again; it can only be discarded."""

    slug: ClassVar[str] = "not-sendable"


@dataclass(frozen=True, slots=True)
class DeadLetterOffice:
    """What operators do about dead letters."""

    letters: DeadLetters
    databases: ApplicationDatabases
    acts: OperatorActs
    senders: Senders | None = None
    """Who may speak for whom; None believes every letter."""

    def show(self, letter_id: str) -> DeadLetter:
        """One letter; raises `NoSuchLetter`."""
        found: list[DeadLetter] = []
        self.letters.resolve(letter_id, found.append)
        if not found:
            raise NoSuchLetter(f"no dead letter {letter_id}")
        return found[0]

    def retry(self, letter_id: str, operator: str) -> DeadLetter:
        """Send it again, then forget it; raises `NoSuchLetter`, `NotSendable` and `StoreUnavailable`."""
        return self._decided(letter_id, "retried", self._again, operator)

    def discard(self, letter_id: str, operator: str) -> DeadLetter:
        """Forget it; raises `NoSuchLetter` and `StoreUnavailable`."""
        return self._decided(letter_id, "discarded", lambda _: [], operator)

    def _decided(self, letter_id: str, what: str, decide: Decide, operator: str) -> DeadLetter:
        with noted(self.acts, operator, f"{PREFIX}.{what}", _KIND, letter_id) as known:
            gone = self.letters.resolve(letter_id, decide)
            if not gone:
                raise NoSuchLetter(f"no dead letter {letter_id}")
            known.tell(**_told(gone[0]))
        told = {"letter": letter_id, "copies": len(gone), "reason": gone[0].reason, "operator": operator}
        log.info(_LINES[what], extra=told)
        return gone[0]

    def _again(self, letter: DeadLetter) -> Sequence[Resend]:
        if letter.queue == DEAD:
            return self._event_again(letter)
        if not letter.origin or not isinstance(_parsed(letter.body), list | dict):
            raise NotSendable
        properties = {**letter.properties, "application_headers": dict(letter.headers)}
        return [Resend(COMMANDS.name, letter.origin, letter.body, properties)]

    def _event_again(self, letter: DeadLetter) -> list[Resend]:
        """The newest event of the aggregate makes its view right; the letter's own belongs into the history."""
        envelope = event_of(letter)
        if envelope is None:
            raise NotSendable
        found = self.databases.ask(
            lambda database: _from_log(database, envelope), [self.databases.store_of(envelope.key.application)]
        )
        bodies = next(iter(found.answers.values()), []) or [self._believed(letter, envelope.key.application)]
        return [Resend("", PROJECTOR, body, _event_properties(body)) for body in bodies]

    def _believed(self, letter: DeadLetter, application: str) -> bytes:
        """What no log can vouch for is sent again only when its sender could have sent it: we send it as ourselves."""
        try:
            if self.senders is not None:
                self.senders.check(letter.sender, application)
        except ForgedSource as error:
            raise NotSendable(f"it is in no log, and {error}") from error
        return letter.body


def event_of(letter: DeadLetter) -> Envelope | None:
    """The event a letter carries, if it is one."""
    try:
        return from_cloudevent(_parsed(letter.body))
    except MalformedMessage:
        return None


def command_of(letter: DeadLetter) -> Request | None:
    """The command a letter carries, if it is one for an engine of ours."""
    body = _parsed(letter.body)
    try:
        return from_plain(body[0][0])
    except (MalformedMessage, LookupError, TypeError):
        return None


def _from_log(database: Database, envelope: Envelope) -> list[bytes]:
    with database.reading() as connection:
        bodies = _bodies(connection, envelope)
    return [body.encode() for body in dict.fromkeys(bodies) if body is not None]


def _bodies(connection: Connection, envelope: Envelope) -> tuple[str | None, ...]:
    return logged_event(connection, envelope.event_id), newest_event(connection, envelope.key)


def _event_properties(body: bytes) -> dict[str, Any]:
    return {**CLOUDEVENT, "message_id": orjson.loads(body)["id"]}


def _told(letter: DeadLetter) -> dict[str, Any]:
    """What will be asked about it when it is gone."""
    found = event_of(letter) or command_of(letter)
    about: list[dict[str, str | None]] = [{"kind": _KIND, "id": letter.id, "name": None}]
    if found is not None:
        about.append({"kind": found.key.aggregate, "id": found.key.opaque, "name": None})
    details = {"queue": letter.queue, "reason": letter.reason, "died": letter.died}
    return {"application": found and found.key.application, "about": about, "details": details}


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
