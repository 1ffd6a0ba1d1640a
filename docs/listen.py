# ruff: noqa: INP001 - a script beside the documents, not a package
"""What the screen reader Orca says of the page: `python -m docs.listen URL`, against a running demo system.

Needs `orca`, `xvfb`, `at-spi2-core`, `dbus` and `xdotool` (`apt-get install --no-install-recommends`), which nothing
else here does. Chromium shows the page on a screen that nobody sees, keys are pressed as on a keyboard, and what Orca
would say is read from its log. `docs/page.md` tells what was heard.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from docs.take_screenshots import ARGUMENTS, row, show, signed_in

DISPLAY = ":97"
_SAID = re.compile(r"SPEECH OUTPUT: '(.*)'\{")
_WITHIN = "TASKPOOL_LISTENS_WITHIN"
STEPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("to focus mode, in which letters are the page's", ("Insert+a", "Insert+a")),
    ("down two rows", ("j", "j")),
    ("claims it", ("c",)),
    ("opens what there is to do", ("Control_L+k", "R", "Down", "Escape")),
    ("whom to give it to", ("a", "Down", "Escape")),
    ("until when to put it off", ("d", "Escape")),
    ("keys", ("question", "Escape")),
    ("a filter", ("f", "a", "m", "Down", "Escape")),
)


def main(url: str) -> None:
    """Print each step with what was said."""
    with TemporaryDirectory() as folder, screen(Path(folder)) as heard:
        listen(url, heard)


@contextmanager
def screen(folder: Path) -> Iterator[Path]:
    """A screen with Orca; the file that it writes."""
    os.environ |= {"DISPLAY": DISPLAY, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "NO_AT_BRIDGE": "0"}
    log = folder / "orca.log"
    commands = (
        ["Xvfb", DISPLAY, "-screen", "0", "1440x1000x24"],
        ["/usr/libexec/at-spi-bus-launcher", "--launch-immediately"],
        ["orca", "--replace", f"--debug-file={log}"],
    )
    begun = []
    for command in commands:
        begun.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))  # noqa: S603
        time.sleep(3)
    try:
        yield log
    finally:
        for one in reversed(begun):
            one.terminate()


def listen(url: str, log: Path) -> None:
    """Take each step as an approver."""
    with sync_playwright() as playwright:
        arguments = [*ARGUMENTS, "--force-renderer-accessibility"]
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", headless=False, args=arguments)
        page = signed_in(browser, url, "approver1")
        show(page, url, tab="unassigned")
        row(page).wait_for()
        said = told(log, 0, "the page")
        for name, keys in STEPS:
            for key in keys:
                press(key)
            said = told(log, said, f"{name}: {' '.join(keys)}")
        browser.close()


def press(key: str) -> None:
    """One key of the keyboard, and what follows from it."""
    subprocess.run(["xdotool", "key", "--clearmodifiers", key], check=True)  # noqa: S603, S607
    time.sleep(0.2 if key.startswith("Insert") else 2)


def told(log: Path, before: int, step: str) -> int:
    """Print what has been said since; how much that was in all."""
    time.sleep(4)
    said = _SAID.findall(log.read_text(errors="replace"))
    sys.stdout.write("\n    ".join((f"\n{step}", *said[before:])) + "\n")
    return len(said)


if __name__ == "__main__":
    if _WITHIN not in os.environ:
        os.environ[_WITHIN] = "yes"
        again = ["dbus-run-session", "--", sys.executable, "-m", "docs.listen", *sys.argv[1:]]
        os.execvp(again[0], again)  # noqa: S606
    main(sys.argv[1])
