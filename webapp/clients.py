"""Whoever waits and goes away frees what they held, at once; and one address has only so many requests open."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
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


@contextmanager
def while_connected(environ: WSGIEnvironment) -> Iterator[None]:
    """A block that only waits, and ends with its greenlet when the client of this request has closed its connection."""
    client = environ.get("gunicorn.socket")
    if client is None:
        yield
        return
    waiting, watcher = getcurrent(), get_hub().loop.io(client.fileno(), _READABLE)

    def look() -> None:
        """In the loop, while the block waits: nothing has been taken out of the connection but its end."""
        watcher.stop()
        if _has_ended(client):
            waiting.throw(GreenletExit())

    watcher.start(look)
    try:
        yield
    finally:
        watcher.stop()
        watcher.close()


class PerAddress:
    """Counts the open requests of each address, held ones included, and refuses those beyond a limit."""

    def __init__(self, app: WSGIApplication, most: int) -> None:
        self._app, self._most = app, most
        self._open: Counter[str] = Counter()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        address = str(environ.get("REMOTE_ADDR", ""))
        if self._open[address] >= self._most:
            return _refused(start_response)
        self._open[address] += 1
        close = self._closing(address)
        try:
            return ClosingIterator(self._app(environ, start_response), close)
        except BaseException:
            close()
            raise

    def _closing(self, address: str) -> Callable[[], None]:
        def close() -> None:
            self._open[address] -= 1
            if self._open[address] <= 0:
                del self._open[address]

        return close


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
