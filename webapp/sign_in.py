"""Who is asking: HTTP Basic, a bearer token, or the page's session with its CSRF token."""

from __future__ import annotations

from collections.abc import Callable

from flask import g, request, session
from flask_wtf.csrf import CSRFProtect

from domain.access import User
from webapp.problems import NotSignedIn
from webapp.services import services

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
USER = "user"

csrf = CSRFProtect()


def asker() -> User:
    """The user of this request; raises `NotSignedIn`."""
    if "asker" not in g:
        user = resolver()()
        if user is None:
            raise NotSignedIn
        if request.authorization is None and request.method in UNSAFE:
            csrf.protect()
        g.asker = user
    found: User = g.asker
    return found


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
