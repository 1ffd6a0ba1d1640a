"""How py-amqp is told to speak TLS: by itself it checks the authority, and not whose certificate it is."""

from __future__ import annotations

import ssl
from typing import Any
from urllib.parse import urlsplit


def tls_of(url: str) -> dict[str, Any] | None:
    """What py-amqp takes for a broker at an `amqps` address; None for one without TLS."""
    parts = urlsplit(url)
    if parts.scheme != "amqps":
        return None
    return {"cert_reqs": ssl.CERT_REQUIRED, "server_hostname": parts.hostname}


def broker_options(url: str) -> dict[str, Any]:
    """The same as an option of kombu's `Connection`."""
    options = tls_of(url)
    return {"ssl": options} if options else {}
