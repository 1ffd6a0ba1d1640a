"""Thousands of requests held open by one thread: sockets, an epoll, and nothing else that could cost anything."""

from __future__ import annotations

import resource
import selectors
import socket
from collections.abc import Callable, Sequence
from time import perf_counter, sleep
from typing import Any, Self
from urllib.parse import urlsplit

from bench.http import parsed


class Held:
    """One connection per request; `answers` reads whatever has been answered."""

    def __init__(self, url: str) -> None:
        self._address = (urlsplit(url).hostname, urlsplit(url).port)
        self._selector = selectors.EpollSelector()
        self._sockets: dict[int, socket.socket] = {}
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, hard), hard))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for connection in self._sockets.values():
            connection.close()
        self._selector.close()

    def open(self, requests: Sequence[bytes], held: Callable[[], int], chunk: int = 1000) -> None:
        """Send one request per connection, no faster than the server takes them; number 0 is the first."""
        for start in range(0, len(requests), chunk):
            for number, request in enumerate(requests[start : start + chunk], start):
                self._connect(number, request)
            deadline = perf_counter() + 30
            while held() < min(start + chunk, len(requests)):
                assert perf_counter() < deadline, f"{held()} of {start + chunk} are held"
                sleep(0.1)

    def ask(self, number: int, request: bytes) -> None:
        """The next request of a connection that has been answered."""
        self._sockets[number].sendall(request)

    def answers(self, seconds: float) -> list[tuple[int, float, Any]]:
        """Who has been answered within this time, when its first byte came, and the JSON."""
        found = []
        for key, _ in self._selector.select(seconds):
            answer, moment = self._sockets[key.data].recv(65536), perf_counter()
            while (body := parsed(answer)) is None:
                answer += self._sockets[key.data].recv(65536)
            found.append((key.data, moment, body))
        return found

    def _connect(self, number: int, request: bytes) -> None:
        connection = socket.create_connection(self._address, timeout=30)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(request)
        self._sockets[number] = connection
        self._selector.register(connection, selectors.EVENT_READ, number)
