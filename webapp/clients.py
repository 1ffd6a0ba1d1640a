"""Whoever waits and goes away frees what they held, at once; and one address has only so many requests open."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from functools import partial
from socket import MSG_DONTWAIT, MSG_PEEK
from typing import TYPE_CHECKING, Any

from gevent import GreenletExit, get_hub, getcurrent
from werkzeug.wsgi import ClosingIterator

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_READABLE = 1
_PROBLEM = {
    "type": "urn:taskpool:problem/too-many-requests",
    "title": "Too many requests",
    "status": 429,
    "detail": "This address holds too many requests open; try again later.",
}


class WhileConnected:
    """A block that only waits, and ends with its greenlet when the client of this request has closed its connection.

    Ten thousand of these may be open: no generator, and nothing more than must be remembered.
    """

    __slots__ = ("_client", "_waiting", "_watcher")

    def __init__(self, environ: WSGIEnvironment) -> None:
        self._client = environ.get("gunicorn.socket")

    def __enter__(self) -> None:
        if self._client is None:
            return
        self._waiting, self._watcher = getcurrent(), get_hub().loop.io(self._client.fileno(), _READABLE)
        self._watcher.start(self._look)

    def __exit__(self, *_: object) -> None:
        if self._client is None:
            return
        self._watcher.stop()
        self._watcher.close()

    def _look(self) -> None:
        """In the loop, while the block waits: nothing has been taken out of the connection but its end."""
        self._watcher.stop()
        if _has_ended(self._client):
            self._waiting.throw(GreenletExit())


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


def _has_ended(client: Any) -> bool:
    try:
        # The socket beneath gevent's: in the loop nothing may wait.
        return bool(client._sock.recv(1, MSG_PEEK | MSG_DONTWAIT) == b"")  # noqa: SLF001
    except BlockingIOError:
        return False
    except OSError:
        return True
