"""Every error as `application/problem+json`, with a type that does not change."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, ClassVar, NoReturn

from flask import Flask, Response, jsonify, request
from flask_wtf.csrf import CSRFError
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import HTTPException

from domain.errors import BadRequest, InvalidValue, Refused, Transient

_PREFIX = "urn:taskpool:problem/"
_FALLBACK = 500
TOO_MANY, RETRY_SECONDS = 429, 5
_FIRST, _LAST = 400, 599

_BROWSER = frozenset({"X-Requested-With", "Sec-Fetch-Site", "Sec-Fetch-Mode", "Origin"})
"""Headers that scripts and command lines do not send."""

log = logging.getLogger(__name__)


class NotSignedIn(Refused):
    """Sign in first."""

    status: ClassVar[int] = 401
    slug: ClassVar[str] = "not-signed-in"


class TooManyGuesses(Refused):
    """Too many wrong passwords; wait before you try again."""

    status: ClassVar[int] = 429
    slug: ClassVar[str] = "too-many-guesses"


class UnsupportedMediaType(Refused):
    """The body is of a kind this does not read."""

    status: ClassVar[int] = 415
    slug: ClassVar[str] = "unsupported-media-type"


class Problem(BaseModel):
    """RFC 9457: what went wrong."""

    type: str
    title: str
    status: int
    detail: str


def install(app: Flask) -> None:
    """Answer every error of this application as a problem."""
    app.register_error_handler(Refused, refused)
    app.register_error_handler(Transient, _unavailable)
    app.register_error_handler(InvalidValue, _invalid_value)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(RecursionError, _too_deep)
    app.register_error_handler(Exception, _bug)


def problem(document: Mapping[str, Any]) -> Response:
    """One problem document as a response."""
    response = jsonify(document)
    status = document.get("status")
    # What is stored may be older than the rules for what is taken in.
    response.status_code = status if isinstance(status, int) and _FIRST <= status <= _LAST else _FALLBACK
    response.content_type = "application/problem+json"
    return response


def unreadable(error: ValidationError) -> NoReturn:
    """Say of every field what is wrong with it; raises `BadRequest`."""
    errors = [{"field": ".".join(map(str, one["loc"])) or "body", "message": one["msg"]} for one in error.errors()]
    raise BadRequest("; ".join(f"{one['field']}: {one['message']}" for one in errors), errors=errors)


def refused(error: Refused) -> Response:
    """A refusal, with the headers that belong to it."""
    response = problem(error.problem())
    if error.status == TOO_MANY:
        response.headers["Retry-After"] = str(error.facts.get("seconds", RETRY_SECONDS))
    # A browser shows its own dialog for a Basic challenge, over a page that has a better one.
    if isinstance(error, NotSignedIn) and not _is_of_a_browser():
        response.headers["WWW-Authenticate"] = 'Basic realm="taskpool", charset="UTF-8"'
    return response


def _is_of_a_browser() -> bool:
    """By what only browsers send or, where they speak plain HTTP with another machine, by how all of them begin."""
    return request.headers.get("User-Agent", "").startswith("Mozilla/") or bool(
        _BROWSER.intersection(request.headers.keys())
    )


def _unavailable(error: Transient) -> Response:
    log.warning("store_unavailable", extra={"reason": str(error)})
    return _named("unavailable", "Something this needs does not answer", 503, "Try again in a moment.")


def _invalid_value(error: InvalidValue) -> Response:
    return _named("invalid-value", "A value that cannot be carried", 422, str(error))


def _csrf(error: CSRFError) -> Response:
    return _named("csrf", "The page's protection token is missing or old", 400, str(error.description))


def _http(error: HTTPException) -> Response:
    name = error.name or "Error"
    slug = name.lower().replace(" ", "-")
    response = _named(slug, name, error.code or _FALLBACK, str(error.description or name))
    headers = error.get_response().headers
    response.headers.extend({key: headers[key] for key in ("Allow", "Location") if key in headers})
    return response


def _too_deep(_error: RecursionError) -> Response:
    return _named("bad-request", "The request cannot be read", 400, "The body is nested too deeply.")


def _bug(error: Exception) -> Response:
    log.error("unexpected_error", exc_info=error)
    return _named("internal-error", "Something went wrong here", 500, "The error has been logged.")


def _named(slug: str, title: str, status: int, detail: str) -> Response:
    return problem({"type": f"{_PREFIX}{slug}", "title": title, "status": status, "detail": detail})
