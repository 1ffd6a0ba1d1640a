"""How the system is, what is parked and what is dead; for operators only."""

from __future__ import annotations

from time import time

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from domain.errors import NotAllowed
from store.outbox.parked import ParkedSelection
from tasks.operate import shown
from tasks.operate.operations import Operations
from webapp.api import operator_answers
from webapp.api.described import SECURITY, reading, writing
from webapp.api.operator_schemas import DeadPath, IncidentPath, IncidentQuery, ParkedPath, ParkedQuery
from webapp.services import services
from webapp.sign_in import asker

api = APIBlueprint("ops", __name__, url_prefix="/api/v1/ops", abp_tags=[Tag(name="operations")], abp_security=SECURITY)


@api.before_request
def require_operator() -> None:
    """Only operators; raises `NotAllowed`."""
    if not asker().is_operator:
        raise NotAllowed("only operators may look here")


@api.get("/status", responses=reading(operator_answers.Overview, 403))
def status() -> Response:
    """How far everything is behind."""
    return jsonify(shown.overview(_operations().overview()))


@api.get("/history", responses=reading(operator_answers.LastHour, 403))
def history() -> Response:
    """How far everything was behind in the last hour, every twenty seconds; what nobody looked at is not in it."""
    now = time()
    return jsonify(shown.last_hour(services().last_hour.find(now), now))


@api.get("/parked", responses=reading(operator_answers.Listed, 403))
def parked(query: ParkedQuery) -> Response:
    """Aggregates that wait because an event of theirs cannot be published; stores that are away are named."""
    found = _operations().parked.find(ParkedSelection(application=query.application, fingerprint=query.fingerprint))
    items = [shown.parked(one) for some in found.answers.values() for one in some]
    return jsonify(items=items, away=found.away)


@api.get("/parked/<string:key>", responses=reading(operator_answers.Parked, 403, 404))
def one_parked(path: ParkedPath) -> Response:
    """One parked aggregate and the event that cannot be published."""
    found, event = _operations().parked.show(path.key)
    return jsonify(shown.parked(found) | {"event": event})


@api.post("/parked/<string:key>/retry", responses=writing(operator_answers.Decided, 404, 409, 422))
def retry_parked(path: ParkedPath) -> Response:
    """Let it try again."""
    return jsonify(retried=shown.parked(_operations().parked.retry_one(path.key, asker().name)))


@api.post("/parked/<string:key>/skip", responses=writing(operator_answers.Decided, 404, 409, 422))
def skip_parked(path: ParkedPath) -> Response:
    """Never publish the event that cannot go, and let the others follow."""
    return jsonify(skipped=shown.parked(_operations().parked.skip(path.key, asker().name)))


@api.get("/incidents", responses=reading(operator_answers.Listed, 403))
def incidents(query: IncidentQuery) -> Response:
    """Open incidents: what failed again and again with nobody waiting; stores that are away are named."""
    found = _operations().incidents.find(query.application)
    return jsonify(items=[shown.incident(one) for some in found.answers.values() for one in some], away=found.away)


@api.get("/incidents/<string:incident_id>", responses=reading(operator_answers.Incident, 403, 404))
def one_incident(path: IncidentPath) -> Response:
    """One incident, closed or not."""
    return jsonify(shown.incident(_operations().incidents.show(path.incident_id)))


@api.post("/incidents/<string:incident_id>/retry", responses=writing(operator_answers.Decided, 404, 409, 422))
def retry_incident(path: IncidentPath) -> Response:
    """Close it and try the instance again, with all its tries."""
    return jsonify(retried=shown.incident(_operations().incidents.retry(path.incident_id, asker().name)))


@api.post("/incidents/<string:incident_id>/resolve", responses=writing(operator_answers.Decided, 404, 409, 422))
def resolve_incident(path: IncidentPath) -> Response:
    """Close it and give up; the instance stays until it is moved or cancelled."""
    return jsonify(resolved=shown.incident(_operations().incidents.resolve(path.incident_id, asker().name)))


@api.get("/dead", responses=reading(operator_answers.Listed, 403))
def dead() -> Response:
    """Messages set aside."""
    return jsonify(items=[shown.dead(letter) for letter in _operations().letters.find()])


@api.get("/dead/<string:letter_id>", responses=reading(operator_answers.DeadLetter, 403, 404))
def one_dead(path: DeadPath) -> Response:
    """One message set aside, with its body."""
    return jsonify(shown.dead_with_body(_operations().dead.show(path.letter_id)))


@api.post("/dead/<string:letter_id>/retry", responses=writing(operator_answers.Decided, 404, 409, 422))
def retry_dead(path: DeadPath) -> Response:
    """Send it again, as its log has it by now."""
    return jsonify(retried=shown.dead(_operations().dead.retry(path.letter_id, asker().name)))


@api.post("/dead/<string:letter_id>/discard", responses=writing(operator_answers.Decided, 404, 409, 422))
def discard_dead(path: DeadPath) -> Response:
    """Forget it."""
    return jsonify(discarded=shown.dead(_operations().dead.discard(path.letter_id, asker().name)))


def _operations() -> Operations:
    return services().operations
