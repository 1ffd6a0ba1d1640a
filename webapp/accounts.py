"""Who exists: demo accounts, or the users and service tokens of a file; and who just proved to be whom."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import threading
import time
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gevent import get_hub
from gevent.monkey import is_module_patched
from werkzeug.security import check_password_hash, generate_password_hash

from domain.access import OPERATOR_GROUP, User
from domain.identity import APPLICATION_NAME, is_application_name
from settings import DEMO, InvalidSetting, Settings

DEMO_GROUPS = {
    "requester1": ("requesters",),
    "requester2": ("requesters",),
    "approver1": ("approvers",),
    "approver2": ("approvers",),
    "accountant1": ("accounting",),
    "admin": (OPERATOR_GROUP,),
}
SERVICE = "service:"
_QUICK = "pbkdf2:sha256:1"
_REMEMBERED_SECONDS = 60
_REMEMBERED = 2000


@dataclass(frozen=True, slots=True)
class Account:
    """A person with a password."""

    user: User
    password_hash: str


class Checked:
    """Credentials that were right a moment ago, as keyed digests that are worthless elsewhere."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._until: dict[bytes, float] = {}
        self._lock = threading.Lock()

    def recently(self, *parts: str) -> bool:
        """Whether exactly these were right within the last minute."""
        return self._until.get(self._digest(parts), 0.0) > time.monotonic()

    def remember(self, *parts: str) -> None:
        """Take note that these are right."""
        with self._lock:
            while len(self._until) >= _REMEMBERED:
                self._until.pop(next(iter(self._until)))
            self._until[self._digest(parts)] = time.monotonic() + _REMEMBERED_SECONDS

    def _digest(self, parts: tuple[str, ...]) -> bytes:
        text = "\0".join(parts).encode("utf-8", "surrogatepass")
        return hmac.digest(self._key, text, hashlib.sha256)


@dataclass(slots=True)
class Accounts:
    """Looks people up and checks what they show; a slow hash is paid once a minute, not once a call."""

    people: Mapping[str, Account]
    tokens: Mapping[str, User] = field(default_factory=dict)
    _checked: Checked = field(default_factory=Checked)

    def user(self, name: str) -> User | None:
        """The person of this name."""
        account = self.people.get(name)
        return account.user if account else None

    def by_password(self, name: str, password: str) -> User | None:
        """The person, if the password is theirs."""
        account = self.people.get(name)
        if account is None:
            return None
        if not self._checked.recently(name, password, account.password_hash):
            if not _beside_the_loop(check_password_hash, account.password_hash, password):
                return None
            self._checked.remember(name, password, account.password_hash)
        return account.user

    def by_token(self, token: str) -> User | None:
        """The operator or the service this token belongs to."""
        return self.tokens.get(hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest())


def open_accounts(settings: Settings) -> Accounts:
    """The accounts of this profile; raises `InvalidSetting` for a users file that cannot be read."""
    people, tokens = _from_file(settings.users_file) if settings.users_file else ({}, {})
    if settings.profile == DEMO:
        people = _demo() | people
    if settings.operator_token:
        digest = hashlib.sha256(settings.operator_token.encode()).hexdigest()
        tokens = tokens | {digest: User("operator", (OPERATOR_GROUP,))}
    return Accounts(people, tokens)


def _beside_the_loop(check: Callable[[str, str], bool], *arguments: str) -> bool:
    """In a thread of its own where greenlets serve everybody else: a slow hash would make all of them wait."""
    if not is_module_patched("threading"):
        return check(*arguments)
    return bool(get_hub().threadpool.apply(check, arguments))


def _demo() -> dict[str, Account]:
    return {
        name: Account(User(name, groups), generate_password_hash(name, _QUICK)) for name, groups in DEMO_GROUPS.items()
    }


def _from_file(path: Path) -> tuple[dict[str, Account], dict[str, User]]:
    """`users.NAME = {password, groups}` and `tokens.NAME = {sha256, application}`, as TOML or JSON."""
    try:
        text = path.read_text(encoding="utf-8")
        found = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
        people = {name: _account(name, entry) for name, entry in found.get("users", {}).items()}
        tokens = {entry["sha256"].lower(): _service(name, entry) for name, entry in found.get("tokens", {}).items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidSetting(f"users file {path}: {type(error).__name__}: {error}") from error
    return people, tokens


def _account(name: str, entry: Mapping[str, Any]) -> Account:
    groups = entry.get("groups", [])
    if name.startswith(SERVICE):
        raise ValueError(f"user {name}: names that begin with {SERVICE!r} belong to service tokens")
    if not isinstance(groups, list) or not all(isinstance(group, str) for group in groups):
        raise ValueError(f"user {name}: groups must be a list of names")
    return Account(User(name, tuple(groups)), str(entry["password"]))


def _service(name: str, entry: Mapping[str, Any]) -> User:
    """A principal of its own: never a person, in no group, and bound to one application."""
    application = str(entry["application"])
    if not is_application_name(application):
        raise ValueError(f"token {name}: {application[:80]!r} is no application's name, which match {APPLICATION_NAME}")
    if entry.get("groups"):
        raise ValueError(f"token {name}: a service has no groups")
    return User(f"{SERVICE}{name}", (), application)
