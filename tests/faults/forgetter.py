"""Somebody who erases creditors, while others go on working on what is about them."""

import random

from domain.errors import Transient

SHARE = 0.1


class Forgetter:
    """Does it in the application's own transaction; the workers overwrite what is left."""

    user = "data protection"

    def __init__(self, application, ledger, seed):
        self.application, self.ledger, self.random = application, ledger, random.Random(f"forgetter {seed}")

    def close(self):
        """There is nothing to let go of."""

    def work(self):
        if not self.ledger.creditors or self.random.random() > SHARE:
            return
        name = self.ledger.creditors[0]
        try:
            with self.application.unit_of_work() as work:
                work.erase(name)
        except Transient:
            # It may have happened, and can be done again.
            return
        self.ledger.units["erase", "done"] += 1
        self.ledger.creditors.pop(0)
        self.ledger.erased.append(name)
