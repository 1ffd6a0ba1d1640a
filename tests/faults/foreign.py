"""An engine outside: it posts records about its own tasks, in order, some twice, each batch until it is taken."""

import time
from datetime import UTC, datetime
from uuid import UUID

import httpx

from domain.values import iso
from tests.faults.load import PATIENCE, Person

APPLICATION = "legacy"
SHARE = 0.4


class ForeignEngine(Person):
    """Creates tasks that people work on here, changes them, and ends some of them itself."""

    def __init__(self, url, ledger, seed):
        super().__init__(url, ledger, seed, "admin")
        self.open, self.made = [], 0

    def work(self):
        if self.random.random() > SHARE:
            return
        batch = [self._record() for _ in range(self.random.randrange(1, 4))]
        twice = [self.random.choice(batch)] if self.random.random() < 0.3 else []
        body = {"application": APPLICATION, "format": "taskpool", "records": batch + twice}
        if self._posted(body):
            self.ledger.records += batch
        else:
            self.ledger.complain(f"{len(batch)} records were never taken")

    def _record(self):
        if not self.open or self.random.random() < 0.3:
            self.made += 1
            self.open.append(f"case-{self.made}")
            return self._one("task.created", self.open[-1], name="Foreign", candidateGroups=["approvers"])
        subject = self.random.choice(self.open)
        if self.random.random() < 0.15 or len(self.open) > 30:
            self.open.remove(subject)
            return self._one(self.random.choice(("task.completed", "task.deleted")), subject)
        return self._one("task.attributes_changed", subject, priority=self.random.randrange(100))

    def _one(self, kind, subject, **data):
        name = str(UUID(int=self.random.getrandbits(128)))
        if kind in ("task.created", "task.attributes_changed"):
            data["description"] = f"marker {name}"
        return {"id": name, "type": kind, "time": iso(datetime.now(UTC)), "subject": subject, "data": data}

    def _posted(self, body):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                answer = self.client.post("/engine-events", json=body)
                self.ledger.attempt("engine-events", str(answer.status_code))
                if answer.status_code == 202:
                    return not answer.json()["rejected"]
            except httpx.HTTPError as error:
                self.ledger.attempt("engine-events", type(error).__name__)
            time.sleep(0.3)
        return False
