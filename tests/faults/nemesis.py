"""What breaks the system: seeded kills, pauses, restarts, cut connections and more, each counted only when it hit."""

import os
import random
import signal
import threading
import time
from collections import Counter
from functools import partial

from store.outbox.lanes import LEASE_SECONDS
from tests.faults import victims

PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = LEASE_SECONDS + 3.0
CUT_SECONDS = 6.0
FULL_SECONDS = 6.0
JUMP_SECONDS = 15.0
DELAY_SECONDS = (0.05, 0.5)
JUMPS = (-3600, -90, -20, 20, 90, 3600)
WORKERS = (
    *("engine.approval", "engine.invoicing", "engine.hosted"),
    *("publisher.approval", "publisher.invoicing", "publisher.hosted"),
    *("projector", "web", "web worker", "beat"),
)
SERVERS = ("rabbitmq", "mongodb", "redis", "postgresql")


class Nemesis:
    """Plays through a shuffled deck of actions, again and again, until stopped; then heals everything.

    `means` are what one needs to break things: `homes`, `proxies`, `disks` by target, `alarms`, `clock`.
    What it could not do because something of its own failed stands in `failures`, and it goes on.
    """

    def __init__(self, seed, means, deck, pause=(1.0, 4.0)):
        self.random = random.Random(f"nemesis {seed}")
        self.means, self.deck, self.pause = means, list(deck), pause
        self.hits, self.missed, self.log, self.failures = Counter(), Counter(), [], []
        self._paused, self._timers, self._pauses = {}, [], []
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="nemesis", daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join(timeout=PATIENCE_SECONDS)
        if self._thread.is_alive():
            self.failures.append("it does not stop")
        # A pause that has begun is as long as it was meant to be.
        for timer in self._pauses:
            timer.join()
        self.heal()

    def heal(self):
        """Nobody is paused, nothing is cut, full or early any more."""
        for timer in self._timers:
            timer.cancel()
        for name in list(self._paused):
            self._resume(name)
        for one in (*self.means.proxies.values(), *self.means.disks.values(), self.means.alarms, self.means.clock):
            self._try("heal", type(one).__name__, one.heal)

    def _run(self):
        order = list(self.deck)
        while True:
            self.random.shuffle(order)
            for action, target in order:
                if self._stop.wait(self.random.uniform(*self.pause)):
                    return
                began = time.time()
                hit = self._try(action, target, partial(getattr(self, action), target))
                (self.hits if hit else self.missed)[action, target] += 1
                self.log.append((began, action, target, bool(hit)))

    def never_hit(self):
        """Which acts of the deck have not hit yet."""
        return [act for act in self.deck if not self.hits[act]]

    def _try(self, action, target, act):
        """What it returns; None, and a failure to tell of, when it raises."""
        try:
            return act()
        except Exception as error:  # noqa: BLE001 - whatever it is, a run in which the rest is not broken shows nothing
            self.failures.append(f"{action} {target}: {type(error).__name__}: {error}")
            return None

    def kill(self, name):
        return self._end(name, signal.SIGKILL, 3.0)

    def restart(self, name):
        # Asked with TERM, PostgreSQL waits until its clients go by themselves.
        return self._end(name, signal.SIGINT if name == "postgresql" else signal.SIGTERM, 35.0)

    def suspend(self, name):
        """Longer than a lease, while other things go on; with all its children, or a server would go on serving."""
        pid = self._pid(name)
        if pid is None or name in self._paused:
            return False
        family = victims.family(pid)
        for one in family:
            victims.send(one, signal.SIGSTOP)
        stopped = victims.within(1.0, lambda: all(victims.state(one) in ("T", "t", "gone") for one in family))
        self._paused[name] = family
        self._pauses.append(self._later(PAUSE_SECONDS, lambda: self._resume(name)))
        return stopped

    def delay(self, server):
        hit = self.means.proxies[server].slow(self.random.uniform(*DELAY_SECONDS))
        self._later(CUT_SECONDS, self.means.proxies[server].heal)
        return hit

    def drop(self, server):
        hit = self.means.proxies[server].drop()
        self._later(CUT_SECONDS, self.means.proxies[server].heal)
        return hit

    def reset(self, server):
        return self.means.proxies[server].reset()

    def fill(self, target):
        """Not a byte more fits on the disk that holds its data."""
        disk = self.means.disks[target]
        self._later(FULL_SECONDS, disk.heal)
        return disk.fill()

    def alarm(self, resource):
        """RabbitMQ is short of memory or disk and blocks whoever publishes."""
        hit = self.means.alarms.ring(resource)
        self._later(FULL_SECONDS, self.means.alarms.heal)
        return hit

    def jump(self, _clock):
        """The wall clock of all workers and the web is wrong for a while, in either direction."""
        hit = self.means.clock.jump(self.random.choice(JUMPS))
        self._later(JUMP_SECONDS, self.means.clock.heal)
        return hit

    def _end(self, name, number, patience):
        pid = self._pid(name)
        if pid is None or name in self._paused:
            return False
        started = victims.started(pid)
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return False
        return started is not None and victims.within(patience, lambda: victims.started(pid) != started)

    def _resume(self, name):
        with self._lock:
            family = self._paused.pop(name, ())
        for pid in family:
            victims.send(pid, signal.SIGCONT)

    def _later(self, seconds, action):
        timer = threading.Timer(seconds, lambda: self._try("heal", "in time", action))
        timer.daemon = True
        self._timers.append(timer)
        timer.start()
        return timer

    def _pid(self, name):
        return victims.pid_of(self.means.homes["server" if name.split()[0] in SERVERS else "worker"], name)


def full_deck(means):
    """Every action on every target there is."""
    servers = tuple(means.proxies)
    names = (*WORKERS, *servers)
    deck = [(action, name) for action in ("kill", "restart", "suspend") for name in names]
    # Slow connections more often: what is killed meanwhile is more likely to be in the middle of something.
    deck += [(action, name) for action in ("delay", "delay", "delay", "drop", "reset") for name in servers]
    deck += [("kill", "postgresql backend")] if "postgresql" in servers else []
    deck += [("fill", target) for target in means.disks]
    deck += [("alarm", resource) for resource in ("memory", "disk")]
    return [*deck, ("jump", "clock"), ("jump", "clock")]
