"""A request and all that follows from it have a name in the logs: a request id, and a trace id that travels."""

from __future__ import annotations

import logging
import re
import secrets
import time
from uuid import uuid4

from flask import Flask, Response, g, request

from observe import logs

REQUEST_ID = "X-Request-ID"
TRACE = "traceparent"

log = logging.getLogger(__name__)

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,100}")
_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def install(app: Flask) -> None:
    """Take the names a caller gives, or make some; every answer says them."""
    app.before_request(_begin)
    app.after_request(_add_trace)
    app.teardown_request(_forget)


def traceparent() -> str:
    """What to pass on, in the form of the W3C."""
    return str(g.traceparent)


def _begin() -> None:
    given, trace = request.headers.get(REQUEST_ID, ""), request.headers.get(TRACE, "")
    g.began = time.perf_counter()
    g.request_id = given if _REQUEST_ID.fullmatch(given) else str(uuid4())
    made = f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
    g.traceparent = trace if _TRACEPARENT.fullmatch(trace) else made
    logs.forget()
    logs.add(request_id=g.request_id, trace_id=logs.trace_id(g.traceparent))


def _add_trace(response: Response) -> Response:
    response.headers[REQUEST_ID] = g.request_id
    response.headers[TRACE] = g.traceparent
    if request.method not in _READING:
        # The path without its query: there, people search for what they have entered.
        seconds = round(time.perf_counter() - g.began, 4)
        asked = {"method": request.method, "endpoint": request.endpoint, "path": request.path}
        log.info("request_answered", extra={**asked, "status": response.status_code, "seconds": seconds})
    return response


def _forget(_error: BaseException | None) -> None:
    logs.forget()
