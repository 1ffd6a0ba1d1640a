"""The least a held request can cost: a gevent worker in which each one waits for an event that never comes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

held = 0
never = threading.Event()


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """`/held` tells how many wait; everything else waits for up to a minute."""
    global held  # noqa: PLW0603 - one process, one number
    if environ["PATH_INFO"] != "/held":
        held += 1
        never.wait(60)
        held -= 1
    body = str(held).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
