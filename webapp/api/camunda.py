"""How Camunda 7's REST shows an external task, and says what went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from werkzeug.exceptions import HTTPException

from domain.errors import InvalidValue, JobNotLocked, Refused, Transient
from engines.formats.typed_values import typed
from store.engine.jobs import StoredJob
from tasks.fetch_tasks import Given
from webapp import problems
from webapp.refusals import note

Json = dict[str, Any]
_TYPES: Mapping[int, str] = {
    HTTPStatus.BAD_REQUEST: "InvalidRequestException",
    HTTPStatus.UNAUTHORIZED: "AuthenticationException",
    HTTPStatus.FORBIDDEN: "AuthorizationException",
    HTTPStatus.INTERNAL_SERVER_ERROR: "ProcessEngineException",
}
_OTHER = "RestException"
_MEANS_BAD = (HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.PRECONDITION_FAILED)
"""What a caller could have known; Camunda has one status for all of it."""


def install(api: APIBlueprint) -> None:
    """Answer every error within these operations as Camunda does."""
    api.register_error_handler(Refused, _refused)
    api.register_error_handler(Transient, lambda error: failed(503, str(error)))
    api.register_error_handler(InvalidValue, lambda error: failed(400, str(error)))
    api.register_error_handler(HTTPException, lambda error: failed(error.code or 500, str(error.description)))


def failed(status: int, message: str, kind: str | None = None) -> Response:
    """An error of this status, and of the kind that Camunda calls so unless another is said."""
    response = jsonify(type=kind or _TYPES.get(status, _OTHER), message=message)
    response.status_code = status
    return response


def refused(problem: Mapping[str, Any]) -> Response:
    """A problem, as the engine has said it of a command."""
    status = int(problem.get("status") or 500)
    said = str(problem.get("detail") or problem.get("title"))
    kind = _OTHER if str(problem.get("type")).endswith(JobNotLocked.slug) else None
    return failed(400 if status in _MEANS_BAD else status, said, kind)


def moment(seconds: float) -> str:
    """`2026-01-31T12:00:00.000+0000`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "+0000")


def task(stored: StoredJob) -> Json:
    """An external task as lists show it."""
    job = stored.job
    return {
        "id": job.job_id,
        "activityId": job.element,
        "activityInstanceId": job.job_id,
        "errorMessage": stored.error_message,
        "executionId": job.job_id,
        "lockExpirationTime": None if stored.lock_end is None else moment(stored.lock_end),
        "processDefinitionId": job.definition_id,
        "processDefinitionKey": job.definition_key,
        "processDefinitionVersionTag": None,
        "processInstanceId": job.instance_id,
        "retries": job.retries,
        "suspended": False,
        "workerId": stored.worker_id,
        "topicName": job.topic,
        "tenantId": None,
        "priority": job.priority,
        "businessKey": job.business_key,
        "createTime": moment(stored.created),
    }


def locked(given: Given, variables: Mapping[str, Any]) -> Json:
    """One as the worker gets it, with these of its variables."""
    shown = {name: typed(value) for name, value in variables.items()}
    return {**task(given.stored), "errorDetails": given.stored.error_details, "variables": shown}


def _refused(error: Refused) -> Response:
    if error.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS):
        # These come from in front of the operations, too, and what else they say counts.
        return problems.refused(error)
    note(error)
    return refused(error.problem())
