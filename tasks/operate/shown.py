"""Parked aggregates, dead letters and lag as JSON: the same for the page's interface and the command line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from domain.values import iso
from store.engine.incidents import Incident
from store.health.last_hour import EVERY_SECONDS, KINDS, Sample
from store.messaging.dead_letters import DeadLetter
from store.outbox.parked import ParkedAggregate
from tasks.operate.dead_letters import command_of, event_of
from tasks.operate.operations import Overview

Json = dict[str, Any]


def overview(found: Overview) -> Json:
    """`/ops/status`."""
    applications: Json = {
        name: {"reachable": True, "outbox": lag.waiting, "oldestSeconds": round(lag.oldest_seconds, 3)}
        | {"parked": lag.parked}
        for name, lag in found.stores.items()
    }
    broker = found.away.get("rabbitmq")
    for name, reason in found.away.items():
        if name != "rabbitmq":
            applications[name] = {"reachable": False, "reason": reason}
    queues = {name: {"messages": depth[0], "consumers": depth[1]} for name, depth in found.queues.items()}
    lag = found.queues.get("taskpool.projector")
    return {
        "applications": applications,
        "broker": {"reachable": broker is None, "reason": broker},
        "queues": queues,
        "projectorLag": None if lag is None else lag[0],
        "dead": None if broker else found.dead,
    }


def last_hour(samples: Sequence[Sample], now: float) -> Json:
    """`/ops/history`: of each kind and name as many numbers as there are times."""

    def numbers(kind: str) -> dict[str, list[float | None]]:
        names = {name for one in samples for name in one.numbers[kind]}
        return {name: [one.numbers[kind].get(name) for one in samples] for name in sorted(names)}

    times = [_moment(one.at) for one in samples]
    return {
        "now": _moment(now),
        "everySeconds": EVERY_SECONDS,
        "times": times,
        **{kind: numbers(kind) for kind in KINDS},
    }


def parked(found: ParkedAggregate) -> Json:
    """One parked aggregate."""
    return {
        "id": found.key,
        "application": found.application,
        "aggregate": found.aggregate,
        "aggregateId": found.id,
        "reason": found.reason,
        "fingerprint": found.fingerprint,
        "attempts": found.attempts,
        "firstSeen": _moment(found.first_seen),
        "lastSeen": _moment(found.last_seen),
        "waiting": found.waiting,
    }


def incident(found: Incident) -> Json:
    """One incident."""
    return {
        "id": found.incident_id,
        "application": found.application,
        "processInstanceId": found.instance_id,
        "processDefinitionId": found.definition_id,
        "kind": found.kind,
        "element": found.element,
        "problem": dict(found.problem),
        "tries": found.tries,
        "created": _moment(found.created),
        "state": found.state,
        "closed": None if found.closed is None else _moment(found.closed),
        "operator": found.operator,
    }


def dead(letter: DeadLetter) -> Json:
    """One dead letter, without its body."""
    about = event_of(letter) or command_of(letter)
    key = about and about.key
    return {
        "id": letter.id,
        "queue": letter.queue,
        "reason": letter.reason,
        "died": letter.died,
        "routingKey": letter.origin,
        "application": key and key.application,
        "aggregate": key and key.aggregate,
        "aggregateId": key and key.id,
        "bytes": len(letter.body),
    }


def dead_with_body(letter: DeadLetter) -> Json:
    """One dead letter, with its body as far as it is text."""
    return {**dead(letter), "body": letter.body.decode("utf-8", "replace")}


def _moment(seconds: float) -> str:
    return iso(datetime.fromtimestamp(seconds, UTC))
