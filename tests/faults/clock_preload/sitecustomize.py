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


CHANGING = _thread.allocate_lock()
"""Held while it is set: who is forked then would not know how far it travels."""
# Begun once and moved from then on: while it begins or ends, whoever asks for the time may get an error.
_traveller = time_machine.travel(time(), tick=True).start()
_far = [0.0]
"""Seconds travelled; a forked process inherits them, goes on from there, and does not travel once more."""


def follow():
    while True:
        wanted = float(FILE.read_text())
        with CHANGING:
            _traveller.shift(wanted - _far[0])
            _far[0] = wanted
        sleep(LOOK_SECONDS)


def start():
    # Not by `threading`: gevent, which comes later, would take over a thread that it did not begin, and hang.
    _thread.start_new_thread(follow, ())


def start_in_child():
    CHANGING.release()
    start()


start()
os.register_at_fork(before=CHANGING.acquire, after_in_parent=CHANGING.release, after_in_child=start_in_child)
