"""Data entries as application code writes them, in its unit of work: with the step of the engine, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from domain.access import tenant_named
from domain.aggregates.data_entry import (
    CHANGEABLE,
    AnonymiseEntry,
    Authorization,
    DataEntry,
    DeleteEntry,
    EntryState,
    LogLine,
    MergeEntry,
    SaveEntry,
    entry_key,
)
from domain.identity import Key
from domain.wire import dump
from store.events.unit_of_work import UnitOfWork
from tasks.sealed_entries import SealedEntries

Projection: TypeAlias = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
"""`(entry_id, payload) -> fields`: what an entry is called and is about, where whoever saves it does not say so."""
Correlations: TypeAlias = Sequence[tuple[str, str]]
"""`(entry type, entry id)` of other entries of the application."""


@dataclass(frozen=True, slots=True)
class DataEntries:
    """The data entries of one application, in one unit of work."""

    unit: UnitOfWork
    application: str
    projections: Mapping[str, Projection]
    sealing: SealedEntries | None = None
    """Seals what is declared personal data; None where nothing is."""

    def save(
        self,
        *,
        entry_type: str,
        entry_id: str,
        payload: Mapping[str, Any],
        state: EntryState | None = None,
        correlations: Correlations | None = None,
        user: str | None = None,
        message: str | None = None,
        details: str | None = None,
        authorizations: Sequence[Authorization] | None = None,
        tenant: str | None = None,
        **fields: Any,
    ) -> None:
        """Make it or replace it; `fields` are any of `type name description form_key form_url`.

        What is not said comes from the projection of its type, else from its names. Without `authorizations` the user
        may see it from now on; of a tenant, the first that is said, only who is in it. Raises `InvalidValue` for names
        that are too long, `TypeError` for unknown fields; the unit of work raises `EntryIsGone` when it was deleted for
        good, and `EntryOfAnotherTenant`.
        """
        _require_known(fields)
        found = {**self._projected(entry_type, entry_id, payload), **fields}
        if correlations is not None:
            found["correlations"] = correlations
        entry = DataEntry(
            *(entry_type, entry_id, self.application),
            type=found.get("type") or entry_type,
            name=found.get("name") or entry_id,
            description=found.get("description"),
            payload=payload,
            correlations=self._correlated(found.get("correlations") or ()),
            state=dump(state or found.get("state") or EntryState()),
            form_key=found.get("form_key"),
            form_url=found.get("form_url"),
            tenant_id=tenant_named(tenant),
        )
        if self.sealing is not None:
            derived = found.keys() - fields.keys()
            entry = self.sealing.whole(entry, derived, lambda other: self._projected(entry_type, entry_id, other))
        said = SaveEntry(entry, self._line(user, message, details), _access(authorizations, user))
        self._say(entry_type, entry_id, said)

    def merge(
        self,
        *,
        entry_type: str,
        entry_id: str,
        user: str | None = None,
        message: str | None = None,
        details: str | None = None,
        authorizations: Sequence[Authorization] | None = None,
        **changes: Any,
    ) -> None:
        """Change some of it: `payload` as a JSON merge patch, `state` and `correlations` as in `save`, or its fields.

        Nothing happens to an entry that is not there.
        """
        _require_known(changes, ("payload", "state", "correlations"))
        if "state" in changes:
            changes["state"] = dump(changes["state"])
        if "correlations" in changes:
            changes["correlations"] = self._correlated(changes["correlations"])
        if self.sealing is not None:
            changes = self.sealing.changes(entry_type, entry_id, changes)
        said = MergeEntry(changes, self._line(user, message, details), _access(authorizations, user))
        self._say(entry_type, entry_id, said)

    def delete(
        self,
        *,
        entry_type: str,
        entry_id: str,
        user: str | None = None,
        message: str | None = None,
        details: str | None = None,
        final: bool = False,
    ) -> None:
        """It is gone; unless `final`, saving makes it again. Nothing happens to one that is not there."""
        said = DeleteEntry(self._line(user, message, details), self.unit.origin.time, final)
        self._say(entry_type, entry_id, said)

    def anonymise(
        self,
        *,
        entry_type: str,
        entry_id: str,
        username: str,
        replacement: str,
        user: str | None = None,
        message: str | None = None,
        details: str | None = None,
    ) -> None:
        """Call somebody by another name wherever the entry and its log name them, also in what becomes known later.

        The payload is the application's own to change. What was said before stays in the event log.
        """
        said = AnonymiseEntry(username, replacement, self._line(user, message, details))
        self._say(entry_type, entry_id, said)

    def _say(self, entry_type: str, entry_id: str, command: Any) -> None:
        self.unit.collect(Key(self.application, "data_entry", entry_key(entry_type, entry_id)), command)

    def _line(self, user: str | None, message: str | None, details: str | None) -> LogLine:
        return LogLine(user, message, details, self.unit.origin.time)

    def _correlated(self, found: Correlations) -> tuple[Mapping[str, Any], ...]:
        return tuple(
            {"application": self.application, "entryType": entry_type, "entryId": entry_id}
            for entry_type, entry_id in found
        )

    def _projected(self, entry_type: str, entry_id: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        projection = self.projections.get(entry_type)
        return {} if projection is None else projection(entry_id, payload)


def preliminary(state: str | None = None) -> EntryState:
    """Work on it has not begun; `state` is the application's own word for it."""
    return EntryState("PRELIMINARY", state)


def in_progress(state: str | None = None) -> EntryState:
    """It is being worked on."""
    return EntryState("IN_PROGRESS", state)


def completed(state: str | None = None) -> EntryState:
    """The work is done."""
    return EntryState("COMPLETED", state)


def cancelled(state: str | None = None) -> EntryState:
    """The work was given up."""
    return EntryState("CANCELLED", state)


def allow(*, users: Sequence[str] = (), groups: Sequence[str] = ()) -> Authorization:
    """These may see it from now on."""
    return Authorization(tuple(users), tuple(groups))


def withdraw(*, users: Sequence[str] = (), groups: Sequence[str] = ()) -> Authorization:
    """These may no longer see it."""
    return Authorization((), (), tuple(users), tuple(groups))


_FIELDS = frozenset(CHANGEABLE) - {"payload", "state", "correlations"}


def _require_known(fields: Mapping[str, Any], more: Sequence[str] = ()) -> None:
    if unknown := fields.keys() - _FIELDS - {*more}:
        raise TypeError(f"a data entry has no {', '.join(sorted(unknown))}; it has {', '.join(sorted(_FIELDS))}")


def _access(authorizations: Sequence[Authorization] | None, user: str | None) -> tuple[Authorization, ...]:
    if authorizations is None:
        return (Authorization((user,)),) if user else ()
    return tuple(authorizations)
