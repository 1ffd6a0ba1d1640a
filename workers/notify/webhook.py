"""Webhooks: every notice is posted as JSON, signed, with its id as `Idempotency-Key`; redirects are not followed."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

import httpx
import orjson

from tasks.notices.deliver import Letter, NotDelivered

TIMEOUT_SECONDS: Final = 10.0
SIGNATURE: Final = "X-Taskpool-Signature"


class Webhook:
    """One address; who has the secret can tell that it was us."""

    def __init__(self, url: str, secret: str) -> None:
        self._url, self._secret = url, secret.encode()
        # No proxy of the environment and no netrc has a part in it.
        self._client = httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False)

    def send(self, letter: Letter) -> None:
        """Taken when it returns; raises `NotDelivered`."""
        body = posted(letter)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "taskpool",
            "Idempotency-Key": letter.id,
            SIGNATURE: signature(self._secret, body),
        }
        try:
            # What it answers beside the status is not read, however long it is.
            with self._client.stream("POST", self._url, content=body, headers=headers) as answer:
                status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NotDelivered(type(error).__name__) from error
        if not httpx.codes.is_success(status):
            raise NotDelivered(f"answered {status}")


def posted(letter: Letter) -> bytes:
    """The body; a task by its names and address, never by its data."""
    told = {"id": letter.id, "kind": letter.kind, "user": letter.user, "by": letter.by, "time": letter.time}
    return orjson.dumps({**told, "task": letter.task})


def signature(secret: bytes, body: bytes) -> str:
    """`sha256=` and the HMAC-SHA256 of exactly these bytes."""
    return f"sha256={hmac.new(secret, body, hashlib.sha256).hexdigest()}"
