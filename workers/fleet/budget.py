"""The budget of a unit of work, enforced from outside: jobs say in shared memory what they do, a watcher ends them.

Celery's own limits measure a whole job, waiting for SQLite's lock included, and look at memory only between jobs: an
innocent command behind a runaway step would be ended with it. See docs/decisions/0021.
"""

from __future__ import annotations

import logging
import mmap
import os
import signal
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep

from observe import metrics
from settings import Budget
from store.engine.overruns import Overrun, Overruns, Resource

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.05
LONGEST_LOOK = 0.25
"""One look never counts for more: a machine that was suspended is not a step that ran on."""
FILES = 4
"""Budgets of time for files: models may have 5 MB, and somebody who operates deploys them."""
_HEAD = struct.Struct("<qqq")
_TEXTS = (("subject", 24, 128), ("instance", 152, 128), ("element", 280, 256))
_SLOT = 1024
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Board:
    """Shared memory made before the children of a pool: a slot for each, and a flag that says stop."""

    def __init__(self, slots: int) -> None:
        self.slots = slots
        self._memory = mmap.mmap(-1, _SLOT * (slots + 1))

    def slot(self, number: int) -> Slot:
        """One child's slot."""
        return Slot(self._memory, _SLOT * (number + 1))

    def set(self) -> None:
        """Say stop to all children."""
        self._memory[0] = 1

    def is_set(self) -> bool:
        """Whether to stop."""
        return self._memory[0] == 1

    def wait(self, seconds: float) -> bool:
        """Wait so long, or until stop is said; whether it was."""
        deadline = monotonic() + seconds
        while not self.is_set() and (left := deadline - monotonic()) > 0:
            sleep(min(left, 0.1))
        return self.is_set()


class Slot:
    """What one child is doing; implements `engines.protocol.Meter`. Written by the child, read by the watcher."""

    def __init__(self, memory: mmap.mmap, offset: int) -> None:
        self._memory, self._offset = memory, offset
        self._unit, self._depth = 0, 0

    def take(self) -> None:
        """Make this process the child of this slot."""
        self._unit = self.head[1]
        self.begin("")

    def begin(self, subject: str) -> None:
        """A new unit of work: what was used before does not count."""
        self._unit += 1
        self._depth = 0
        self._say()
        self._write("subject", subject)
        self._write("instance", "")
        self._write("element", "")

    @contextmanager
    def spending(self, instance_id: str) -> Iterator[None]:
        """The engine is at work until the block ends."""
        self._depth += 1
        if self._depth == 1:
            self._write("instance", instance_id)
            self._say()
        try:
            yield
        finally:
            self._depth -= 1
            self._say()

    def at(self, element: str) -> None:
        """Which BPMN element it is about to run."""
        self._write("element", element)

    def clear(self) -> None:
        """Nobody is here any more."""
        _HEAD.pack_into(self._memory, self._offset, 0, self.head[1], 0)

    @property
    def head(self) -> tuple[int, int, bool]:
        """Process id, number of the unit of work, and whether the engine is at work."""
        pid, unit, running = _HEAD.unpack_from(self._memory, self._offset)
        return pid, unit, bool(running)

    @property
    def slowness(self) -> float:
        """How many times as long as a step's what it does now may take."""
        return 1 if self._read("instance") else FILES

    def overrun(self, resource: Resource | None) -> Overrun:
        """What there is to note of it."""
        subject, instance, element = (self._read(name) for name, _, _ in _TEXTS)
        return Overrun(subject or instance, instance, element, resource)

    def _say(self) -> None:
        _HEAD.pack_into(self._memory, self._offset, os.getpid(), self._unit, int(self._depth > 0))

    def _write(self, name: str, text: str) -> None:
        start, room = _PLACES[name]
        raw = text.encode("utf-8", "replace")[: room - 2]
        struct.pack_into(f"<H{len(raw)}s", self._memory, self._offset + start, len(raw), raw)

    def _read(self, name: str) -> str:
        start, room = _PLACES[name]
        (length,) = struct.unpack_from("<H", self._memory, self._offset + start)
        begin = self._offset + start + 2
        return self._memory[begin : begin + min(length, room - 2)].decode("utf-8", "replace")


