"""What ended a worker in the middle of its work, noted by whoever watched it: the next worker must not try that again.

Notes are small files in a folder of the system's run, because the watcher writes them while the database may be held by
what it is about to end, and before it ends it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal, TypeAlias

Resource: TypeAlias = Literal["time", "memory"]


@dataclass(frozen=True, slots=True)
class Overrun:
    """One unit of work that ended its worker: `subject` is the command's id, or the instance's where a timer fired.

    `resource` is what it used too much of, None when the worker died by itself.
    """

    subject: str
    instance_id: str
    element: str
    resource: Resource | None


class Overruns:
    """The notes of one application; a note that cannot be read is none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def note(self, overrun: Overrun) -> None:
        """Write it down, in place of what was known of the same subject."""
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._file(overrun.subject)
        fresh = file.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(overrun)))
        fresh.replace(file)

    def of(self, subject: str) -> Overrun | None:
        """What is known about a command or an instance."""
        try:
            return Overrun(**json.loads(self._file(subject).read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def forget(self, subject: str) -> None:
        """It has its answer."""
        self._file(subject).unlink(missing_ok=True)

    def _file(self, subject: str) -> Path:
        return self._folder / f"{sha256(subject.encode()).hexdigest()[:32]}.json"
