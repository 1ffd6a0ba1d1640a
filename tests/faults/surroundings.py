"""What can go wrong around the processes: a full disk, a broker that is short of something, a clock that is wrong."""

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from settings import remembered
from workers.system.servers import rabbitmq

PRELOAD = Path(__file__).parent / "clock_preload"
SIZE = 2 * 2**30


class Disk:
    """A file system in memory that can be full at once: it shrinks to what is on it."""

    def __init__(self, folder):
        self.folder = folder

    def fill(self):
        """Whether it is full now."""
        used = os.statvfs(self.folder)
        self._resize((used.f_blocks - used.f_bfree) * used.f_frsize)
        return os.statvfs(self.folder).f_bavail == 0

    def heal(self):
        self._resize(SIZE)

    def _resize(self, size):
        subprocess.run(["mount", "-o", f"remount,size={size}", self.folder], check=False, capture_output=True)


@contextmanager
def small_disk(folder):
    """Put a disk of its own there, empty; None where this user may not mount."""
    folder.mkdir(parents=True, exist_ok=True)
    options = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0755", "taskpool-faults", folder]
    if os.geteuid() or subprocess.run(options, check=False, capture_output=True).returncode:
        yield None
        return
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=False, capture_output=True)


class Alarms:
    """RabbitMQ's own alarms, rung by moving its limits; it blocks every connection that publishes."""

    def __init__(self, home):
        self._environment = os.environ | rabbitmq(home, remembered(home)).environment

    def ring(self, resource):
        """Whether the broker says that it is alarmed."""
        limit = "{absolute, 1}" if resource == "memory" else f"{2**60}"
        return f"resource_limit,{resource}" in self._set(resource, limit)

    def heal(self):
        for resource, limit in (("memory", f"{{absolute, {10**9}}}"), ("disk", f"{200 * 10**6}")):
            self._set(resource, limit)

    def _set(self, resource, limit):
        monitor = {
            "memory": "vm_memory_monitor:set_vm_memory_high_watermark",
            "disk": "rabbit_disk_monitor:set_disk_free_limit",
        }
        words = f"{monitor[resource]}({limit}), timer:sleep(200), rabbit_alarm:get_alarms()."
        command = ["/usr/lib/rabbitmq/bin/rabbitmqctl", "--timeout", "10", "eval", words]
        try:
            done = subprocess.run(
                command, env=self._environment, capture_output=True, text=True, timeout=30, check=False
            )
        except subprocess.TimeoutExpired:
            return ""
        return done.stdout.replace(" ", "")


class Clock:
    """The wall clock of every Python process that was started with `environment`; see `clock_preload`."""

    def __init__(self, folder):
        self._file = folder / "clock"
        self.heal()

    @property
    def environment(self):
        return {"PYTHONPATH": str(PRELOAD), "TASKPOOL_FAULTS_CLOCK": str(self._file)}

    def jump(self, seconds):
        """Whether a process that asks now is told the wrong time."""
        self._set(seconds)
        asked = [sys.executable, "-c", "import time; time.sleep(0.5); print(time.time())"]
        told = float(subprocess.check_output(asked, env=os.environ | self.environment))
        return abs(told - time.time() - seconds) < 3

    def heal(self):
        self._set(0)

    def _set(self, seconds):
        # In place of the old file at once: nobody must read half of it.
        new = self._file.with_suffix(".new")
        new.write_text(str(seconds))
        new.replace(self._file)
