"""Where engines outside tell what happened in them."""

from __future__ import annotations

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from webapp.api import operator_answers
from webapp.api.described import SECURITY, writing
from webapp.api.schemas import EngineEventsBody
from webapp.services import services
from webapp.sign_in import asker, require_sign_in

api = APIBlueprint("engine", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="engines")], abp_security=SECURITY)
api.before_request(require_sign_in)


@api.post("/engine-events", responses=writing(operator_answers.Received, 422, status=202))
def engine_events(body: EngineEventsBody) -> Response:
    """Take records of an outside engine; they are counted when durably received."""
    found = services().asking.receive(body.application, body.records, asker())
    response = jsonify(accepted=found.accepted, duplicates=found.duplicates, rejected=list(found.rejected))
    response.status_code = 202
    return response
