"""The web server's worker: gunicorn's own, but it says nothing on connections that its end cuts off."""

from __future__ import annotations

from typing import Any

from gevent import GreenletExit
from gunicorn.workers.ggevent import GeventWorker

IDLE_SECONDS = 10.0
"""Without a byte in the middle of a body or an answer."""


class ServerWorker(GeventWorker):  # type: ignore[misc] # gunicorn has no types
    """Connections that are still open when the time to stop is over are closed.

    Gunicorn would write a 500 on each, and a client takes that for the answer to what it sends next.
    """

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> Any:
        """One request: whoever stops sending its body, or taking in the answer, is not waited for."""
        sock.settimeout(IDLE_SECONDS)
        try:
            return super().handle_request(listener_name, req, sock, addr)
        finally:
            sock.setblocking(True)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer what cannot be read, or failed outside the application."""
        if not isinstance(exc, GreenletExit):
            super().handle_error(req, client, addr, exc)
