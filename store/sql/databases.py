"""The databases of all applications, for what looks at the whole system: opened when first needed, away one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from domain.errors import StoreUnavailable, Transient
from store.sql.database import Database

AnswerT = TypeVar("AnswerT")


@dataclass(frozen=True, slots=True)
class Everywhere(Generic[AnswerT]):
    """What each store answered, by its name, and why the others did not."""

    answers: dict[str, AnswerT] = field(default_factory=dict)
    away: dict[str, str] = field(default_factory=dict)


class ApplicationDatabases:
    """One database per application with a process of its own, and the host's, the last, for all others."""

    def __init__(self, url_of: Callable[[str], str], names: Sequence[str]) -> None:
        self._url_of = url_of
        self._opened: dict[str, Database] = {}
        self._opening = Lock()
        self.names = tuple(names)

    def store_of(self, application: str) -> str:
        """The name of the store that holds the application's log."""
        return application if application in self.names else self.names[-1]

    def open(self, name: str) -> Database:
        """The database of a store, by its name; raises `StoreUnavailable`."""
        with self._opening:
            if name not in self._opened:
                self._opened[name] = Database(_existing(self._url_of(name), name), name)
            return self._opened[name]

    def ask(self, question: Callable[[Database], AnswerT], names: Sequence[str] | None = None) -> Everywhere[AnswerT]:
        """Put one question to every store, or to those named; one that is away is reported, and the rest answer."""
        found: Everywhere[AnswerT] = Everywhere()
        for name in self.names if names is None else names:
            try:
                found.answers[name] = question(self.open(name))
            except (Transient, SQLAlchemyError) as error:
                found.away[name] = _reason(error)
        return found

    def first(self, question: Callable[[Database], AnswerT | None], wanted: str) -> AnswerT | None:
        """Ask one store after the other until one has what is `wanted`; None where none has.

        Raises `StoreUnavailable` when it may be in one that is away.
        """
        away: dict[str, str] = {}
        for name in self.names:
            found = self.ask(question, [name])
            away |= found.away
            if (answer := found.answers.get(name)) is not None:
                return answer
        if away:
            raise StoreUnavailable(f"{wanted} may be in a store that is away: {', '.join(sorted(away))}")
        return None

    def close(self) -> None:
        """Close every connection."""
        with self._opening:
            for database in self._opened.values():
                database.close()
            self._opened.clear()


def _existing(url: str, name: str) -> str:
    # SQLite would make an empty file where there is none, and call it a database.
    path = make_url(url).database if url.startswith("sqlite") else None
    if path and path != ":memory:" and not Path(path).exists():
        raise StoreUnavailable(f"the store of {name} is not here: {path}")
    return url


def _reason(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
