"""A wall clock that a file sets wrong, by so many seconds, in every Python process that finds this module first.

Monotonic time stays true, as on a machine whose clock is set.
"""

import _thread
import os
from pathlib import Path
from time import sleep, time

import time_machine

FILE = Path(os.environ["TASKPOOL_FAULTS_CLOCK"])
LOOK_SECONDS = 0.3


def follow():
    travelling, offset = None, 0.0
    while True:
        wanted = float(FILE.read_text())
        if wanted != offset:
            if travelling:
                travelling.stop()
            travelling, offset = None, wanted
            if offset:
                travelling = time_machine.travel(time() + offset, tick=True)
                travelling.start()
        sleep(LOOK_SECONDS)


def start():
    # Not by `threading`: gevent, which comes later, would take over a thread that it did not begin, and hang.
    _thread.start_new_thread(follow, ())


start()
os.register_at_fork(after_in_child=start)
