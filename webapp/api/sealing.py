"""Tokens that people carry between two requests, signed: what comes back is what was given out."""

from __future__ import annotations

from itsdangerous import BadSignature, Signer

from domain.errors import BadRequest
from webapp.services import services


def sealed(token: str) -> str:
    """The token with a signature."""
    return _signer().sign(token).decode()


def opened(text: str) -> str:
    """The token that was sealed; raises `BadRequest` for anything else."""
    try:
        return _signer().unsign(text.encode("utf-8", "replace")).decode()
    except (BadSignature, UnicodeError):
        raise BadRequest("`after` is not a token this list has given out") from None


def _signer() -> Signer:
    return Signer(services().settings.secret_key, salt="taskpool.next")
