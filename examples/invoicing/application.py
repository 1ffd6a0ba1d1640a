"""The invoicing application: one process, run by the embedded engine, its variables mirrored."""

from __future__ import annotations

from tasks.application import ProcessApplication

application = ProcessApplication("invoicing")
application.mirror_variables()
