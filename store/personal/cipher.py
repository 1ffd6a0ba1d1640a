"""Sealing values: AES-SIV (RFC 5297), so that equal values of one person look equal, and a change that is none is none.

The key of a person is itself kept and sent wrapped, with Fernet, by the key of the system: neither a copy of a database
nor a listener at the exchange can read anything with what it has.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import lru_cache

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from domain.personal import CannotOpen, key_of, sealed_value

_BITS = 512


class NoKeyring(CannotOpen):
    """Personal data cannot be sealed: the system has no key to keep people's keys with."""

    def __init__(self) -> None:
        super().__init__("TASKPOOL_PERSONAL_KEYS is not set, and an application declares personal data")


class Keyring:
    """The system's keys, 32 bytes in base64 each: the first wraps, all unwrap, so that one can be rotated."""

    def __init__(self, keys: Sequence[str]) -> None:
        spelt = [key.translate(str.maketrans("+/", "-_")) for key in keys]
        self._keys = MultiFernet([Fernet(key) for key in spelt]) if spelt else None
        self._unwrapped = lru_cache(maxsize=1000)(self._unwrap)

    def new_key(self) -> str:
        """A person's key, wrapped; raises `NoKeyring`."""
        if self._keys is None:
            raise NoKeyring
        return self._keys.encrypt(AESSIV.generate_key(_BITS)).decode()

    def seal(self, key_id: str, wrapped: str, value: object) -> str:
        """A plain value as text that only this key opens; raises `CannotOpen`."""
        token = self._unwrapped(wrapped).encrypt(orjson.dumps(value), [key_id.encode()])
        return sealed_value(key_id, base64.urlsafe_b64encode(token).decode().rstrip("="))

    def open(self, wrapped: str, value: str) -> object:
        """What `seal` was given; raises `CannotOpen`."""
        token = value.rpartition(".")[2]
        try:
            bare = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
            return orjson.loads(self._unwrapped(wrapped).decrypt(bare, [(key_of(value) or "").encode()]))
        except (InvalidTag, ValueError) as error:
            raise CannotOpen(f"not sealed with this key: {type(error).__name__}") from error

    def _unwrap(self, wrapped: str) -> AESSIV:
        if self._keys is None:
            raise NoKeyring
        try:
            return AESSIV(self._keys.decrypt(wrapped))
        except (InvalidToken, ValueError) as error:
            raise CannotOpen("a key was wrapped by none of TASKPOOL_PERSONAL_KEYS") from error
