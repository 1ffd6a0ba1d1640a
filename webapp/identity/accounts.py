"""Who exists: demo accounts, or the users and service tokens of a file; and who just proved to be whom."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping

from gevent import get_hub
from gevent.monkey import is_module_patched
from werkzeug.security import check_password_hash, generate_password_hash

from domain.access import OPERATOR_GROUP, User
from settings import DEMO, PRODUCTION, InvalidSetting, Settings
from store.identity.people import DEMO_GROUPS
from store.identity.users_file import OPERATOR, Account, Users, UsersFile

LOOK_SECONDS = 5.0
"""How often the users file is looked at."""
_QUICK = "pbkdf2:sha256:1"
_REMEMBERED_SECONDS = 60
_REMEMBERED = 2000

log = logging.getLogger(__name__)


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


class Accounts:
    """Looks people up and checks what they show; a slow hash is paid once a minute, not once a call."""

    def __init__(self, always: Users, file: UsersFile | None = None, secret: str = "") -> None:
        """`always`: who exists besides those in the file; raises `InvalidSetting` when it cannot be read."""
        self._always, self._file, self._secret = always, file, secret.encode()
        self._checked = Checked()
        self._users = self._read()
        self._looked = time.monotonic()

    def user(self, name: str) -> User | None:
        """The person of this name."""
        account = self._now().people.get(name)
        return account.user if account else None

    def everybody(self) -> list[User]:
        """All people, by name."""
        return [account.user for _, account in sorted(self._now().people.items())]

    def by_password(self, name: str, password: str) -> User | None:
        """The person, if the password is theirs."""
        account = self._now().people.get(name)
        if account is None:
            # As long as for somebody who exists: who that is, is nobody's business.
            for other in list(self._users.people.values())[:1]:
                _beside_the_loop(check_password_hash, other.password_hash, password)
            return None
        if not self._checked.recently(name, password, account.password_hash):
            if not _beside_the_loop(check_password_hash, account.password_hash, password):
                return None
            self._checked.remember(name, password, account.password_hash)
        return account.user

    def recently(self, name: str, password: str) -> bool:
        """Whether this password has been found right a moment ago, and still would be."""
        account = self._now().people.get(name)
        return account is not None and self._checked.recently(name, password, account.password_hash)

    def by_token(self, token: str) -> User | None:
        """The operator or the service this token belongs to."""
        return self._now().tokens.get(hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest())

    def proof(self, name: str) -> str:
        """A digest that changes with the person's password; empty when there is no such person."""
        account = self._now().people.get(name)
        return hmac.new(self._secret, account.password_hash.encode(), hashlib.sha256).hexdigest() if account else ""

    def _now(self) -> Users:
        """Who exists now; a file that cannot be read any more changes nothing, and says so in the log."""
        if self._file and time.monotonic() - self._looked > LOOK_SECONDS:
            self._looked = time.monotonic()
            if self._file.has_changed():
                try:
                    self._users = self._read()
                    log.info("users_read_again", extra={"people": len(self._users.people)})
                except InvalidSetting as error:
                    log.warning("users_file_unreadable", extra={"reason": str(error)})
        return self._users

    def _read(self) -> Users:
        found = self._file.read() if self._file else Users()
        return Users({**self._always.people, **found.people}, {**found.tokens, **self._always.tokens})


def open_accounts(settings: Settings) -> Accounts:
    """The accounts of this profile; raises `InvalidSetting` for a users file that cannot be read."""
    tokens: Mapping[str, User] = {}
    if settings.operator_token:
        digest = hashlib.sha256(settings.operator_token.encode()).hexdigest()
        tokens = {digest: User(OPERATOR, (OPERATOR_GROUP,))}
    always = Users(_demo() if settings.profile == DEMO else {}, tokens)
    return Accounts(always, _file_of(settings), settings.secret_key)


def _file_of(settings: Settings) -> UsersFile | None:
    return UsersFile(settings.users_file, settings.profile == PRODUCTION) if settings.users_file else None


def _beside_the_loop(check: Callable[[str, str], bool], *arguments: str) -> bool:
    """In a thread of its own where greenlets serve everybody else: a slow hash would make all of them wait."""
    if not is_module_patched("threading"):
        return check(*arguments)
    return bool(get_hub().threadpool.apply(check, arguments))


def _demo() -> dict[str, Account]:
    return {
        name: Account(User(name, groups), generate_password_hash(name, _QUICK)) for name, groups in DEMO_GROUPS.items()
    }
