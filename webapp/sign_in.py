"""Who is asking: HTTP Basic, a bearer token, or the page's session with its CSRF token."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from flask import g, request, session
from flask_wtf.csrf import CSRFProtect

from domain.access import User
from domain.errors import NotAllowed
from webapp.problems import NotSignedIn
from webapp.services import services

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
USER = "user"

OTHER_SITES = frozenset({"cross-site", "same-site"})

csrf = CSRFProtect()


def asker() -> User:
    """The user of this request; raises `NotSignedIn`."""
    if "asker" not in g:
        user = resolver()()
        if user is None:
            raise NotSignedIn
        if request.method in UNSAFE:
            _refuse_other_sites()
            if request.authorization is None:
                csrf.protect()
        g.asker = user
    found: User = g.asker
    return found


def _refuse_other_sites() -> None:
    """A browser sends remembered credentials along with what another site makes it send; raises `NotAllowed`."""
    origin = request.headers.get("Origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.host
    if foreign or request.headers.get("Sec-Fetch-Site", "none") in OTHER_SITES:
        raise NotAllowed("this request comes from another site")


def require_sign_in() -> None:
    """Ask who it is before anything else about a request is judged."""
    asker()


def resolver() -> Callable[[], User | None]:
    """A way to ask again later, after this request's context is gone, who is behind its credentials."""
    accounts, shown, name = services().accounts, request.authorization, session.get(USER)
    if shown is None:
        return lambda: accounts.user(name) if isinstance(name, str) else None
    if shown.type == "basic":
        return lambda: accounts.by_password(shown.username or "", shown.password or "")
    if shown.type == "bearer":
        return lambda: accounts.by_token(shown.token or "")
    return lambda: None
