"""What engines outside and operators are answered."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from webapp.api.answers import Answer, Scalars


class RejectedRecord(Answer):
    """A record that was not taken, by its place in the batch."""

    index: int
    problem: str


class Received(Answer):
    """How many records are durably received."""

    accepted: int
    duplicates: int
    rejected: list[RejectedRecord]


class Overview(Answer):
    """How far everything is behind."""

    applications: dict[str, Scalars]
    broker: Scalars
    queues: dict[str, Scalars]
    projector_lag: int | None
    dead: int | None


class LastHour(Answer):
    """How much waited, by kind and name, at each of these times; null where who was asked did not answer."""

    now: str
    every_seconds: int
    times: list[str]
    lag: dict[str, list[float | None]]
    outbox: dict[str, list[float | None]]
    queues: dict[str, list[float | None]]


class Listed(Answer):
    """Things that wait for an operator; stores that are away are named with the reason."""

    items: list[Scalars]
    away: dict[str, str] = Field(default_factory=dict)


class Parked(Answer):
    """A parked aggregate; alone, with the event that cannot be published."""

    model_config = ConfigDict(extra="allow")

    id: str
    application: str
    reason: str


class Incident(Answer):
    """An incident."""

    model_config = ConfigDict(extra="allow")

    id: str
    application: str
    process_instance_id: str
    state: str


class DeadLetter(Answer):
    """A message that was set aside."""

    model_config = ConfigDict(extra="allow")

    id: str
    queue: str


class Decided(Answer):
    """What was decided about, under the name of what was done."""

    model_config = ConfigDict(extra="allow")


class Way(Answer):
    """How far a notice is by one way; `outcome` is null while it is not over, `reason` why the last try failed."""

    way: str
    tries: int
    outcome: Literal["sent", "failed", "dropped", "unwanted"] | None
    reason: str | None
    next: str | None


class UntoldNotice(Answer):
    """What a person, or the address of its way, was not told; `event` is what happened, where it is about a change."""

    id: str
    state: Literal["waiting", "failed", "discarded"]
    kind: Literal["assignment", "dueSoon", "overdue", "mention", "change"]
    event: str | None
    user: str | None
    task_id: str
    since: str
    ways: list[Way]


class NoticePage(Answer):
    """Notices that wait or were given up."""

    items: list[UntoldNotice]
    next: str | None


class NoticeRetried(Answer):
    """A notice that is tried again."""

    retried: UntoldNotice


class NoticesRetried(Answer):
    """How many are tried again."""

    retried: int


class NoticeDiscarded(Answer):
    """A notice that is never told."""

    discarded: UntoldNotice


class SignedIn(Answer):
    """A session of the page; `lastSeen` is when its person last did something, right to five minutes."""

    id: str
    user: str
    since: str
    last_seen: str


class SessionPage(Answer):
    """Who is signed in."""

    items: list[SignedIn]
    next: str | None


class SessionEnded(Answer):
    """A session that is over."""

    ended: SignedIn


class About(Answer):
    """What something was done to; by its opaque id, and its name where it is known."""

    kind: str
    id: str
    name: str | None


class Act(Answer):
    """Something a person did; `status` is what became of it."""

    id: str
    time: str
    user: str
    action: str
    application: str | None
    about: list[About]
    status: Literal["accepted", "rejected", "failed", "expired", "begun"]
    details: Scalars


class AuditPage(Answer):
    """Who did what."""

    items: list[Act]
    next: str | None
    away: dict[str, str]
