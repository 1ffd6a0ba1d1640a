"""A data entry: a piece of business data that tasks are about, with who may see it and a log of what was done to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final, Literal, TypeAlias, TypedDict

from domain.access import OPERATORS, principals_of
from domain.errors import InvalidValue, Refused
from domain.events.envelope import Envelope
from domain.wire import dump

ProcessingType: TypeAlias = Literal["PRELIMINARY", "IN_PROGRESS", "COMPLETED", "CANCELLED", "UNDEFINED", "DELETED"]
UNDEFINED: Final = "UNDEFINED"
DELETED: Final = "DELETED"
MAX_TYPE, MAX_ID = 100, 250
"""Characters of a type and of an id."""


class EntryIsGone(Refused):
    """The data entry has been deleted for good."""

    status, slug = 409, "data-entry-deleted"


class EntryOfAnotherTenant(Refused):
    """The data entry belongs to another tenant, and stays there."""

    status, slug = 409, "data-entry-of-another-tenant"


@dataclass(frozen=True, slots=True)
class EntryState:
    """How far the work on it is: one of a few kinds, and the application's own text."""

    processing_type: ProcessingType = UNDEFINED
    state: str | None = None


@dataclass(frozen=True, slots=True)
class LogLine:
    """Who did what to it, in the application's words; `time` is ISO-8601 UTC."""

    user: str | None = None
    message: str | None = None
    details: str | None = None
    time: str | None = None


@dataclass(frozen=True, slots=True)
class Authorization:
    """Who may see it from now on, or no longer."""

    add_users: tuple[str, ...] = ()
    add_groups: tuple[str, ...] = ()
    remove_users: tuple[str, ...] = ()
    remove_groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DataEntry:
    """One entry; `(entry_type, entry_id)` names it within its application, `type` is the type as people call it."""

    entry_type: str
    entry_id: str
    application: str
    type: str | None = None
    name: str | None = None
    description: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    correlations: tuple[Mapping[str, Any], ...] = ()
    state: Mapping[str, Any] = field(default_factory=lambda: dump(EntryState()))
    authorized_users: tuple[str, ...] = ()
    authorized_groups: tuple[str, ...] = ()
    form_key: str | None = None
    form_url: str | None = None
    tenant_id: str | None = None
    deleted: bool = False
    final: bool = False
    end_time: str | None = None


CHANGEABLE = ("type", "name", "description", "payload", "correlations", "state", "form_key", "form_url")


@dataclass(frozen=True, slots=True)
class SaveEntry:
    """Make it, or replace all that can change of it; who may see it changes only by `authorizations`, in order.

    Its tenant is the first that is said of it.
    """

    entry: DataEntry
    log: LogLine = LogLine()
    authorizations: tuple[Authorization, ...] = ()


@dataclass(frozen=True, slots=True)
class MergeEntry:
    """Change the fields named (snake_case, of `CHANGEABLE`); the payload by JSON merge patch (RFC 7396)."""

    changes: Mapping[str, Any]
    log: LogLine = LogLine()
    authorizations: tuple[Authorization, ...] = ()


@dataclass(frozen=True, slots=True)
class DeleteEntry:
    """It is gone; `final`: for good, otherwise saving makes it again."""

    log: LogLine = LogLine()
    time: str | None = None
    final: bool = False


@dataclass(frozen=True, slots=True)
class AnonymiseEntry:
    """Call somebody by another name wherever the entry and its log name them: who may see it, who did what."""

    username: str
    replacement: str
    log: LogLine = LogLine()


EntryCommand = SaveEntry | MergeEntry | DeleteEntry | AnonymiseEntry


class Logged(TypedDict):
    """What was done to an entry, in the application's words."""

    log: Mapping[str, Any]


class Renamed(TypedDict):
    """Who is called otherwise; what shows it forgets the name."""

    username: str
    replacement: str
    log: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EntrySaved:
    """It has been made or changed."""

    type: ClassVar[str] = "data_entry.saved"
    entry: DataEntry
    log: LogLine

    def changes(self) -> Logged:
        """The line of its log."""
        return {"log": dump(self.log)}


@dataclass(frozen=True, slots=True)
class EntryDeleted:
    """It is gone."""

    type: ClassVar[str] = "data_entry.deleted"
    log: LogLine
    time: str | None
    final: bool

    def changes(self) -> Logged:
        """The line of its log."""
        return {"log": dump(self.log)}


@dataclass(frozen=True, slots=True)
class EntryAnonymised:
    """Somebody is called otherwise."""

    type: ClassVar[str] = "data_entry.anonymised"
    username: str
    replacement: str
    log: LogLine

    def changes(self) -> Renamed:
        """For those who have written the name down."""
        return {"username": self.username, "replacement": self.replacement, "log": dump(self.log)}


EntryEvent = EntrySaved | EntryDeleted | EntryAnonymised


