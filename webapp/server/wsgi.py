"""The web application of a server process: `gunicorn -k gevent webapp.wsgi:app`."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from flask import Flask

from observe import metrics
from observe.garbage import collect_seldom
from settings import Settings
from webapp.server.factory import create_app
from webapp.server.opening import open_services

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_opening = threading.Lock()


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer one request."""
    with _opening:
        opened = _app()
    return opened(environ, start_response)


@cache
def _app() -> Flask:
    """Open in the worker and at the first request: no connection and no thread survives its fork."""
    metrics.starts.labels(metrics.PROCESS).inc()
    services = open_services(Settings.from_env(os.environ))
    services.hub.start()
    made = create_app(services)
    # A full look would hold up every reader.
    collect_seldom()
    return made
