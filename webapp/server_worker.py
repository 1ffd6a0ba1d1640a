"""The web server's worker: gunicorn's own, but it says nothing on connections that its end cuts off."""

from __future__ import annotations

from typing import Any

from gevent import GreenletExit
from gunicorn.workers.ggevent import GeventWorker


class ServerWorker(GeventWorker):  # type: ignore[misc] # gunicorn has no types
    """Connections that are still open when the time to stop is over are closed.

    Gunicorn would write a 500 on each, and a client takes that for the answer to what it sends next.
    """

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer what cannot be read, or failed outside the application."""
        if not isinstance(exc, GreenletExit):
            super().handle_error(req, client, addr, exc)
