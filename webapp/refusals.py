"""Whoever tries what the web itself does not allow is written down for operators: no engine is asked of it."""

from __future__ import annotations

import logging
from typing import Final

from flask import Flask, Response, g, request

from domain.acts import Act
from domain.errors import NotAllowed, Refused, StoreUnavailable
from domain.identity import derived_id
from tasks.operate.audit import REQUEST
from webapp.problems import refused
from webapp.services import now, services

MOST_TIMES: Final = 100
"""Of one person at one address of the API in one hour: whoever goes on after that is as well known."""
MOST_PATHS: Final = 20
_AN_HOUR: Final = len("2026-01-01T00")
_LONGEST: Final = 200

log = logging.getLogger(__name__)


def install(app: Flask) -> None:
    """Write down what is answered as a problem, and is not allowed."""
    app.register_error_handler(NotAllowed, _refused)


def note(error: Refused) -> None:
    """One entry a person, operation and hour, which says how often and where; nothing of who is not signed in."""
    if not isinstance(error, NotAllowed) or "asker" not in g or request.url_rule is None:
        return
    user, time, what = g.asker.name, now(), f"{request.method} {request.url_rule}"
    name = derived_id("refused", user, what, time[:_AN_HOUR])
    about = ({"kind": REQUEST, "id": name, "name": what},)
    problem = {"problem": error.problem()}
    act = Act(name, time, user, f"{REQUEST}.refused", _application(), ("", ""), about, "rejected", problem)
    try:
        services().operations.acts.again(act, request.path[:_LONGEST], MOST_TIMES, MOST_PATHS)
    except StoreUnavailable as unavailable:
        # It is refused, whatever can be written down of it.
        log.warning("refusal_not_noted", extra={"user": user, "what": what, "reason": str(unavailable)})


def _refused(error: NotAllowed) -> Response:
    note(error)
    return refused(error)


def _application() -> str | None:
    """Which one it was about, as far as its address or the asker's token says so."""
    named: str | None = (request.view_args or {}).get("application")
    return named or g.asker.application
