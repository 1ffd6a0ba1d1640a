"""Becomes the supervisor: leaves the command that started it, and collects what its processes leave behind."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


def main() -> None:
    """Run `supervisord` in the background, or until the command that started it is gone."""
    configuration, stays = sys.argv[1], "--stay" in sys.argv
    process_control = ctypes.CDLL(None).prctl
    if stays:
        process_control(PR_SET_PDEATHSIG, signal.SIGTERM)
    elif os.fork():
        os._exit(0)
    # Orphans come to us instead of the machine's first process, which in a container often collects none.
    process_control(PR_SET_CHILD_SUBREAPER, 1)
    # Not its own way into the background: that would fork once more, and both settings end with a fork.
    os.execv(sys.executable, [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", configuration])  # noqa: S606


if __name__ == "__main__":
    main()
