"""A process that is there and does nothing."""

from contextlib import contextmanager

from tests.support.waiting import soon
from workers.system.supervision import Supervisor


@contextmanager
def stopped(system, name):
    """Not running, and not started again by the supervisor."""
    supervisor = Supervisor(system.home)._calls.supervisor
    supervisor.stopProcess(name, False)
    try:
        assert soon(lambda: supervisor.getProcessInfo(name)["statename"] == "STOPPED", 40)
        yield
    finally:
        supervisor.startProcess(name, False)
