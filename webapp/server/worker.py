"""The web server's worker: gunicorn's own, with limits to what one client may hold up, and errors like all of ours."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from http import HTTPStatus
from typing import Any

import gevent
from gevent import GreenletExit
from gunicorn import util
from gunicorn.http import errors, message
from gunicorn.http.parser import RequestParser
from gunicorn.workers.ggevent import GeventWorker
from werkzeug.exceptions import RequestTimeout

from settings import REQUEST_LINE_BYTES, Settings

IDLE_SECONDS = 10.0
"""Without taking in a byte of an answer."""
HEAD_SECONDS = 10.0
"""From the first byte of a request to the end of its headers; a connection may be idle for longer."""
BODY_SECONDS = 10.0
BODY_BYTES_PER_SECOND = 16 * 1024
"""A body has ten seconds, and longer only while it comes at this rate."""
_STEP = 16 * 1024
_CONNECTIONS_PER_REQUEST = 2
"""Connections of one address, for each request that it may have open: browsers keep some for later."""

# What is asked for on its command line it cuts down to this.
message.MAX_REQUEST_LINE = REQUEST_LINE_BYTES


class BodyTooSlow(RequestTimeout):
    """The body of a request did not come in time."""

    description = "The body did not come in time."


class HeadTooSlow(RequestTimeout):
    """The head of a request did not come in time."""

    description = "The head of the request did not come in time."


class Hurried(message.Request):  # type: ignore[misc] # gunicorn has no types
    """A request whose headers, once begun, come within a time."""

    def parse(self, unreader: Any) -> Any:
        """Read them; raises `HeadTooSlow`."""
        if not unreader.buf.getbuffer().nbytes:
            unreader.unread(unreader.chunk())
        with gevent.Timeout(HEAD_SECONDS, HeadTooSlow()):
            return super().parse(unreader)


RequestParser.mesg_class = Hurried


class Paced:
    """Reads a body, for as long as it comes quickly enough."""

    __slots__ = ("_reader", "_until")

    def __init__(self, reader: Any) -> None:
        self._reader = reader
        self._until = time.monotonic() + BODY_SECONDS

    def read(self, size: int) -> bytes:
        """At most so many bytes, empty at the end; raises `BodyTooSlow`."""
        with gevent.Timeout(max(self._until - time.monotonic(), 0.001), BodyTooSlow()):
            found: bytes = self._reader.read(min(size, _STEP))
        self._until += len(found) / BODY_BYTES_PER_SECOND
        return found


_STATUSES = {
    errors.LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    errors.LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    errors.UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
    errors.ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
    errors.ForbiddenProxyRequest: HTTPStatus.FORBIDDEN,
    errors.ParseException: HTTPStatus.BAD_REQUEST,
    HeadTooSlow: HTTPStatus.REQUEST_TIMEOUT,
}


class ServerWorker(GeventWorker):  # type: ignore[misc] # gunicorn has no types
    """Connections that are still open when the time to stop is over are closed.

    Gunicorn would write a 500 on each, and a client takes that for the answer to what it sends next.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._connections: Counter[str] = Counter()
        self._most: int | None = None

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        """One connection; of one address only so many, unless all come from a proxy, which sees to that itself."""
        address = str(addr[0]) if addr else ""
        if self._connections[address] >= self._most_connections():
            detail = "This address holds too many connections open; try again later."
            _write(client, HTTPStatus.TOO_MANY_REQUESTS, detail, "Retry-After: 5\r\n")
            util.close(client)
            return
        self._connections[address] += 1
        try:
            super().handle(listener, client, addr)
        finally:
            self._connections[address] -= 1
            if not self._connections[address]:
                del self._connections[address]

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> Any:
        """One request: whoever stops sending its body, or taking in the answer, is not waited for."""
        sock.settimeout(IDLE_SECONDS)
        req.body.reader = Paced(req.body.reader)
        try:
            return super().handle_request(listener_name, req, sock, addr)
        finally:
            sock.setblocking(True)

    def handle_error(self, _req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer what cannot be read, or failed outside the application."""
        if isinstance(exc, GreenletExit):
            return
        ours = isinstance(exc, errors.InvalidResponseHeader | errors.InvalidResponseHeaderName)
        status = None if ours else next((code for kind, code in _STATUSES.items() if isinstance(exc, kind)), None)
        if status is None:
            self.log.error("request_failed_outside", exc_info=exc)
            _write(client, HTTPStatus.INTERNAL_SERVER_ERROR, "The error has been logged.")
        else:
            self.log.warning("request_unreadable", extra={"address": addr and addr[0], "reason": str(exc)[:300]})
            _write(client, status, str(exc)[:300])

    def _most_connections(self) -> int:
        if self._most is None:
            settings = Settings.from_env(os.environ)
            limited = settings.requests_per_address * _CONNECTIONS_PER_REQUEST
            self._most = self.worker_connections if settings.proxies else limited
        return self._most


def _write(client: Any, status: HTTPStatus, detail: str, headers: str = "") -> None:
    slug = status.phrase.lower().replace(" ", "-")
    problem = {"type": f"urn:taskpool:problem/{slug}", "title": status.phrase, "status": status.value, "detail": detail}
    body = json.dumps(problem)
    head = f"HTTP/1.1 {status.value} {status.phrase}\r\nConnection: close\r\nContent-Type: application/problem+json\r\n"
    try:
        util.write_nonblock(client, f"{head}{headers}Content-Length: {len(body)}\r\n\r\n{body}".encode("ascii"))
    except OSError:
        return
