"""Whoever waits and goes away frees what they held, at once."""

from __future__ import annotations

from socket import MSG_DONTWAIT, MSG_PEEK
from typing import TYPE_CHECKING, Any

from gevent import GreenletExit, get_hub, getcurrent

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_READABLE = 1


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


def _has_ended(client: Any) -> bool:
    try:
        # The socket beneath gevent's: in the loop nothing may wait.
        return bool(client._sock.recv(1, MSG_PEEK | MSG_DONTWAIT) == b"")  # noqa: SLF001
    except BlockingIOError:
        return False
    except OSError:
        return True
