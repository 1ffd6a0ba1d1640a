"""How the web server itself logs: as everything else does."""

from __future__ import annotations

import os
from typing import Any

from gunicorn.glogging import Logger

from observe import logs


class ServerLog(Logger):  # type: ignore[misc] # gunicorn has no types
    """Named on gunicorn's command line; also the first thing that its master and each worker load."""

    def setup(self, cfg: Any) -> None:
        """Let lines go the way of all others."""
        super().setup(cfg)
        logs.configure(os.environ.get("TASKPOOL_PROCESS", "web"))
        logs.tell_of_crashes()
        for log in (self.error_log, self.access_log):
            log.handlers.clear()
            log.propagate = True
