"""A real SMTP server in this process, which can refuse, go away and come back, and speak TLS."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from workers.system.record import free_port


class Inbox:
    """What has arrived; `refuses` is what it answers to every receiver instead."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.receivers: list[str] = []
        self.refuses: str | None = None
        self.encrypted: list[bool] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.refuses:
            return self.refuses
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        self.receivers += envelope.rcpt_tos
        self.encrypted.append(session.ssl is not None)
        return "250 OK"


def only_rosa(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (b"rosa", b"p@ss/word"), handled=False)


@contextmanager
def smtp_server(
    inbox: Inbox, port: int | None = None, context: ssl.SSLContext | None = None, **options: Any
) -> Iterator[int]:
    """Its port while the block runs."""
    settings = {"tls_context": context, **options} if context else options
    controller = Controller(inbox, hostname="127.0.0.1", port=port or free_port(), enable_SMTPUTF8=True, **settings)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()
