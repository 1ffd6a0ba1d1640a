"""Who did what in the whole system; for operators only."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from domain.acts import Act, Wanted
from domain.errors import BadRequest
from domain.values import iso, parse_time
from tasks.operate.audit import Audit, Behind
from webapp.api import operator_answers
from webapp.api.described import SECURITY, reading
from webapp.api.operations import require_operator
from webapp.api.operator_schemas import AuditQuery
from webapp.api.sealing import FOREIGN, opened, sealed
from webapp.services import services

api = APIBlueprint(
    "audit", __name__, url_prefix="/api/v1/ops", abp_tags=[Tag(name="operations")], abp_security=SECURITY
)
api.before_request(require_operator)


@api.get("/audit", responses=reading(operator_answers.AuditPage, 403))
def audit(query: AuditQuery) -> Response:
    """What people did, newest first, as long as each thing is kept; stores that are away are named.

    To tasks by the types of their events (`task.assigned`), by other commands (`start`, `cancel`, `deploy`, …) with
    what became of them, what was asked of tasks and refused (`claim`, `complete`, …), about incidents
    (`incident.retried`), parked aggregates (`parked.skipped`), dead letters (`dead.discarded`), notices
    (`notice.retried`) and sessions (`session.ended`). `begun`: how it ended nobody could write down.
    """
    begin, end = _moment(query.begin, "from"), _moment(query.until, "until")
    wanted = Wanted(query.user, query.action, query.application, begin, end)
    operations = services().operations
    sources = Audit(services().acts, operations.acts, operations.databases)
    page = sources.page(wanted, _behind(query.after), query.size)
    more = page.next and sealed(json.dumps([page.next.last, page.next.places], separators=(",", ":")))
    return jsonify(items=[_shown(one) for one in page.acts], next=more, away=page.away)


def _shown(act: Act) -> dict[str, Any]:
    shown = {name: getattr(act, name) for name in ("id", "time", "user", "action", "application", "status")}
    return {**shown, "about": list(act.about), "details": dict(act.details)}


def _behind(token: str | None) -> Behind:
    """Where the page before has ended; raises `BadRequest` for the token of another list."""
    if token is None:
        return Behind()
    try:
        last, places = json.loads(opened(token))
        return Behind({name: (moment, one) for name, (moment, one) in places.items()}, iso(parse_time(last)))
    except (AttributeError, TypeError, ValueError):
        raise BadRequest(FOREIGN) from None


def _moment(text: str | None, name: str) -> str | None:
    try:
        return None if text is None else iso(parse_time(text))
    except (OverflowError, ValueError):
        raise BadRequest(f"{name}: not a time: {text!r}") from None
