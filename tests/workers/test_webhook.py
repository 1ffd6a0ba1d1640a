"""A webhook's post: what is in it, how its receiver knows that it is ours, and what is no answer."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

import pytest

from tasks.notices.deliver import Away, NotDelivered
from tests.support.letters import CHANGE, LETTER
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
    with closing(Webhook(hook.url, SECRET)) as one:
        one.send(LETTER)
    [(headers, body)] = hook.posted
    assert headers["Idempotency-Key"] == "n-1"
    assert headers["X-Taskpool-Signature"] == f"sha256={hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()}"
    assert json.loads(body) == {
        "id": "n-1",
        "kind": "assignment",
        "user": "rosa",
        "by": "olaf",
        "time": "2026-11-29T12:00:00.000Z",
        "tasks": 1,
        "task": LETTER.task,
    }


@pytest.mark.parametrize("status", [301, 307, 400, 410, 500])
def test_only_success_is_success_and_nobody_is_followed(hook: Receiver, status: int) -> None:
    hook.status, hook.location = status, hook.url
    with closing(Webhook(hook.url, SECRET)) as one, pytest.raises(NotDelivered, match=str(status)) as raised:
        one.send(LETTER)
    assert len(hook.posted) == 1
    assert not isinstance(raised.value, Away), "it is there, and may take another"


def test_a_change_is_signed_and_named_by_its_event_and_has_no_data(hook: Receiver) -> None:
    with closing(Webhook(hook.url, SECRET)) as one:
        one.send_change(CHANGE)
    [(headers, body)] = hook.posted
    assert headers["Idempotency-Key"] == "e-1"
    assert headers["X-Taskpool-Signature"] == f"sha256={hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()}"
    assert json.loads(body) == {
        "id": "e-1",
        "kind": "change",
        "type": "task.completed",
        "time": "2026-11-29T12:00:00.000Z",
        "application": "approval",
        "generation": 1,
        "revision": 3,
        "by": "olaf",
        "task": LETTER.task,
    }


def test_who_is_away_or_silent_is_waited_for_shortly(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Away, match="ConnectError"):
        Webhook(f"http://127.0.0.1:{free_port()}/", SECRET).send(LETTER)
    monkeypatch.setattr(webhook, "TIMEOUT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Away, match=r"no answer within 0.2 s"):
        Webhook(f"http://127.0.0.1:{silent.getsockname()[1]}/", SECRET).send(LETTER)


def test_who_has_nothing_to_say_is_called_once_for_many(hook: Receiver) -> None:
    with closing(Webhook(hook.url, SECRET)) as one:
        for _ in range(5):
            one.send(LETTER)
    assert (len(hook.posted), hook.connections) == (5, 1)


@contextmanager
def trickling(at_once: bytes) -> Iterator[str]:
    """A server that answers so much at once, and then a byte every tenth of a second for as long as one listens."""

    def answer(server: socket.socket) -> None:
        with suppress(OSError):
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(at_once)
                while True:
                    connection.sendall(b"x")
                    time.sleep(0.1)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer, args=(server,))
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
    thread.join(5)
    assert not thread.is_alive(), "it was hung up on"


def test_who_trickles_is_waited_for_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "TIMEOUT_SECONDS", 0.5)
    began = time.monotonic()
    with trickling(b"HTTP/1.1 200 OK\r\nX-Slow: ") as url, pytest.raises(Away, match=r"no answer within 0.5 s"):
        Webhook(url, SECRET).send(LETTER)
    assert 0.5 <= time.monotonic() - began < 2


def test_who_has_said_yes_is_not_listened_to_any_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "TIMEOUT_SECONDS", 5)
    began = time.monotonic()
    with trickling(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n") as url:
        Webhook(url, SECRET).send(LETTER)
    assert time.monotonic() - began < 2
