"""A client that costs next to nothing: one kept-alive connection, no library between us and the socket."""

from __future__ import annotations

import base64
import json
import socket
from time import perf_counter
from typing import Any
from urllib.parse import urlencode, urlsplit


class Client:
    """Asks one server as one user; `answered` is when the first byte of the newest answer came."""

    def __init__(self, url: str, user: str) -> None:
        self._address = (urlsplit(url).hostname, urlsplit(url).port)
        self._authorization = "Basic " + base64.b64encode(f"{user}:{user}".encode()).decode()
        self._socket: socket.socket | None = None
        self.answered = 0.0

    def get(self, path: str, **query: Any) -> Any:
        """The JSON of an answer; raises `AssertionError` for anything but a success."""
        return self._ask(request("GET", path, self._authorization, query=query))

    def post(self, path: str, body: Any) -> Any:
        """The same for a POST; None is no body."""
        return self._ask(request("POST", path, self._authorization, b"" if body is None else json.dumps(body).encode()))

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()

    def _ask(self, asked: bytes) -> Any:
        connection = self._connected()
        connection.sendall(asked)
        answer = connection.recv(65536)
        self.answered = perf_counter()
        while (found := parsed(answer)) is None:
            more = connection.recv(65536)
            assert more, "the server hung up"
            answer += more
        return found

    def _connected(self) -> socket.socket:
        """The server hangs up on whoever asks nothing for two seconds."""
        if self._socket is None or perf_counter() - self.answered > 1:
            self.close()
            self._socket = socket.create_connection(self._address, timeout=90)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._socket


def request(
    method: str, path: str, authorization: str, body: bytes = b"", query: dict[str, Any] | None = None
) -> bytes:
    """One request as it goes over the wire."""
    target = f"/api/v1{path}?{urlencode(query)}" if query else f"/api/v1{path}"
    kind = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else "Content-Length: 0\r\n"
    return f"{method} {target} HTTP/1.1\r\nHost: bench\r\nAuthorization: {authorization}\r\n{kind}\r\n".encode() + body


def parsed(answer: bytes) -> Any:
    """The JSON of a whole answer, None while some of it is missing; raises `AssertionError` unless it succeeded."""
    head, found, body = answer.partition(b"\r\n\r\n")
    if not found or len(body) < int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]):
        return None
    assert head.split(b" ", 2)[1] in (b"200", b"201"), answer.decode()
    return json.loads(body)
