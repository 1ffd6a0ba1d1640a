"""Parts of addresses."""

from __future__ import annotations

from werkzeug.routing import BaseConverter


class TaskId(BaseConverter):
    """A task's id; words that are addresses beside tasks are none, so that one cannot be asked for in their place."""

    regex = "(?!(?:bulk|search)$)[^/]+"
