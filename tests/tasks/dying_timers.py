"""A process that fires what is due and kills itself, -9, right before or right after it commits.

usage: python -m tests.tasks.dying_timers before|after SQL_URL APPLICATION
"""

import os
import signal
import sys
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import event

from store.database import Database
from store.unit_of_work import Store
from tasks.application import ProcessApplication
from tasks.timers import fire_due


def die(*_arguments):
    os.kill(os.getpid(), signal.SIGKILL)


def fire(moment, url, name):
    """From when the engine has moved, the next time the driver is asked to commit is the last."""
    database = Database(url, name)
    store = Store(database, committed=die)
    application = ProcessApplication(name)
    application.use(store)

    @contextmanager
    def begin(origin):
        with store.begin(origin) as work:
            yield work
            if moment == "before":
                event.listen(database.engine, "commit", die)

    fire_due(database, begin, application.engine_of, lambda: datetime.now(UTC))


if __name__ == "__main__":
    fire(*sys.argv[1:])
