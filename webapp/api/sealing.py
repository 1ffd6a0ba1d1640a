"""Tokens that people carry between two requests, signed: what comes back is what was given out."""

from __future__ import annotations

from itsdangerous import BadSignature, Signer

from domain.errors import BadRequest
from domain.values import parse_time
from webapp.services import services

FOREIGN = "`after` is not a token this list has given out"


def sealed(token: str) -> str:
    """The token with a signature."""
    return _signer().sign(token).decode()


def opened(text: str) -> str:
    """The token that was sealed; raises `BadRequest` for anything else."""
    try:
        return _signer().unsign(text.encode("utf-8", "replace")).decode()
    except (BadSignature, UnicodeError):
        raise BadRequest(FOREIGN) from None


def place_after(text: str | None) -> tuple[str, str] | None:
    """The time and the id behind which a list goes on; raises `BadRequest`."""
    if text is None:
        return None
    time, _, name = opened(text).partition(" ")
    try:
        parse_time(time)
    except ValueError:
        raise BadRequest(FOREIGN) from None
    return time, name


def _signer() -> Signer:
    return Signer(services().settings.secret_key, salt="taskpool.next")
