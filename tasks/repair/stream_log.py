"""Send the log of one store to a rebuild that asked for it, from where it says, for as long as one job may take."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic, time
from typing import Any

from domain.errors import Transient
from domain.stop import Stop
from store.events.log_reader import LogCursor, LogReader
from store.messaging.log_pages import LogSender, NobodyAsks
from store.sql.database import Database

log = logging.getLogger(__name__)

STREAM_JOB = "taskpool.engine.log"
SLICE_SECONDS = 50.0
PATIENCE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class LogWanted:
    """What a rebuild asks an application for; not to be answered after `expires`, in seconds since 1970."""

    run: str
    application: str
    after: LogCursor
    expires: float

    def to_plain(self) -> dict[str, Any]:
        """As JSON carries it."""
        after = [str(self.after.xid), self.after.position]
        return {"run": self.run, "application": self.application, "after": after, "expires": self.expires}

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> LogWanted:
        """Read what `to_plain` wrote."""
        xid, position = data["after"]
        return cls(data["run"], data["application"], LogCursor(int(xid), int(position)), data["expires"])


def stream_log(database: Database, sender_to: Callable[[str, str], LogSender], wanted: LogWanted, stop: Stop) -> None:
    """Everything logged before now, or as much as fits into the slice; what fails is asked for again."""
    if time() > wanted.expires:
        return
    try:
        with sender_to(wanted.run, wanted.application) as sender:
            _send(LogReader(database), sender, wanted.after, stop)
    except (NobodyAsks, Transient) as problem:
        log.warning("log_not_sent", extra={"run": wanted.run, "reason": str(problem)})


def _send(reader: LogReader, sender: LogSender, cursor: LogCursor, stop: Stop) -> None:
    ends = monotonic() + SLICE_SECONDS
    for page in reader.pages(cursor):
        cursor, over = page[-1].cursor, stop.is_set() or monotonic() > ends
        sender.send(page, cursor, "pause" if over else "more", monotonic() + PATIENCE_SECONDS)
        if over:
            return
    sender.send((), cursor, "end", monotonic() + PATIENCE_SECONDS)
