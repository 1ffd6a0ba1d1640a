"""Messages and signals that come from outside, handed to the instances of one application that wait for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.errors import NotAllowed
from domain.requests.request import Request
from engines.protocol import Engine
from store.events.unit_of_work import UnitOfWork


def correlate(work: UnitOfWork, engine: Engine, request: Request) -> Mapping[str, Any]:
    """Whom it has reached; raises `NotAllowed`, and for messages `NotFound` and `Ambiguous`."""
    if not (request.user.is_operator or request.user.application == request.application):
        raise NotAllowed("only operators and the application's own services send messages and signals")
    # Either may start instances.
    work.admit()
    said = request.arguments
    name, variables = str(said.get("name")), said.get("variables") or {}
    if request.action == "signal":
        return dict(engine.signal(name, variables))
    found = engine.correlate(
        name, said.get("businessKey"), said.get("correlation"), variables, said.get("processInstanceId")
    )
    return {"processInstanceId": found["processInstanceId"], "started": found["started"] or None}
