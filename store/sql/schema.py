"""The tables of one application's SQL store; on PostgreSQL they live in the schema `taskpool_<application>`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
OPEN = "open"
"""State of an incident nobody has decided about, and of a job that is to be done."""
FAILED = "failed"
"""State of a job that waits for an operator."""
metadata = MetaData(naming_convention=NAMING)
_serial = BigInteger().with_variant(Integer, "sqlite")

head = Table(
    "aggregate",
    metadata,
    Column("application", String(200), primary_key=True),
    Column("aggregate", String(40), primary_key=True),
    Column("id", String(500), primary_key=True),
    Column("generation", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("parked", Boolean, nullable=False, server_default=false()),
    Column("version", SmallInteger, nullable=False, server_default="1"),
)
"""The newest state of every aggregate, locked before deciding, kept for ever; `version` is its shape."""

event = Table(
    "event",
    metadata,
    Column("position", _serial, primary_key=True),
    Column("event_id", String(36), nullable=False, unique=True),
    Column("application", String(200), nullable=False),
    Column("aggregate", String(40), nullable=False),
    Column("aggregate_id", String(500), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("routing_key", String(255), nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("application", "aggregate", "aggregate_id", "generation", "revision"),
)
"""The permanent log; `body` is the CloudEvent exactly as it is sent. On PostgreSQL there is also `xid`, its writer."""

outbox = Table(
    "outbox",
    metadata,
    Column("position", _serial, primary_key=True, autoincrement=False),
    Column("lane", SmallInteger, nullable=False),
    Column("key", String(36), nullable=False),
    Column("size", Integer, nullable=False),
    Column("parked", Boolean, nullable=False, server_default=false()),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("not_before", Float),
    Column("created", Float, nullable=False),
)
"""Events not yet confirmed by the broker; `key` is the aggregate, `size` in bytes, times are seconds since 1970."""
Index("ix_outbox_due", outbox.c.position, postgresql_where=~outbox.c.parked, sqlite_where=~outbox.c.parked)
Index(
    "ix_outbox_later",
    outbox.c.not_before,
    postgresql_where=outbox.c.not_before.is_not(None),
    sqlite_where=outbox.c.not_before.is_not(None),
)
Index("ix_outbox_parked", outbox.c.key, postgresql_where=outbox.c.parked, sqlite_where=outbox.c.parked)

parked = Table(
    "parked",
    metadata,
    Column("application", String(200), primary_key=True),
    Column("aggregate", String(40), primary_key=True),
    Column("id", String(500), primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("first_seen", Float, nullable=False),
    Column("last_seen", Float, nullable=False),
    Column("key", String(36), nullable=False, server_default="", index=True),
    Column("fingerprint", String(16), nullable=False, server_default=""),
)
"""Aggregates whose next event cannot be published; their rows wait, an operator retries or skips."""

unparked = Table(
    "unparked",
    metadata,
    Column("number", _serial, primary_key=True),
    Column("key", String(36), nullable=False, index=True),
    Column("position", BigInteger, nullable=False),
    Column("event_id", String(36)),
    Column("reason", Text, nullable=False),
    Column("action", String(12), nullable=False),
    Column("operator", Text, nullable=False),
    Column("first_seen", Float, nullable=False),
    Column("time", Float, nullable=False),
)
"""What operators did about parked aggregates: `retried` or `skipped`, which event, and who."""
Index("ix_unparked_time", unparked.c.time, unparked.c.number)

lane = Table(
    "lane",
    metadata,
    Column("lane", SmallInteger, primary_key=True, autoincrement=False),
    Column("owner", String(80)),
    Column("epoch", BigInteger, nullable=False, server_default="0"),
    Column("lease_end", Float, nullable=False, server_default="0"),
)
"""Who may publish a lane, until when, and the number that fences whoever held it before."""

publisher = Table(
    "publisher",
    metadata,
    Column("owner", String(80), primary_key=True),
    Column("seen", Float, nullable=False),
)
"""The publishers alive now, so that lanes can be shared out."""

inbox = Table(
    "inbox",
    metadata,
    Column("consumer", String(40), primary_key=True),
    Column("message_id", String(80), primary_key=True),
    Column("received", Float, nullable=False, index=True),
)
"""Messages already handled, written in the transaction of their effect."""

definition = Table(
    "definition",
    metadata,
    Column("definition_id", String(300), primary_key=True),
    Column("application", String(200), nullable=False),
    Column("key", String(200), nullable=False),
    Column("version", Integer, nullable=False),
    Column("registered", Text, nullable=False),
    Column("source", LargeBinary, nullable=False),
    Column("compiled", Text, nullable=False),
    UniqueConstraint("application", "key", "version"),
)
"""Deployed processes: their BPMN and the engine's compiled form, stored once."""

instance = Table(
    "instance",
    metadata,
    Column("instance_id", String(80), primary_key=True),
    Column("application", String(200), nullable=False),
    Column("definition_id", String(300), nullable=False),
    Column("business_key", Text),
    Column("start_user", Text),
    Column("state", Text, nullable=False),
    Column("finished", Boolean, nullable=False),
    Column("due", String(40), index=True),
    Column("version", Integer, nullable=False),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("root_id", String(80), index=True),
    Column("suspended", Boolean, nullable=False, server_default=false()),
)
"""Process instances as their engine saves them; `due` is the next timer, later after `failures` of it.

One that a call activity has started is saved with another, `root_id`; this row only says so. While one is `suspended`
its `due` is not looked at, nor are its jobs and what it waits for.
"""