_PLACES = {name: (start, room) for name, start, room in _TEXTS}


@dataclass(slots=True)
class _Seen:
    """What the watcher remembers of a child between two looks."""

    child: tuple[int, int]
    base: int
    used: float = 0.0


class Watch:
    """Looks at every child twenty times a second, and ends the one whose unit of work exceeds its budget."""

    def __init__(self, board: Board, budget: Budget, overruns: Overruns, application: str) -> None:
        self._board, self._budget, self._overruns, self._application = board, budget, overruns, application
        self._seen: dict[int, _Seen] = {}
        self._last = self._looked = monotonic()
        self._over = False

    def start(self) -> None:
        """Watch until the process ends."""
        Thread(target=self._watch, args=(Event(),), name="budget", daemon=True).start()

    def is_well(self) -> bool:
        """Whether it watches, and no unit of work is beyond twice its budget in spite of it."""
        return monotonic() - self._looked < LONGEST_LOOK * 8 and not self._over

    def look(self) -> None:
        """Look once; called from one thread only."""
        now = monotonic()
        passed, self._last = min(now - self._last, LONGEST_LOOK), now
        for number in range(self._board.slots):
            slot = self._board.slot(number)
            pid, unit, running = slot.head
            if pid and running:
                self._judge(number, slot, (pid, unit), passed)
        self._over = any(seen.used > 2 * self._budget.seconds for seen in self._seen.values())
        self._looked = monotonic()

    def _watch(self, never: Event) -> None:
        while not never.wait(LOOK_SECONDS):
            try:
                self.look()
            except Exception:
                log.exception("budget_not_watched")

    def _judge(self, number: int, slot: Slot, child: tuple[int, int], passed: float) -> None:
        found = _state(child[0])
        if found is None:
            self._died(number, slot)
            return
        state, resident = found
        seen = self._seen.get(number)
        if seen is None or seen.child != child:
            self._seen[number] = _Seen(child, resident)
            return
        if state not in "Tt":
            # One that somebody has stopped uses nothing.
            seen.used += passed / slot.slowness
        if seen.used > self._budget.seconds:
            self._end(number, slot, child[0], "time")
        elif resident - seen.base > self._budget.bytes:
            self._end(number, slot, child[0], "memory")

    def _end(self, number: int, slot: Slot, pid: int, resource: Resource) -> None:
        os.kill(pid, signal.SIGSTOP)
        if slot.head != (pid, self._seen[number].child[1], True):
            os.kill(pid, signal.SIGCONT)
            return
        overrun = slot.overrun(resource)
        # All of this before it is ended: its successor is forked while other threads hold no lock.
        self._overruns.note(overrun)
        metrics.budgets_exceeded.labels(self._application, resource).inc()
        log.error("budget_exceeded", extra=_facts(overrun))
        os.kill(pid, signal.SIGKILL)
        slot.clear()
        self._seen.pop(number, None)

    def _died(self, number: int, slot: Slot) -> None:
        overrun = slot.overrun(None)
        slot.clear()
        self._seen.pop(number, None)
        self._overruns.note(overrun)
        log.error("worker_died_at_work", extra=_facts(overrun))


def _facts(overrun: Overrun) -> dict[str, object]:
    return {
        "subject": overrun.subject,
        "instance_id": overrun.instance_id,
        "element": overrun.element,
        "resource": overrun.resource,
    }


def _state(pid: int) -> tuple[str, int] | None:
    """State letter and resident bytes of a living child of ours."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    if fields[0] in "ZX" or int(fields[1]) != os.getpid():
        return None
    return fields[0], int(fields[21]) * _PAGE
