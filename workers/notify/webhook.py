"""Webhooks: notices and changes are posted as JSON, signed, with their id as `Idempotency-Key`; nobody is followed."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from functools import cache
from threading import Thread
from typing import Any, Final

import httpx
import orjson

from tasks.notices.deliver import Away, Letter, NotDelivered
from tasks.notices.tell_changes import ChangeLetter

TIMEOUT_SECONDS: Final = 10.0
"""From the first look for its address to the status of the answer, however slowly that comes."""
SIGNATURE: Final = "X-Taskpool-Signature"


class Webhook:
    """One address; who has the secret can tell that it was us."""

    def __init__(self, url: str, secret: str) -> None:
        self._url, self._secret = url, secret.encode()
        # No proxy of the environment and no netrc has a part in it.
        self._client = httpx.AsyncClient(
            timeout=None,  # noqa: S113 - it would be for each read, and the whole has one
            follow_redirects=False,
            trust_env=False,
        )

    def close(self) -> None:
        """Hang up."""
        asyncio.run_coroutine_threadsafe(self._client.aclose(), _loop()).result()

    def send(self, letter: Letter) -> None:
        """Taken when it returns; raises `NotDelivered`."""
        self._post(letter.id, posted(letter))

    def send_change(self, letter: ChangeLetter) -> None:
        """Taken when it returns; raises `NotDelivered`, and `Away` where nobody answers."""
        self._post(letter.change.event_id, posted_change(letter))

    def _post(self, key: str, body: bytes) -> None:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "taskpool",
            "Idempotency-Key": key,
            SIGNATURE: signature(self._secret, body),
        }
        try:
            status = asyncio.run_coroutine_threadsafe(self._answered(headers, body), _loop()).result()
        except TimeoutError as error:
            raise Away(f"no answer within {TIMEOUT_SECONDS:g} s") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Away(type(error).__name__) from error
        if not httpx.codes.is_success(status):
            raise NotDelivered(f"answered {status}")

    async def _answered(self, headers: dict[str, str], body: bytes) -> int:
        """Its status; what it answers beside that is not read, however long it is."""
        async with (
            asyncio.timeout(TIMEOUT_SECONDS),
            self._client.stream("POST", self._url, content=body, headers=headers) as answer,
        ):
            if answer.status_code == httpx.codes.NO_CONTENT:
                # There is nothing, and the connection is good for the next.
                await answer.aread()
            return answer.status_code


def posted(letter: Letter) -> bytes:
    """The body; a task by its names and address, never by its data."""
    told: dict[str, Any] = {
        "id": letter.id,
        "kind": letter.kind,
        "user": letter.user,
        "by": letter.by,
        "time": letter.time,
    }
    told["tasks"] = letter.tasks
    return orjson.dumps({**told, "task": letter.task})


def posted_change(letter: ChangeLetter) -> bytes:
    """The same of an event; `id` is the event's, `generation` and `revision` say which of a task came later."""
    change = letter.change
    generation, revision = change.version
    told: dict[str, Any] = {"id": change.event_id, "kind": "change", "type": change.event, "time": change.time}
    told |= {"application": change.application, "generation": generation, "revision": revision, "by": change.by}
    return orjson.dumps({**told, "task": letter.task})


def signature(secret: bytes, body: bytes) -> str:
    """`sha256=` and the HMAC-SHA256 of exactly these bytes."""
    return f"sha256={hmac.new(secret, body, hashlib.sha256).hexdigest()}"


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """Where all posts are under way: only there can the whole of one have an end, the look for its address included."""
    loop = asyncio.new_event_loop()
    Thread(target=loop.run_forever, name="posts", daemon=True).start()
    return loop
