"""Who is asking: HTTP Basic, a bearer token, or the page's session with its CSRF token."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from flask import g, request, session
from flask_wtf.csrf import CSRFProtect

from domain.access import User
from domain.errors import NotAllowed
from store.identity.sessions import Session
from webapp.problems import NotSignedIn, TooManyGuesses
from webapp.services import services

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
TOKEN = "session"  # noqa: S105 - its name in the cookie
OTHER_SITES = frozenset({"cross-site", "same-site"})

csrf = CSRFProtect()


def asker(*, used: bool = True) -> User:
    """The user of this request; raises `NotSignedIn`. Not `used`: a page asks by itself, and keeps no session alive."""
    if "asker" not in g:
        user = resolver(used=used)()
        if user is None:
            raise NotSignedIn
        if request.method in UNSAFE:
            _refuse_other_sites()
            if request.authorization is None:
                csrf.protect()
        g.asker = user
    found: User = g.asker
    return found


def require_sign_in() -> None:
    """Ask who it is before anything else about a request is judged."""
    asker()


def require_sign_in_of_who_waits() -> None:
    """The same where pages ask by themselves, for as long as they are open."""
    asker(used=False)


def resolver(*, used: bool = False) -> Callable[[], User | None]:
    """A way to ask again later, after this request's context is gone, who is behind its credentials."""
    shown, token = request.authorization, session.get(TOKEN)
    if shown is None:
        if not isinstance(token, str):
            return lambda: None
        return lambda: by_session(token, used=used)
    if shown.type == "basic":
        return _by_basic(shown.username or "", shown.password or "", request.remote_addr or "")
    if shown.type == "bearer":
        return lambda: services().accounts.by_token(shown.token or "")
    return lambda: None


def _by_basic(name: str, password: str, address: str) -> Callable[[], User | None]:
    """Once it was right, asking again costs nothing as long as the person's password is the same."""
    accounts = services().accounts
    right = accounts.proof(name) if "asker" in g and g.asker.name == name else ""

    def ask() -> User | None:
        nonlocal right
        if right and accounts.proof(name) == right:
            return accounts.user(name)
        user = by_password(name, password, address)
        right = accounts.proof(name) if user else ""
        return user

    return ask


def by_session(token: str, *, used: bool) -> User | None:
    """Whose session it is; one whose person is gone, or has another password now, is over."""
    found = services().believed.find(services().sessions, token, used=used)
    if found is None:
        return None
    accounts = services().accounts
    if found.proof != accounts.proof(found.user):
        end_sessions(found.user)
        return None
    return accounts.user(found.user)


def by_password(name: str, password: str, address: str) -> User | None:
    """The person, if the password is theirs; raises `TooManyGuesses` when it was wrong too often."""
    accounts, guesses = services().accounts, services().guesses
    if accounts.recently(name, password):
        return accounts.user(name)
    if not guesses.left(name, address):
        raise TooManyGuesses(seconds=guesses.seconds(name, address))
    user = accounts.by_password(name, password)
    if user is None:
        guesses.failed(name, address)
    return user


def begin_session(user: User) -> None:
    """From now on the browser of this request is signed in."""
    session.clear()
    session[TOKEN] = services().sessions.begin(Session(user.name, services().accounts.proof(user.name)))
    session.permanent = True


def end_sessions(user: str) -> None:
    """All of this person, in all browsers."""
    services().sessions.end_all_of(user)
    services().believed.forget(user)


def _refuse_other_sites() -> None:
    """A browser sends remembered credentials along with what another site makes it send; raises `NotAllowed`."""
    origin = request.headers.get("Origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.host
    if foreign or request.headers.get("Sec-Fetch-Site", "none") in OTHER_SITES:
        raise NotAllowed("this request comes from another site")
