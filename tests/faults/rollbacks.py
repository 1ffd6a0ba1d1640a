"""Units of work in this process that act and fail on purpose, whole or in part, beside the engine workers."""

import random
from uuid import UUID

from domain.errors import Refused, Transient
from tasks.application import ProcessApplication

SHARE = 0.15
"""How often there is something to do, beside people: what is kept makes work for them."""
BURST = 15


class OnPurpose(Exception):
    """The reason for rolling back."""


class Developer:
    """Uses the application's store directly, as embedding code does; the marker is the business key."""

    user = "developer"

    def __init__(self, store, ledger, seed):
        self.random, self.ledger = random.Random(f"developer {seed}"), ledger
        self.application = ProcessApplication("approval")
        self.application.use(store)

    def close(self):
        """There is nothing to let go of."""

    def work(self):
        if self.random.random() > SHARE:
            return
        kind = self.random.choice(("whole", "savepoint", "acted", "burst", "burst"))
        kept = []
        try:
            getattr(self, f"_{kind}")(kept)
            self.ledger.units[kind, "done"] += 1
            self.ledger.kept += kept
        except Refused as error:
            self.ledger.units[kind, type(error).__name__] += 1
            self.ledger.undone += kept
        except Transient as error:
            self.ledger.units[kind, type(error).__name__] += 1
            # The word that the transaction is committed may have been lost on its way.
            self.ledger.unsure.append(kept)

    def _whole(self, _kept):
        """Two instances, then an exception: nothing of them may ever be seen."""
        marker = self._marker()
        self.ledger.undone.append(marker)
        try:
            with self.application.unit_of_work() as work:
                for _ in range(2):
                    self._start(work, marker)
                raise OnPurpose
        except OnPurpose:
            pass

    def _savepoint(self, expected):
        """One instance is kept, one is rolled back inside."""
        kept, undone = self._marker(), self._marker()
        expected.append(kept)
        self.ledger.undone.append(undone)
        with self.application.unit_of_work() as work:
            self._start(work, kept)
            try:
                with work.savepoint():
                    self._start(work, undone)
                    raise OnPurpose
            except OnPurpose:
                pass

    def _acted(self, kept):
        """An instance moves inside a savepoint that fails; afterwards it is where it was, and moves once."""
        marker = self._marker()
        kept.append(marker)
        with self.application.unit_of_work() as work:
            instance = self._start(work, marker)
            task = next(event.key.id for event in work.unit.decide_and_write() if _is_task(event))
            try:
                with work.savepoint():
                    work.engine.complete(instance, task, {"decision": "APPROVE"})
                    raise OnPurpose
            except OnPurpose:
                pass
            work.engine.complete(instance, task, {"decision": "RETURN"})

    def _burst(self, kept):
        """Much at once, so that a publisher has more in flight than it can finish before somebody breaks something."""
        marker = self._marker()
        kept += [f"{marker} {number}" for number in range(BURST)]
        with self.application.unit_of_work() as work:
            started = [self._start(work, name) for name in kept]
            tasks = {
                event.state["processInstanceId"]: event.key.id
                for event in work.unit.decide_and_write()
                if _is_task(event)
            }
            for instance in started:
                work.engine.complete(instance, tasks[instance], {"decision": "APPROVE"})

    def _start(self, work, marker):
        return work.engine.start("approve_request", {"subject": "undone", "amount": 1}, marker, "requester1")

    def _marker(self):
        return f"unit {UUID(int=self.random.getrandbits(128))}"


def _is_task(event):
    return event.key.aggregate == "task"