def entry_key(entry_type: str, entry_id: str) -> str:
    """Its id as an aggregate, `type/id`; a slash or backslash in the type is escaped, so that no two have one.

    Raises `InvalidValue` where either is empty or too long.
    """
    for name, value, most in (("entryType", entry_type, MAX_TYPE), ("entryId", entry_id, MAX_ID)):
        if not 0 < len(value) <= most or "\0" in value:
            raise InvalidValue(f"{name}: must have 1 to {most} characters, and no NUL")
    escaped = entry_type.replace("\\", "\\\\").replace("/", "\\/")
    return f"{escaped}/{entry_id}"


def decide(entry: DataEntry | None, command: EntryCommand) -> list[EntryEvent]:
    """What neither changes an entry nor has a line for its log makes no event.

    Raises `EntryIsGone`, `EntryOfAnotherTenant`.
    """
    if entry is not None and entry.final:
        if isinstance(command, DeleteEntry):
            return []
        if not isinstance(command, AnonymiseEntry):
            raise EntryIsGone
    present = entry if entry is not None and not entry.deleted else None
    match command:
        case SaveEntry(wanted, log, authorizations):
            kept = present or replace(wanted, authorized_users=(), authorized_groups=())
            after = replace(
                wanted,
                authorized_users=kept.authorized_users,
                authorized_groups=kept.authorized_groups,
                tenant_id=_tenant(entry, wanted),
            )
            return _saved(present, authorized(after, authorizations), log)
        case MergeEntry(changes, log, authorizations):
            if present is None:
                return []
            values = {**changes}
            if "payload" in values:
                values["payload"] = merged(present.payload, values["payload"])
            return _saved(present, authorized(replace(present, **values), authorizations), log)
        case AnonymiseEntry(username, replacement, log):
            return [EntryAnonymised(username, replacement, log)] if entry else []
        case DeleteEntry(log, time, final):
            return [EntryDeleted(log, time, final)] if present or (entry and final) else []


def evolve(entry: DataEntry | None, event: EntryEvent) -> DataEntry:
    """The entry after the event."""
    if isinstance(event, EntrySaved):
        return event.entry
    if entry is None:
        raise ValueError(f"{event.type} before data_entry.saved")
    if isinstance(event, EntryAnonymised):
        users = {event.replacement if name == event.username else name for name in entry.authorized_users}
        return replace(entry, authorized_users=tuple(sorted(users)))
    state = {**entry.state, "processingType": DELETED}
    return replace(entry, deleted=True, final=event.final, end_time=event.time, state=state)


def principals(state: Mapping[str, Any]) -> list[str]:
    """Who may see it; of one that is deleted only operators know."""
    if state["deleted"]:
        return []
    return [OPERATORS, *principals_of(state["authorizedUsers"], state["authorizedGroups"], state.get("tenantId"))]


def authorized(entry: DataEntry, changes: Iterable[Authorization]) -> DataEntry:
    """One change after the other; within one, removing wins."""
    users, groups = set(entry.authorized_users), set(entry.authorized_groups)
    for change in changes:
        users = (users | set(change.add_users)) - set(change.remove_users)
        groups = (groups | set(change.add_groups)) - set(change.remove_groups)
    return replace(entry, authorized_users=tuple(sorted(users)), authorized_groups=tuple(sorted(groups)))


def merged(target: Any, patch: Any) -> Any:
    """JSON merge patch; source: RFC 7396, section 2."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def patch_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The merge patch that makes one of the other."""
    patch: dict[str, Any] = dict.fromkeys(before.keys() - after.keys())
    for name, value in after.items():
        known = before.get(name)
        if isinstance(known, Mapping) and isinstance(value, Mapping):
            patch[name] = patch_between(known, value)
        elif name not in before or known != value:
            patch[name] = value
    return patch


def _tenant(before: DataEntry | None, wanted: DataEntry) -> str | None:
    """For good the first that is said, also of one that is made again: its log has stayed."""
    first = before.tenant_id if before else None
    if first and wanted.tenant_id not in (None, first):
        raise EntryOfAnotherTenant
    return first or wanted.tenant_id


def _saved(before: DataEntry | None, after: DataEntry, log: LogLine) -> list[EntryEvent]:
    says = any((log.user, log.message, log.details))
    return [EntrySaved(after, log)] if before != after or says else []


def rename(envelope: Envelope) -> tuple[str, str] | None:
    """Who is to be called how in what is kept of the entry's past; None for events that say nothing of this."""
    changes = envelope.changes
    return (changes["username"], changes["replacement"]) if envelope.type == EntryAnonymised.type else None


def line(envelope: Envelope) -> dict[str, Any]:
    """What is kept of an event in the log of the entry, and how far the work was after it."""
    return {"log": envelope.changes.get("log"), "state": envelope.state["state"]}
