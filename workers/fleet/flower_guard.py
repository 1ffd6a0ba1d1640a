"""Flower for looking only: what it could do to workers and jobs is refused, whoever asks."""

from __future__ import annotations

from typing import Any

from flower import urls  # type: ignore[import-untyped]
from tornado.web import HTTPError, RequestHandler

CHANGING = ("post", "put", "patch", "delete")


class _Refused(RequestHandler):
    """Says no."""

    def prepare(self) -> None:
        """Whatever the method."""
        raise HTTPError(403, "Flower is for looking only here")


def look_only() -> None:
    """Replace every handler that changes something; called before Flower is started."""
    for index, route in enumerate(urls.handlers):
        if isinstance(route, tuple):
            urls.handlers[index] = (route[0], _guarded(route[1]), *route[2:])
        else:
            route.handler_class = _guarded(route.handler_class)


def _guarded(handler: type[Any]) -> type[Any]:
    """Only its interface for programs changes anything; the page of tasks asks with POST, and only looks."""
    changes = any(getattr(handler, name) is not getattr(RequestHandler, name) for name in CHANGING)
    return _Refused if handler.__module__.startswith("flower.api") and changes else handler
