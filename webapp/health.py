"""Is the process alive, is it ready, and how is it doing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from flask import Blueprint, Response, current_app, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from webapp.metrics import Metrics
from webapp.services import services

health = Blueprint("health", __name__)

log = logging.getLogger(__name__)


@health.get("/healthz")
def healthz() -> Response:
    """Answer as long as the process runs."""
    return jsonify(status="ok")


@health.get("/readyz")
def readyz() -> Response:
    """200 when everything needed answers, else 503 with the reasons; what only helps is listed."""
    needed, helpful = _failures(services().needed), _failures(services().helpful)
    response = jsonify(ready=not needed, reasons=needed, degraded=helpful)
    response.status_code = 503 if needed else 200
    return response


@health.get("/metrics")
def metrics() -> Response:
    """Numbers for Prometheus."""
    found: Metrics = current_app.extensions["metrics"]
    return Response(generate_latest(found.registry), content_type=CONTENT_TYPE_LATEST)


def _failures(checks: Mapping[str, Callable[[], None]]) -> dict[str, str]:
    found = {name: _failure(check) for name, check in checks.items()}
    return {name: reason for name, reason in found.items() if reason}


def _failure(check: Callable[[], None]) -> str | None:
    try:
        check()
    except Exception as error:  # noqa: BLE001 - whatever goes wrong there is the reason to report
        log.warning("not_ready", extra={"reason": str(error)})
        return str(error) or type(error).__name__
    return None
