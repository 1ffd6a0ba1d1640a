"""What every operation may answer and who may ask, said once for the OpenAPI document."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask_openapi3.types import ResponseDict
from pydantic import BaseModel

Responses = ResponseDict

SECURITY: list[dict[str, list[str]]] = [{"basic": []}, {"bearer": []}, {"session": []}]
SCHEMES: dict[str, Any] = {
    "basic": {"type": "http", "scheme": "basic"},
    "bearer": {"type": "http", "scheme": "bearer"},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "taskpool",
        "description": "The page's own; what changes something also needs its token as `X-CSRFToken`.",
    },
}
_RETRY = {"Retry-After": {"description": "seconds", "schema": {"type": "string", "pattern": "^[0-9]+$"}}}
_LOCATION = {"Location": {"description": "where its outcome will be", "schema": {"type": "string"}}}
_ALWAYS = (400, 401, 414, 429, 503)
_WITH_BODY = (403, 408, 413, 415)
_IN_FRONT = (401, 429)
_COMMAND = (404, 409, 412, 422, 500)


def reading(answer: type[BaseModel], *errors: int) -> Responses:
    """An operation that only reads."""
    return {200: answer, **_problems(_ALWAYS + errors)}


def writing(answer: type[BaseModel], *errors: int, status: int = 200) -> Responses:
    """An operation that changes something at once."""
    return {status: answer, **_problems(_ALWAYS + _WITH_BODY + errors)}


def forgetting() -> Responses:
    """An operation after which something is not there any more."""
    return {204: None, **_problems((*_ALWAYS, 403, 404))}


def searching(answer: type[BaseModel]) -> Responses:
    """An operation that only reads, and is asked with a body."""
    return {200: answer, **_problems(_ALWAYS + _WITH_BODY)}


def commanding(answer: type[BaseModel], *errors: int, status: int = 200) -> Responses:
    """A command to an engine: done, on its way, or refused."""
    pending = _accepted()
    return {status: answer, 202: pending, **_problems(_ALWAYS + _WITH_BODY + _COMMAND + errors)}


def camunda(answer: type[BaseModel] | None, *errors: int) -> Responses:
    """An operation as Camunda 7 has it; what is said in front of all operations is said as everywhere."""
    found: dict[Any, Any] = {200: answer} if answer else {204: None}
    shape = {"application/json": {"schema": {"$ref": "#/components/schemas/CamundaProblem"}}}
    for status in sorted((*_ALWAYS, *_WITH_BODY, *errors)):
        found[status] = _problem(status)
        if status not in _IN_FRONT:
            found[status]["content"] = found[status]["content"] | shape
    return found


def streaming() -> Responses:
    """Server-sent events, for as long as somebody listens."""
    content = {"text/event-stream": {"schema": {"type": "string"}}}
    return {200: {"description": "OK", "content": content}, **_problems(_ALWAYS)}


def _accepted() -> dict[str, Any]:
    schema = {
        "type": "object",
        "properties": {"commandId": {"type": "string"}, "status": {"type": "string"}},
        "required": ["commandId", "status"],
    }
    return {"description": "Accepted", "headers": _LOCATION, "content": {"application/json": {"schema": schema}}}


def _problems(statuses: tuple[int, ...]) -> Responses:
    return {status: _problem(status) for status in sorted(statuses)}


def _problem(status: int) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    headers = {"headers": _RETRY} if status == HTTPStatus.TOO_MANY_REQUESTS else {}
    return {"description": HTTPStatus(status).phrase, "content": content, **headers}
