"""The invoicing application: one process, run by the embedded engine."""

from __future__ import annotations

from tasks.application import ProcessApplication

application = ProcessApplication("invoicing")
