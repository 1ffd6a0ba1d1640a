"""After a person's key is destroyed: what is kept unsealed of them is overwritten, what was sealed is said again.

Repeatable and in small units of work: whoever ends in the middle leaves the person noted as `erasing`, and the next
run goes through what is left.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

from domain.identity import Key
from domain.personal import Personal, erased, instance_of, of_instance
from domain.stop import Stop
from engines.spiff.saved import with_data_changed
from store.engine.instances import Instances
from store.events.unit_of_work import Store
from store.personal.holders import Holders
from store.personal.subjects import Erasing, erasing, forget_name

log = logging.getLogger(__name__)

SLICE_SECONDS = 50.0
_UNREADABLE = (AttributeError, LookupError, RecursionError, TypeError, ValueError)

PersonalOf = Callable[[str], Sequence[Personal]]
"""What is personal data in the variables of a process."""


@dataclass(frozen=True, slots=True)
class Eraser:
    """Of one store; `personal_of` is None where no engine of ours runs. Raises `Transient`."""

    store: Store
    personal_of: PersonalOf | None

    def finish(self, stop: Stop, seconds: float = SLICE_SECONDS) -> int:
        """Overwrite what is left of those whose key is gone, until the time is over; returns of how many nothing is."""
        ends = monotonic() + seconds
        with self.store.database.reading() as connection:
            waiting = erasing(connection)
        done = 0
        for one in waiting:
            if monotonic() > ends or stop.is_set():
                break
            done += self._erase(one, stop)
        return done

    def _erase(self, one: Erasing, stop: Stop) -> bool:
        """Whether nothing is left. Instances first: what they still say would be sealed with another key."""
        holders = Holders(self.store.database, one.application)
        alone = instance_of(one.subject)
        pages = holders.instance(alone) if alone else holders.instances(json.dumps(one.subject)[1:-1])
        unread = 0
        for page in pages if self.personal_of else ():
            unread += sum(not self._overwrite(one, *found) for found in page)
            if stop.is_set():
                return False
        for keys in holders.heads(one.key_id):
            self._say_again(keys)
            if stop.is_set():
                return False
        if unread:
            # Their engine cannot read them either; once they are mended or ended, they are looked at again.
            return False
        with self.store.database.transaction() as connection:
            forget_name(connection, one.key_id)
        log.info("data_subject_erased", extra={"key_id": one.key_id})
        return True

    def _overwrite(self, one: Erasing, instance_id: str, process: str) -> bool:
        """Whether its saved state could be read."""
        rules = self.personal_of(process) if self.personal_of else ()
        if not rules:
            return True

        def change(data: Mapping[str, Any], variables: Mapping[str, Any]) -> Any:
            return erased(data, rules, {**variables, **data}, of_instance(instance_id), one.subject)

        with self.store.begin() as work:
            instances = Instances(work.connection, one.application)
            stored = instances.load(instance_id)
            try:
                after = stored and with_data_changed(stored.state, change)
            except _UNREADABLE as error:
                # Not the error's text: it may quote what is to be erased.
                log.warning("instance_not_erased", extra={"instance_id": instance_id, "reason": type(error).__name__})
                return False
            if after:
                instances.rewrite(instance_id, after)
        return True

    def _say_again(self, keys: Sequence[Key]) -> None:
        with self.store.begin() as work:
            work.restate(keys)
