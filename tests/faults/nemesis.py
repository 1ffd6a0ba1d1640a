"""What breaks the system: seeded kills, pauses, restarts and cut connections, each counted only when it really hit."""

import os
import random
import signal
import threading
import time
from collections import Counter
from pathlib import Path

from store.lanes import LEASE_SECONDS
from workers.status import pid_of

PAUSE_SECONDS = LEASE_SECONDS + 3.0
CUT_SECONDS = 6.0
DELAY_SECONDS = (0.05, 0.5)
WORKERS = (
    *("engine.approval", "engine.invoicing", "engine.hosted"),
    *("publisher.approval", "publisher.invoicing", "publisher.hosted"),
    *("projector", "web", "web worker", "beat"),
)
SERVERS = ("rabbitmq", "mongodb", "redis")
CUTS = ("rabbitmq", "mongodb")


class Nemesis:
    """Plays through a shuffled deck of actions, again and again, until stopped; then heals everything."""

    def __init__(self, seed, homes, proxies, deck=None, pause=(1.0, 4.0)):
        self.random = random.Random(f"nemesis {seed}")
        self.homes, self.proxies, self.pause = homes, proxies, pause
        self.deck = list(deck or full_deck())
        self.hits, self.missed, self.log = Counter(), Counter(), []
        self._paused, self._timers = {}, []
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="nemesis", daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join(timeout=60)
        self.heal()

    def heal(self):
        """Nobody is paused and nothing is cut any more."""
        for timer in self._timers:
            timer.cancel()
        for name in list(self._paused):
            self._resume(name)
        for proxy in self.proxies.values():
            proxy.heal()

    def _run(self):
        while True:
            self.random.shuffle(self.deck)
            for action, target in self.deck:
                if self._stop.wait(self.random.uniform(*self.pause)):
                    return
                hit = getattr(self, action)(target)
                (self.hits if hit else self.missed)[action, target] += 1
                self.log.append((time.time(), action, target, bool(hit)))

    def kill(self, name):
        return self._end(name, signal.SIGKILL, 3.0)

    def restart(self, name):
        return self._end(name, signal.SIGTERM, 35.0)

    def suspend(self, name):
        """Longer than a lease, while other things go on."""
        pid = self._pid(name)
        if pid is None or name in self._paused:
            return False
        os.kill(pid, signal.SIGSTOP)
        stopped = _within(1.0, lambda: _state(pid) in "Tt")
        if stopped:
            self._paused[name] = pid
            self._later(PAUSE_SECONDS, lambda: self._resume(name))
        return stopped

    def delay(self, server):
        hit = self.proxies[server].slow(self.random.uniform(*DELAY_SECONDS))
        self._later(CUT_SECONDS, self.proxies[server].heal)
        return hit

    def drop(self, server):
        hit = self.proxies[server].drop()
        self._later(CUT_SECONDS, self.proxies[server].heal)
        return hit

    def reset(self, server):
        return self.proxies[server].reset()

    def _end(self, name, number, patience):
        pid = self._pid(name)
        if pid is None or name in self._paused:
            return False
        started = _started(pid)
        os.kill(pid, number)
        return _within(patience, lambda: _started(pid) != started)

    def _resume(self, name):
        with self._lock:
            pid = self._paused.pop(name, None)
        if pid is not None:
            os.kill(pid, signal.SIGCONT)

    def _later(self, seconds, action):
        timer = threading.Timer(seconds, action)
        timer.daemon = True
        self._timers.append(timer)
        timer.start()

    def _pid(self, name):
        """The web's own pid is its master's; `web worker` is the process that answers people."""
        if name == "web worker":
            return next(iter(_children(self._pid("web"))), None)
        home = self.homes["server" if name in (*SERVERS, "postgresql") else "worker"]
        return pid_of(home, name)


def full_deck(servers=SERVERS):
    """Every action on every target."""
    names = (*WORKERS, *servers)
    processes = [(action, name) for action in ("kill", "restart", "suspend") for name in names]
    # Slow connections more often: what is killed meanwhile is more likely to be in the middle of something.
    return processes + [(action, name) for action in ("delay", "delay", "delay", "drop", "reset") for name in CUTS]


def _within(seconds, is_true):
    deadline = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _stat(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _state(pid):
    return (_stat(pid) or ["gone"])[0]


def _started(pid):
    """When it began, in the kernel's ticks; None when it is gone or only waits to be buried."""
    stat = _stat(pid)
    return stat[19] if stat and stat[0] not in "ZX" else None


def _children(pid):
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
