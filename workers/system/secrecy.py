"""What is below a home is its owner's alone; an older, looser home is mended when it comes up."""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path

from settings import POSTGRESQL, Settings

OTHERS = stat.S_IRWXG | stat.S_IRWXO


def mend(home: Path, settings: Settings) -> int:
    """Take from everybody else what they could do; how many files and folders that changed.

    Where PostgreSQL runs as a user of its own, its group may pass through the folders on the way to its data.
    """
    passing = _passing(home, settings)
    mended = 0
    for path in (home, *_below(home)):
        status = path.lstat()
        allowed = stat.S_IXGRP if path in passing else 0
        if not stat.S_ISLNK(status.st_mode) and status.st_uid == os.geteuid() and status.st_mode & OTHERS & ~allowed:
            path.chmod(stat.S_IMODE(status.st_mode) & ~OTHERS | (status.st_mode & allowed))
            mended += 1
    return mended


def let_pass(folder: Path, user: str) -> None:
    """Let a server's user go through a folder it can neither list nor write."""
    os.chown(folder, -1, pwd.getpwnam(user).pw_gid)
    folder.chmod(stat.S_IMODE(folder.stat().st_mode) & ~OTHERS | stat.S_IXGRP)


def _passing(home: Path, settings: Settings) -> frozenset[Path]:
    if POSTGRESQL not in settings.own_servers or os.geteuid() != 0:
        return frozenset()
    return frozenset({home, home / "data"})


def _below(home: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(home):
        # Servers look after what is inside their own data.
        if Path(folder).parent == home / "data":
            folders.clear()
            continue
        yield from (Path(folder) / name for name in (*folders, *files))
