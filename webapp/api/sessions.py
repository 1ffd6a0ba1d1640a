"""Who is signed in, and ending that; for operators only."""

from __future__ import annotations

import logging

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from domain.errors import NotFound
from store.identity.sessions import Session, Signed
from tasks.operate.audit import SESSION
from tasks.operate.noted import noted
from webapp.api import operator_answers
from webapp.api.described import SECURITY, reading, writing
from webapp.api.operations import require_operator
from webapp.api.operator_schemas import SessionPath, SessionQuery
from webapp.api.sealing import place_after, sealed
from webapp.services import services
from webapp.sign_in import asker

api = APIBlueprint(
    "sessions", __name__, url_prefix="/api/v1/ops", abp_tags=[Tag(name="operations")], abp_security=SECURITY
)
api.before_request(require_operator)

log = logging.getLogger(__name__)


@api.get("/sessions", responses=reading(operator_answers.SessionPage, 403))
def sessions(query: SessionQuery) -> Response:
    """Who is signed in to the page, who did something last first; a page may have fewer than its size.

    Who sends a password or a token along with each request is not signed in, and not among them.
    """
    found = services().sessions.signed_in(query.size + 1, query.user, place_after(query.after))
    page = found[: query.size]
    more = sealed(f"{page[-1].seen} {page[-1].id}") if len(found) > len(page) else None
    return jsonify(items=[_shown(one) for one in page if _is_good(one.session)], next=more)


@api.post("/sessions/<string:session_id>/end", responses=writing(operator_answers.SessionEnded, 404))
def end_session(path: SessionPath) -> Response:
    """End it, everywhere within half a minute; whoever knows a password signs in again."""
    with noted(services().operations.acts, asker().name, f"{SESSION}.ended", SESSION, path.session_id) as known:
        found = services().sessions.end(path.session_id)
        if found is None:
            raise NotFound("there is no such session")
        whose = {"kind": SESSION, "id": found.id, "name": found.session.user}
        known.tell(about=[whose], details={"since": found.since, "lastSeen": found.seen})
    services().believed.forget(found.session.user)
    log.info("session_ended", extra={"user": found.session.user, "operator": asker().name})
    return jsonify(ended=_shown(found))


def _is_good(found: Session) -> bool:
    """Those of people who are gone, or have another password, are over as soon as they are used."""
    accounts = services().accounts
    return accounts.user(found.user) is not None and accounts.proof(found.user) == found.proof


def _shown(found: Signed) -> dict[str, str]:
    return {"id": found.id, "user": found.session.user, "since": found.since, "lastSeen": found.seen}
