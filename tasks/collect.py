"""Apply records from outside engines: in order, each once, the unreadable ones set aside."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from domain.aggregates.advance import Origin
from domain.errors import Permanent, Refused, Transient
from domain.values import iso
from engines.formats.records import read
from observe import metrics
from store.engine.received import Received, ReceivedRecord
from store.events.unit_of_work import UnitOfWork
from tasks.carry_out import Begin

log = logging.getLogger(__name__)

BATCH = 100


def collect(begin: Begin, now: Callable[[], datetime], batch: int = BATCH) -> int:
    """Drain what has been received; returns how many records were taken. Raises `Transient`."""
    taken = 0
    while True:
        with begin(Origin(iso(now()))) as work:
            work.admit()
            received = Received(work.connection)
            records = received.next(batch)
            if not records:
                return taken
            if not _apply(work, records):
                records = [record for record in records if _apply_alone(work, received, record)]
            received.done(records)
        metrics.count_records(applied=len(records))
        taken += len(records)


def _apply(work: UnitOfWork, records: Sequence[ReceivedRecord]) -> bool:
    """The whole batch at once, which is nearly always possible."""
    try:
        with work.savepoint():
            for record in records:
                _say(work, record)
            work.decide_and_write()
    except Transient:
        raise
    except Exception:  # noqa: BLE001 - whose record it was, and why, is found out one by one
        return False
    return True


def _apply_alone(work: UnitOfWork, received: Received, record: ReceivedRecord) -> bool:
    try:
        with work.savepoint():
            _say(work, record)
            work.decide_and_write()
    except Transient:
        raise
    except (Permanent, Refused) as error:
        received.quarantine(record, str(error))
        log.warning("record_quarantined", extra=_which(record))
    except Exception as error:
        # A bug of ours: it would come again with every attempt, and no engine outside would be heard any more.
        received.quarantine(record, f"{type(error).__name__}: {error}")
        log.exception("record_failed", extra=_which(record))
    else:
        return True
    metrics.count_records(quarantined=1)
    return False


def _which(record: ReceivedRecord) -> dict[str, object]:
    return {"application": record.application, "position": record.position}


def _say(work: UnitOfWork, record: ReceivedRecord) -> None:
    for key, command in read(record.application, record.record):
        work.collect(key, command)
