"""Notices that wait or were given up, and deciding about them; for operators only."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from domain.errors import NotFound
from domain.values import iso
from store.people.notices import Delivery, delivery
from tasks.operate.audit import NOTICE
from tasks.operate.noted import Known, noted
from webapp.api import operator_answers
from webapp.api.described import SECURITY, reading, writing
from webapp.api.operations import require_operator
from webapp.api.operator_schemas import NoticePath, NoticeQuery
from webapp.api.sealing import place_after, sealed
from webapp.services import services
from webapp.sign_in import asker

api = APIBlueprint(
    "untold", __name__, url_prefix="/api/v1/ops", abp_tags=[Tag(name="operations")], abp_security=SECURITY
)
api.before_request(require_operator)

log = logging.getLogger(__name__)


@api.get("/notices", responses=reading(operator_answers.NoticePage, 403))
def notices(query: NoticeQuery) -> Response:
    """What people and addresses were not told: given up in the end, or still waiting; newest first."""
    found = services().untold.page(query.state, query.size + 1, place_after(query.after))
    page = found[: query.size]
    more = sealed(f"{page[-1]['time']} {page[-1]['_id']}") if len(found) > len(page) else None
    return jsonify(items=[_shown(one) for one in page], next=more)


@api.post("/notices/retry", responses=writing(operator_answers.NoticesRetried))
def retry_notices() -> Response:
    """Try everything again that was given up, with all its tries; what is no longer so is dropped then."""
    with _noted("retried", "") as known:
        count = services().untold.retry_all(datetime.now(UTC))
        known.tell(about=[], details={"retried": count})
    log.info("notices_retried", extra={"count": count, "operator": asker().name})
    return jsonify(retried=count)


@api.post("/notices/<string:notice_id>/retry", responses=writing(operator_answers.NoticeRetried, 404))
def retry_notice(path: NoticePath) -> Response:
    """Try it again at once, with all its tries; what is no longer so is dropped then."""
    with _noted("retried", path.notice_id) as known:
        found = _known(services().untold.retry(path.notice_id, datetime.now(UTC)))
        known.tell(**_whose(found))
    log.info("notice_retried", extra={"notice": path.notice_id, "operator": asker().name})
    return jsonify(retried=_shown(found))


@api.post("/notices/<string:notice_id>/discard", responses=writing(operator_answers.NoticeDiscarded, 404))
def discard_notice(path: NoticePath) -> Response:
    """Never tell it."""
    with _noted("discarded", path.notice_id) as known:
        found = _known(services().untold.discard(path.notice_id, datetime.now(UTC)))
        known.tell(**_whose(found))
    log.info("notice_discarded", extra={"notice": path.notice_id, "operator": asker().name})
    return jsonify(discarded=_shown(found))


def _noted(what: str, notice_id: str) -> AbstractContextManager[Known]:
    return noted(services().operations.acts, asker().name, f"{NOTICE}.{what}", NOTICE, notice_id)


def _whose(found: Mapping[str, Any]) -> dict[str, Any]:
    about = [{"kind": NOTICE, "id": found["_id"], "name": found["user"] or _of_change(found)}]
    return {"about": about, "details": {"kind": found["kind"], "since": found["time"]}}


def _of_change(found: Mapping[str, Any]) -> str:
    """Which address was to hear of what: `change1: task.completed`."""
    return f"{', '.join(found['deliveries'])}: {found['event']}"


def _known(found: Mapping[str, Any] | None) -> Mapping[str, Any]:
    if found is None:
        raise NotFound("there is no such notice, or it is over")
    return found


def _shown(found: Mapping[str, Any]) -> dict[str, Any]:
    told = {"id": found["_id"], "since": found["time"], "taskId": found["task_key"], "event": found.get("event")}
    ways = [_way(name, delivery(one)) for name, one in found["deliveries"].items()]
    return {**told, **{name: found[name] for name in ("state", "kind", "user")}, "ways": ways}


def _way(name: str, one: Delivery) -> dict[str, Any]:
    told = {"way": name, "tries": one.tries, "outcome": one.outcome, "reason": one.reason}
    return {**told, "next": one.next and iso(one.next)}
