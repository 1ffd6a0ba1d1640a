"""The projector as it is, but for one thing: a task named DEADLY kills the process before anything is written."""

import os
import signal

from store.views.writer import Views
from workers.fleet import projector

DEADLY = "deadly"


def apply_or_die(self, projected):
    if any(item.document.get("name") == DEADLY for item in projected):
        os.kill(os.getpid(), signal.SIGKILL)
    as_it_is(self, projected)


if __name__ == "__main__":
    as_it_is, Views.apply = Views.apply, apply_or_die
    projector.main()