def _waiting(name: str, *more: Column[Any]) -> Table:
    """What instances wait for: an event of this kind and name."""
    return Table(
        name,
        metadata,
        Column("number", _serial, primary_key=True),
        Column("application", String(200), nullable=False),
        Column("root_id", String(80), nullable=False, index=True),
        Column("instance_id", String(80), nullable=False),
        Column("kind", String(12), nullable=False),
        Column("name", Text, nullable=False),
        Column("business_key", Text),
        *more,
    )


wait = _waiting("wait")
"""What instances wait for: a `message` or `signal` by its name."""
Index("ix_wait_name", wait.c.application, wait.c.kind, wait.c.name)

owed_event = _waiting("owed_event", Column("variables", Text, nullable=False))
"""What has come for instances that are too many for one unit of work: each gets it in its own, soon."""

start_event = Table(
    "start_event",
    metadata,
    Column("number", _serial, primary_key=True),
    Column("application", String(200), nullable=False),
    Column("key", String(200), nullable=False),
    Column("definition_id", String(300), nullable=False),
    Column("element", Text, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("name", Text, nullable=False),
    Column("due", String(40), index=True),
    Column("value", Text),
    Column("failures", Integer, nullable=False, server_default="0"),
)
"""What starts the newest version of a process beside people: a `message`, a `signal`, or a `timer` when it is `due`."""
Index("ix_start_event_key", start_event.c.application, start_event.c.key)


def _files(name: str) -> Table:
    """Files that are deployed beside processes, by a key of their own."""
    return Table(
        name,
        metadata,
        Column("application", String(200), primary_key=True),
        Column("key", String(200), primary_key=True),
        Column("version", Integer, primary_key=True),
        Column("version_tag", Text),
        Column("source", LargeBinary, nullable=False),
    )


decision = _files("decision")
"""Deployed decisions: the DMN file each is part of."""

form = _files("form")
"""Deployed forms that are files of their own."""

incident = Table(
    "incident",
    metadata,
    Column("incident_id", String(36), primary_key=True),
    Column("application", String(200), nullable=False),
    Column("instance_id", String(80), nullable=False, index=True),
    Column("definition_id", String(300), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("element", Text),
    Column("problem", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("created", Float, nullable=False),
    Column("state", String(12), nullable=False),
    Column("closed", Float),
    Column("operator", Text),
)
"""What failed again and again without a person waiting for it: `open` until an operator retries or resolves it."""
Index(
    "ix_incident_open",
    incident.c.created,
    postgresql_where=incident.c.state == OPEN,
    sqlite_where=incident.c.state == OPEN,
)
Index(
    "ix_incident_decided",
    incident.c.closed,
    incident.c.incident_id,
    postgresql_where=incident.c.operator.is_not(None),
    sqlite_where=incident.c.operator.is_not(None),
)

job = Table(
    "job",
    metadata,
    Column("job_id", String(80), primary_key=True),
    Column("application", String(200), nullable=False),
    Column("instance_id", String(80), nullable=False),
    Column("root_id", String(80), nullable=False, index=True),
    Column("definition_id", String(300), nullable=False),
    Column("definition_key", String(200), nullable=False),
    Column("business_key", Text),
    Column("element", Text, nullable=False),
    Column("topic", String(300), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("priority", BigInteger, nullable=False),
    Column("retries", Integer),
    Column("created", Float, nullable=False),
    Column("state", String(12), nullable=False),
    Column("worker_id", String(300)),
    Column("lock_end", Float),
    Column("locks", Integer, nullable=False, server_default="0"),
    Column("due", Float),
    Column("error_message", Text),
    Column("error_details", Text),
)
"""What instances wait for others to do: `open`, or `failed` with an incident; times are seconds since 1970.

`locks` counts how often somebody took it, so that the same worker's lock can be told from the one before.
"""
Index("ix_job_fetch", job.c.application, job.c.kind, job.c.topic, job.c.priority.desc(), job.c.created)

received = Table(
    "received",
    metadata,
    Column("position", _serial, primary_key=True),
    Column("application", String(200), nullable=False),
    Column("record_id", String(500), nullable=False),
    Column("subject", String(1000), nullable=False),
    Column("body", Text, nullable=False),
    Column("time", Float, nullable=False),
    Column("state", String(12), nullable=False),
    Column("problem", Text),
    UniqueConstraint("application", "record_id"),
)
"""Records from outside engines: `new`, `done` or `quarantined`."""
Index(
    "ix_received_done",
    received.c.time,
    postgresql_where=received.c.state == "done",
    sqlite_where=received.c.state == "done",
)
Index(
    "ix_received_new",
    received.c.position,
    postgresql_where=received.c.state == "new",
    sqlite_where=received.c.state == "new",
)

data_subject = Table(
    "data_subject",
    metadata,
    Column("key_id", String(32), primary_key=True),
    Column("application", String(200), nullable=False),
    Column("subject", Text),
    Column("wrapped", Text),
    Column("state", String(12), nullable=False),
    Column("created", Float, nullable=False),
    Column("erased", Float),
    UniqueConstraint("application", "subject"),
)
"""People that data is about: `live` with a key, `erasing` without, `erased` without what they were called."""
Index(
    "ix_data_subject_erasing",
    data_subject.c.erased,
    postgresql_where=data_subject.c.state == "erasing",
    sqlite_where=data_subject.c.state == "erasing",
)

setting = Table(
    "setting",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("value", Text, nullable=False),
)
"""What is true of the whole store: the log's generation, the applications registered with the host."""
