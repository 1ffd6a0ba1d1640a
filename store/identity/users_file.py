"""The file of people and service tokens, as TOML or JSON: read, and read again when somebody has changed it."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.headerregistry import Address
from pathlib import Path
from typing import Any

from domain.access import User
from domain.identity import APPLICATION_NAME, is_application_name
from settings import InvalidSetting

_SCRYPT = 2**15 * 8
_ROUNDS: Mapping[str, float] = {"sha256": 600_000, "sha512": 210_000}
LONGEST_EMAIL = 254
SERVICE = "service:"
OPERATOR = "operator"
"""Whom the command line's token stands for."""


@dataclass(frozen=True, slots=True)
class Account:
    """A person with a password."""

    user: User
    password_hash: str
    email: str | None = None
    """Where notices go; None: nowhere."""


@dataclass(frozen=True, slots=True)
class Users:
    """People by name, services by the SHA-256 of their token."""

    people: Mapping[str, Account] = field(default_factory=dict)
    tokens: Mapping[str, User] = field(default_factory=dict)


def weakness_of(account: Account) -> str | None:
    """What makes a hash one that a thief turns into a password; None when it is slow to guess.

    Source: OWASP, Password Storage Cheat Sheet: scrypt with N = 2^15 and r = 8, PBKDF2 with 600,000 rounds of SHA-256.
    """
    method, _, rest = account.password_hash.partition("$")
    kind, *numbers = method.split(":")
    try:
        if kind == "scrypt" and rest.count("$") == 1:
            n, r, _ = (int(number) for number in numbers)
            return None if n * r >= _SCRYPT else "has a scrypt hash that is quick to compute"
        if kind == "pbkdf2" and rest.count("$") == 1:
            rounds = int(numbers[1]) if len(numbers) > 1 else _ROUNDS.get(numbers[0], 0)
            return None if rounds >= _ROUNDS.get(numbers[0], math.inf) else "has a PBKDF2 hash with too few rounds"
    except (ValueError, IndexError):
        return "has a hash that cannot be read"
    return "is plain text, or hashed by a method that is quick to compute"


@dataclass(slots=True)
class UsersFile:
    """One file, and what it was like when it was last read."""

    path: Path
    strict: bool = False
    """Refuse passwords that are not hashed well."""
    _stamp: tuple[int, int, int] | None = None

    def read(self) -> Users:
        """`users.NAME = {password, groups, tenants, email}`, `tokens.NAME = {sha256, application}`.

        Raises `InvalidSetting`.
        """
        self._stamp = self._now()
        try:
            text = self.path.read_text(encoding="utf-8")
            found = json.loads(text) if self.path.suffix == ".json" else tomllib.loads(text)
            people = {name: _account(name, entry) for name, entry in found.get("users", {}).items()}
            tokens = {entry["sha256"].lower(): _service(name, entry) for name, entry in found.get("tokens", {}).items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise InvalidSetting(f"users file {self.path}: {type(error).__name__}: {error}") from error
        for name, account in people.items() if self.strict else ():
            if weakness := weakness_of(account):
                raise InvalidSetting(f"users file {self.path}: the password of {name} {weakness}")
        return Users(people, tokens)

    def has_changed(self) -> bool:
        """Whether it is another than the one that was read."""
        return self._now() != self._stamp

    def _now(self) -> tuple[int, int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino


def _account(name: str, entry: Mapping[str, Any]) -> Account:
    groups, tenants = entry.get("groups", []), entry.get("tenants", [])
    if not name.strip():
        raise ValueError("a user needs a name")
    if name.startswith(SERVICE):
        raise ValueError(f"user {name}: names that begin with {SERVICE!r} belong to service tokens")
    if name == OPERATOR:
        raise ValueError(f"user {name}: this is whom TASKPOOL_OPERATOR_TOKEN stands for")
    if not isinstance(groups, list) or not all(isinstance(group, str) for group in groups):
        raise ValueError(f"user {name}: groups must be a list of names")
    if not isinstance(tenants, list) or not all(isinstance(one, str) and one.strip() for one in tenants):
        raise ValueError(f"user {name}: tenants must be a list of names")
    user = User(name, tuple(groups), None, tuple(map(str.strip, tenants)))
    return Account(user, str(entry["password"]), _email(name, entry.get("email")))


def _email(name: str, given: Any) -> str | None:
    """One address and nothing beside it: what comes from here stands in the headers of mail."""
    if given is None:
        return None
    try:
        address = Address(addr_spec=given)
        plain = bool(address.username) and bool(address.domain) and address.addr_spec == given
        if not plain or not (given.isascii() and given.isprintable()) or len(given) > LONGEST_EMAIL:
            raise ValueError(given)
    except (HeaderParseError, AttributeError, IndexError, TypeError, ValueError):
        raise ValueError(f"user {name}: {str(given)[:80]!r} is no e-mail address") from None
    return str(given)


def _service(name: str, entry: Mapping[str, Any]) -> User:
    """A principal of its own: never a person, in no group, and bound to one application."""
    application = str(entry["application"])
    if not is_application_name(application):
        raise ValueError(f"token {name}: {application[:80]!r} is no application's name, which match {APPLICATION_NAME}")
    if entry.get("groups"):
        raise ValueError(f"token {name}: a service has no groups")
    if entry.get("tenants"):
        raise ValueError(f"token {name}: a service has no tenants")
    return User(f"{SERVICE}{name}", (), application)
