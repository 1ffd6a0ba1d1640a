"""Where log, views and engine disagree: what is compared, and what can be done about it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.errors import MalformedMessage
from domain.events.envelope import from_cloudevent
from domain.identity import Key

MISSING, BEHIND, AHEAD, DIFFERS, GHOST, HISTORY = "missing", "behind", "ahead", "differs", "ghost", "history"
LOG, ENGINE, STRANGER = "log", "engine", "stranger"
STUB = "stub"
"""The state of what retention has left of an ended aggregate: its version only."""
REPAIRABLE = frozenset({MISSING, BEHIND, AHEAD, DIFFERS, GHOST, HISTORY})

Version = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What retention may have removed from the views: what ended before these moments, as ISO-8601 UTC text."""

    commands: str = ""
    history: str = ""
    tasks: str = ""


NOTHING = Forgotten()


@dataclass(frozen=True, slots=True)
class Drift:
    """One disagreement about one aggregate; `version` is what the view has, (0, 0) when nothing.

    `document` names the document where that is not the one the aggregate should have.
    """

    kind: str
    key: Key
    detail: str
    version: Version = (0, 0)
    document: Any = field(default=None, compare=False)

    @property
    def document_id(self) -> Any:
        """The document in the view it is about."""
        return self.key.opaque if self.document is None else self.document


@dataclass(frozen=True, slots=True)
class Entry:
    """A head and what the log has of it: its newest event's body, how many revisions, the first and the last."""

    key: Key
    generation: int
    revision: int
    state: Mapping[str, Any]
    parked: bool
    body: str | None
    revisions: int
    first: int
    last: int

    @property
    def version(self) -> Version:
        """What guards its document."""
        return self.generation, self.revision


def judge_log(entry: Entry) -> Drift | None:
    """Whether the log itself is whole: every revision once, and the newest one says what the head does."""
    if (entry.first, entry.last, entry.revisions) != (1, entry.revision, entry.revision):
        has = f"the log has {entry.revisions} revisions, {entry.first} to {entry.last}, the head {entry.revision}"
        return Drift(LOG, entry.key, has)
    if entry.body is None:
        return Drift(LOG, entry.key, f"the log has no event {_text(entry.version)}, which the head names")
    try:
        said = from_cloudevent(json.loads(entry.body)).state
    except MalformedMessage as error:
        return Drift(LOG, entry.key, f"the newest event cannot be read: {error}")
    if _canonical(said) != _canonical(entry.state):
        return Drift(LOG, entry.key, "the newest event and the head say different things")
    return None


def judge_view(entry: Entry, expected: Mapping[str, Any], stored: Mapping[str, Any] | None) -> Drift | None:
    """Whether the view shows what the newest event projects to; what else is in the document does not matter."""
    waits = ", parked" if entry.parked else ""
    if stored is None:
        return Drift(MISSING, entry.key, f"not in the view, the log has {_text(entry.version)}{waits}")
    seen = version_of(stored)
    if seen != entry.version:
        kind = BEHIND if seen < entry.version else AHEAD
        return Drift(kind, entry.key, f"the view has {_text(seen)}, the log {_text(entry.version)}{waits}", seen)
    if stored.get("state") == STUB:
        return None
    if _canonical({name: stored.get(name) for name in expected}) == _canonical(expected):
        return None
    wrong = [name for name, value in expected.items() if _canonical(stored.get(name)) != _canonical(value)]
    return Drift(DIFFERS, entry.key, f"the view shows another {', '.join(sorted(wrong))}", seen)


def judge_history(key: Key, kept: int, expected: int) -> Drift | None:
    """Whether everything that happened is in the history."""
    return Drift(HISTORY, key, f"{kept} of {expected} events are in the history") if kept < expected else None


def version_of(document: Mapping[str, Any]) -> Version:
    """What a document says of itself; nonsense is older than everything."""
    generation, revision = document.get("generation"), document.get("revision")
    return (generation, revision) if isinstance(generation, int) and isinstance(revision, int) else (0, 0)


def key_of(document: Mapping[str, Any], aggregate: str) -> Key | None:
    """Whom a document is about, None when its id is not that of who it claims to be about."""
    application, subject = document.get("application"), document.get("subject")
    if not isinstance(application, str) or not isinstance(subject, str):
        return None
    key = Key(application, aggregate, subject)
    return key if key.opaque == document["_id"] else None


def _text(version: Version) -> str:
    return f"{version[0]}.{version[1]}"


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)
