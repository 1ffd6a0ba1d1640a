"""Flower for looking only: what it could do to workers and jobs is refused, whoever asks."""

from __future__ import annotations

from typing import Any

from flower import urls  # type: ignore[import-untyped]
from tornado.web import HTTPError, RequestHandler

CHANGING = ("POST", "PUT", "PATCH", "DELETE")
LOOKS_BY_POST = "TasksDataTable"
"""Its list of tasks asks with POST, and changes nothing."""


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
    def changes(name: str) -> bool:
        method = getattr(handler, name.lower(), None)
        return method is not None and method is not RequestHandler.__dict__.get(name.lower())

    module = handler.__module__
    if module.startswith("flower.api") and any(changes(name) for name in CHANGING):
        return _Refused
    return handler


__all__ = ["look_only"]
