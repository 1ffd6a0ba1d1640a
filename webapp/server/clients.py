"""One address has only so many requests open."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from werkzeug.wsgi import ClosingIterator

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_PROBLEM = {
    "type": "urn:taskpool:problem/too-many-requests",
    "title": "Too many requests",
    "status": 429,
    "detail": "This address holds too many requests open; try again later.",
}


def per_address(app: WSGIApplication, most: int) -> WSGIApplication:
    """Count the open requests of each address, held ones included, and refuse those beyond a limit.

    A function, not an object that can be called: those cost a held request a second stack.
    """
    held: Counter[str] = Counter()

    def counted(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        address = str(environ.get("REMOTE_ADDR", ""))
        if held[address] >= most:
            return _refused(start_response)
        held[address] += 1
        try:
            answer = app(environ, start_response)
        except BaseException:
            _give_back(held, address)
            raise
        return ClosingIterator(answer, partial(_give_back, held, address))

    return counted


def _give_back(held: Counter[str], address: str) -> None:
    held[address] -= 1
    if held[address] <= 0:
        del held[address]


def _refused(start_response: StartResponse) -> Iterable[bytes]:
    body = json.dumps(_PROBLEM).encode()
    headers = [("Content-Type", "application/problem+json"), ("Retry-After", "5"), ("Content-Length", str(len(body)))]
    start_response("429 Too Many Requests", headers)
    return [body]
