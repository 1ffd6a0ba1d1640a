"""A webhook's post: what is in it, how its receiver knows that it is ours, and what is no answer."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
from collections.abc import Iterator

import pytest

from tasks.notices.deliver import NotDelivered
from tests.support.letters import LETTER
from tests.workers.receiver import Receiver, receiver
from workers.notify import webhook
from workers.notify.webhook import Webhook
from workers.system.record import free_port

pytestmark = pytest.mark.servers

SECRET = "b9c1d27fe03a48d6a5f8e2c7714bd093"


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


def test_it_is_signed_and_named_and_has_no_data(hook: Receiver) -> None:
    Webhook(hook.url, SECRET).send(LETTER)
    [(headers, body)] = hook.posted
    assert headers["Idempotency-Key"] == "n-1"
    assert headers["X-Taskpool-Signature"] == f"sha256={hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()}"
    assert json.loads(body) == {
        "id": "n-1",
        "kind": "assignment",
        "user": "rosa",
        "by": "olaf",
        "time": "2026-11-29T12:00:00.000Z",
        "task": LETTER.task,
    }


@pytest.mark.parametrize("status", [301, 307, 400, 410, 500])
def test_only_success_is_success_and_nobody_is_followed(hook: Receiver, status: int) -> None:
    hook.status, hook.location = status, hook.url
    with pytest.raises(NotDelivered, match=str(status)):
        Webhook(hook.url, SECRET).send(LETTER)
    assert len(hook.posted) == 1


def test_who_is_away_or_silent_is_waited_for_shortly(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotDelivered, match="ConnectError"):
        Webhook(f"http://127.0.0.1:{free_port()}/", SECRET).send(LETTER)
    monkeypatch.setattr(webhook, "TIMEOUT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(NotDelivered, match="ReadTimeout"):
        Webhook(f"http://127.0.0.1:{silent.getsockname()[1]}/", SECRET).send(LETTER)
