"""An application whose processes send letters by a job; run as a program it does one job and dies in the middle of it.

usage: python -m tests.tasks.letters SQL_URL APPLICATION
"""

import os
import signal
import sys
from threading import Event

from engines.spiff.saved import job_variables
from store.events.unit_of_work import Store
from store.sql.database import Database
from tasks.application import ProcessApplication
from tasks.run_jobs import JobRunner
from tests.engines.world import bpmn, flows
from tests.tasks.reminders import utc_now

SENDING = bpmn(
    '<startEvent id="s"/><serviceTask id="send" camunda:delegateExpression="${letter}"/><userTask id="read"/>'
    '<boundaryEvent id="b" attachedToRef="send"><errorEventDefinition errorRef="E"/></boundaryEvent>'
    '<userTask id="find"/><endEvent id="e"/><endEvent id="e2"/>'
    + flows("s", "send", "read", "e")
    + flows("b", "find", "e2"),
    key="sending",
).replace(b"</definitions>", b'<error id="E" errorCode="unknown"/></definitions>')


def sending(store, send, **options):
    """The application; `send` is its job."""
    application = ProcessApplication(store.database.application)
    application.use(store)
    application.job("letter", **options)(send)
    return application


def runner(store, application, owner="one", **others):
    engine_of, codes = application.engine_of, application.jobs
    return JobRunner(store.database, store.begin, engine_of, codes, job_variables, utc_now, owner, **others)


def die(*_arguments):
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    opened = Store(Database(sys.argv[1], sys.argv[2]))
    runner(opened, sending(opened, die), "dying", lease=1.0).run_due(Event())
