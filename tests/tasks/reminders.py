"""An application whose timer sends a letter; run as a program it fires what is due and kills itself around the commit.

usage: python -m tests.tasks.reminders before|after SQL_URL APPLICATION
"""

import os
import signal
import sys
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import event, text

from store.events.unit_of_work import Store
from store.sql.database import Database
from tasks.application import ProcessApplication
from tasks.timers import Timers
from tests.engines.world import bpmn, flows

REMINDED = bpmn(
    '<startEvent id="s"/><userTask id="t"/><boundaryEvent id="b" attachedToRef="t" cancelActivity="false">'
    "<timerEventDefinition><timeDuration>PT0.1S</timeDuration></timerEventDefinition></boundaryEvent>"
    '<serviceTask id="letter" camunda:delegateExpression="${send}"/><userTask id="remind"/>'
    '<endEvent id="e"/><endEvent id="e2"/>' + flows("s", "t", "e") + flows("b", "letter", "remind", "e2"),
    key="reminded",
)
ALARMED = bpmn(
    '<startEvent id="s"/><intermediateCatchEvent id="c"><signalEventDefinition signalRef="Sig"/>'
    '</intermediateCatchEvent><userTask id="t"/>' + flows("s", "c", "t"),
    key="alarmed",
).replace(b"<process", b'<signal id="Sig" name="alarm"/><process', 1)


def reminding(store):
    """The application; its letters are rows of a table of its own."""
    application = ProcessApplication(store.database.application)
    application.use(store)

    @application.service("send")
    def send(work, _variables):
        work.session.execute(text("INSERT INTO letter (receiver) VALUES ('ann')"))

    return application


def utc_now():
    return datetime.now(UTC)


def die(*_arguments):
    os.kill(os.getpid(), signal.SIGKILL)


def fire(moment, url, name):
    """From when the engine has moved, the next time the driver is asked to commit is the last."""
    database = Database(url, name)
    store = Store(database, committed=die)

    @contextmanager
    def begin(origin):
        with store.begin(origin) as work:
            yield work
            if moment == "before":
                event.listen(database.engine, "commit", die)

    Timers(database, begin, reminding(store).engine_of, utc_now).fire_due()


if __name__ == "__main__":
    fire(*sys.argv[1:])
