"""Sessions found a moment ago, so that not every request asks the store."""

from __future__ import annotations

import time

from store.identity.sessions import Session, Sessions

BELIEVED_SECONDS = 5.0
_MANY = 10_000


class Believed:
    """Sessions found a moment ago; what another process ends is noticed when the moment is over."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[float, Session]] = {}

    def find(self, sessions: Sessions, token: str, *, used: bool) -> Session | None:
        """The session, from memory or from the store; raises `StoreUnavailable`."""
        until, known = self._found.get(token, (0.0, None))
        if known is not None and until > time.monotonic():
            return known
        found = sessions.find(token, used=used)
        if found is None:
            self._found.pop(token, None)
            return None
        while len(self._found) >= _MANY:
            self._found.pop(next(iter(self._found)))
        self._found[token] = time.monotonic() + BELIEVED_SECONDS, found
        return found

    def forget(self, user: str) -> None:
        """What is known of somebody's sessions."""
        for token, (_, found) in list(self._found.items()):
            if found.user == user:
                self._found.pop(token, None)
