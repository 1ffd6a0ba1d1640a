"""Commands are signed by the web and verified by engines: whoever reaches the broker cannot speak for people.

Ed25519 (RFC 8032) over the command as canonical JSON, everything an engine believes of it included.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import replace

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from domain.errors import Permanent
from domain.requests.request import Request, to_plain

_UNSIGNED = ("signature", "traceparent")


class BadSignature(Permanent):
    """The command was not signed by the web of this system."""


class Signer:
    """Signs with the private key, 32 bytes in base64."""

    def __init__(self, private_key: str) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(private_key))

    def sign(self, request: Request) -> Request:
        """The same request with its signature."""
        return replace(request, signature=base64.b64encode(self._key.sign(_signed(request))).decode())


class Verifier:
    """Knows one public key, or two while one is rotated, 32 bytes in base64 each."""

    def __init__(self, public_keys: Iterable[str]) -> None:
        self._keys = [Ed25519PublicKey.from_public_bytes(base64.b64decode(key)) for key in public_keys]

    def believes(self, request: Request) -> bool:
        """Whether one of the keys has signed exactly this."""
        try:
            self.verify(request)
        except BadSignature:
            return False
        return True

    def verify(self, request: Request) -> None:
        """Raise `BadSignature` unless one of the keys has signed exactly this."""
        try:
            signature = base64.b64decode(request.signature or "", validate=True)
            signed = _signed(request)
        except (ValueError, TypeError, RecursionError):
            raise BadSignature from None
        for key in self._keys:
            try:
                key.verify(signature, signed)
            except InvalidSignature:
                continue
            return
        raise BadSignature


def public_key_of(private_key: str) -> str:
    """The public half, as `Verifier` takes it."""
    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(private_key))
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def _signed(request: Request) -> bytes:
    plain = {name: value for name, value in to_plain(request).items() if name not in _UNSIGNED}
    # Of nobody's tenants nothing is said, so that what a web of before there were any has signed is believed.
    plain["user"] = {name: value for name, value in plain["user"].items() if name != "tenants" or value}
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
