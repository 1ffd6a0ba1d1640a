"""What the production profile refuses to start with: one list, the same as in `docs/operations.md`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from werkzeug.security import check_password_hash
from zxcvbn import zxcvbn
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from settings import InvalidSetting, Settings
from store.identity.users_file import Account, UsersFile, weakness_of

HARD_TO_GUESS = 12.0
"""Of a generated secret: as many decimal digits of guesses, by the estimate of zxcvbn, which reads 72 characters."""
MOST_COMMON, FEWEST = 100, 10
ALL_TRIES = 4000
"""Passwords tried on all new hashes together: each takes a hash its time."""
_READ = 72
_TLS_SCHEMES = frozenset({"amqps", "rediss", "mongodb+srv"})
_SAFE_MODES = frozenset({"require", "verify-ca", "verify-full"})

Say = Callable[[str], None]


def refuse_what_is_weak(settings: Settings, say: Say = lambda _text: None) -> None:
    """Raise `InvalidSetting` for the first thing on the list that is so here; `say` tells of what takes long."""
    for weakness in weaknesses(settings, say):
        raise InvalidSetting(f"the production profile does not start so: {weakness}")


def weaknesses(settings: Settings, say: Say) -> Iterator[str]:
    """Everything on the list that is so here, what is quickly found first."""
    yield from _guessable_secrets(settings)
    yield from _servers(settings)
    yield from _ways_out(settings)
    yield from _open_web(settings)
    yield from _people(settings, say)


def _guessable_secrets(settings: Settings) -> Iterator[str]:
    secrets = {
        "TASKPOOL_SECRET_KEY": settings.secret_key,
        "TASKPOOL_OPERATOR_TOKEN": settings.operator_token,
        "TASKPOOL_METRICS_TOKEN": settings.metrics_token,
        "TASKPOOL_FLOWER_PASSWORD": settings.flower_password,
        "TASKPOOL_WEBHOOK_SECRET": settings.notifying.webhook_secret,
    }
    for name, secret in secrets.items():
        if secret and float(zxcvbn(secret[:_READ])["guesses_log10"]) < HARD_TO_GUESS:
            yield f"{name} can be guessed; generate one with: openssl rand -hex 32"


def _servers(settings: Settings) -> Iterator[str]:
    urls = {
        "TASKPOOL_AMQP_URL": settings.amqp_url,
        "TASKPOOL_MONGO_URL": settings.mongo_url,
        "TASKPOOL_REDIS_URL": settings.redis_url,
        "TASKPOOL_SQL_URL": settings.sql_url or "",
    }
    for name, url in urls.items():
        parts = urlsplit(url)
        password, user = unquote(parts.password or ""), unquote(parts.username or "")
        hosts = _hosts(parts)
        if password and (password == user or password.lower() in _common()):
            yield f"{name}: the password of {user or 'the default user'} at {hosts[0]} is one that everybody tries"
        if all(_is_here(host) for host in hosts):
            continue
        if not _is_encrypted(parts):
            yield f"{name}: {hosts[0]} is another host and is spoken to without TLS"
        if not password and "MONGODB-X509" not in parts.query:
            yield f"{name}: {hosts[0]} is another host and lets us in without a password"


def _ways_out(settings: Settings) -> Iterator[str]:
    ways = settings.notifying
    hooks = {"TASKPOOL_WEBHOOKS": ways.webhooks, "TASKPOOL_CHANGE_WEBHOOKS": ways.change_webhooks}
    for name, parts in ((name, urlsplit(url)) for name, urls in hooks.items() for url in urls):
        if parts.scheme != "https" and not _is_here(parts.hostname or ""):
            yield f"{name}: {parts.hostname} is another host and is spoken to without TLS"
    mail = urlsplit(ways.smtp_url)
    is_plain = mail.scheme == "smtp" and parse_qs(mail.query).get("starttls", ["required"])[0] != "required"
    if is_plain and not _is_here(mail.hostname or ""):
        yield f"TASKPOOL_SMTP_URL: {mail.hostname} is another host and may be spoken to without TLS"


def _open_web(settings: Settings) -> Iterator[str]:
    if not _is_here(settings.host) and not settings.proxies:
        yield (
            f"TASKPOOL_HOST is {settings.host}, which others reach without TLS; put a proxy with TLS in front and say "
            "with TASKPOOL_PROXIES how many there are"
        )


def _people(settings: Settings, say: Say) -> Iterator[str]:
    if settings.users_file is None:
        yield "nobody could sign in; set TASKPOOL_USERS to a file with accounts"
        return
    people = UsersFile(settings.users_file).read().people
    if not people:
        yield f"nobody could sign in; {settings.users_file} has no users"
    for name, account in people.items():
        if weakness := weakness_of(account):
            yield f"{settings.users_file}: the password of {name} {weakness}"
    yield from _common_passwords(settings, people, say)


def _common_passwords(settings: Settings, people: Mapping[str, Account], say: Say) -> Iterator[str]:
    """Names and the most common passwords, tried on each hash once in its life."""
    known = Checked(settings.home / "data" / "passwords_tried.json")
    new = {name: account for name, account in people.items() if not known.has(name, account)}
    if not new:
        return
    say(f"trying names and common passwords on {len(new)} accounts of {settings.users_file}")
    tried = FREQUENCY_LISTS["passwords"][: max(FEWEST, min(MOST_COMMON, ALL_TRIES // len(new)))]
    with ThreadPoolExecutor() as pool:
        for name, weak in zip(new, pool.map(lambda name: _is_one_of(new[name], (name, *tried)), new), strict=True):
            if weak:
                yield f"{settings.users_file}: the password of {name} is the name itself or one that everybody tries"
    known.remember(new)


class Checked:
    """Accounts on which names and common passwords were tried before; by digests, which tell nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._digests = set(json.loads(path.read_text()))
        except (OSError, ValueError, TypeError):
            self._digests = set()

    def has(self, name: str, account: Account) -> bool:
        """Whether this name with this hash was."""
        return self._digest(name, account) in self._digests

    def remember(self, people: Mapping[str, Account]) -> None:
        """All of these were; a file that cannot be written makes the next start slower."""
        self._digests |= {self._digest(name, account) for name, account in people.items()}
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_text(json.dumps(sorted(self._digests)))
        except OSError:
            return

    def _digest(self, name: str, account: Account) -> str:
        return hashlib.sha256(f"{name}\0{account.password_hash}".encode()).hexdigest()


def _is_one_of(account: Account, passwords: tuple[str, ...]) -> bool:
    return any(check_password_hash(account.password_hash, password) for password in passwords)


def _common() -> frozenset[str]:
    return frozenset(FREQUENCY_LISTS["passwords"])


def _hosts(parts: SplitResult) -> list[str]:
    """Of a MongoDB address there may be several."""
    places = parts.netloc.rpartition("@")[2].split(",")
    return [urlsplit(f"//{place}").hostname or "" for place in places]


def _is_here(host: str) -> bool:
    return host in ("", "localhost", "::1") or host.startswith("127.")


def _is_encrypted(parts: SplitResult) -> bool:
    said = parse_qs(parts.query.lower())
    wanted = {*said.get("tls", ()), *said.get("ssl", ())} & {"true", "1"}
    return parts.scheme in _TLS_SCHEMES or bool(wanted) or bool(_SAFE_MODES.intersection(said.get("sslmode", ())))
