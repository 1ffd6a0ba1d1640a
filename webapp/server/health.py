"""Is the process alive, and is the system ready."""

from __future__ import annotations

import hmac
import logging
from typing import cast

from flask import Blueprint, Flask, Response, current_app, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from settings import PRODUCTION
from store.health.checks import PATIENCE_SECONDS, Questions
from webapp.problems import NotSignedIn
from webapp.services import Services, services
from webapp.sign_in import resolver

health = Blueprint("health", __name__)

log = logging.getLogger(__name__)


class Readiness:
    """What does not work, and why; kept between two requests so that a question that hangs is not put again."""

    def __init__(self, services: Services) -> None:
        self._required = frozenset(services.required_checks)
        self._questions = Questions({**services.required_checks, **services.optional_checks})
        self._told: dict[str, str] = {}

    def reasons(self, patience: float = PATIENCE_SECONDS) -> tuple[dict[str, str], dict[str, str]]:
        """What is required and fails, and what only helps and fails, each by its name; within `patience`."""
        failing = {name: reason for name, reason in self._answers(patience).items() if reason}
        self._log_what_is_new(failing)
        optional = {name: reason for name, reason in failing.items() if name not in self._required}
        return {name: failing[name] for name in failing.keys() - optional.keys()}, optional

    def parts(self, patience: float) -> dict[str, bool]:
        """Whether each part works."""
        return {name: not reason for name, reason in self._answers(patience).items()}

    def _answers(self, patience: float) -> dict[str, str]:
        """The reason of each part, empty when it works."""
        answers = self._questions.put(patience)
        return {name: "" if error is None else str(error) or type(error).__name__ for name, error in answers.items()}

    def _log_what_is_new(self, failing: dict[str, str]) -> None:
        """One line for each change, however often somebody asks."""
        told, self._told = self._told, failing
        for name in failing.keys() - told.keys():
            log.warning("part_failed", extra={"part": name, "reason": failing[name]})
        for name in told.keys() - failing.keys():
            log.info("part_recovered", extra={"part": name})


def install(app: Flask, services: Services) -> None:
    """Answer those who watch."""
    app.extensions["readiness"] = Readiness(services)
    app.register_blueprint(health)


@health.get("/healthz")
def healthz() -> Response:
    """Answer as long as the process runs."""
    return jsonify(status="ok")


@health.get("/readyz")
def readyz() -> Response:
    """200 when everything required works, else 503 with the reasons; what only helps is listed."""
    required, optional = cast("Readiness", current_app.extensions["readiness"]).reasons()
    response = (
        jsonify(ready=not required, reasons=required, degraded=optional) if _may_look() else jsonify(ready=not required)
    )
    response.status_code = 503 if required else 200
    return response


@health.get("/metrics")
def metrics() -> Response:
    """Numbers for Prometheus."""
    if not _may_look():
        raise NotSignedIn("sign in as an operator, or show TASKPOOL_METRICS_TOKEN as a bearer token")
    return Response(generate_latest(current_app.extensions["metrics"]), content_type=CONTENT_TYPE_LATEST)


def _may_look() -> bool:
    """In production how it all is, is for operators and for who shows the token of the metrics."""
    settings, shown = services().settings, request.authorization
    if settings.profile != PRODUCTION:
        return True
    token = shown.token if shown is not None and shown.type == "bearer" else None
    if token and settings.metrics_token and hmac.compare_digest(token.encode(), settings.metrics_token.encode()):
        return True
    user = resolver()()
    return user is not None and user.is_operator
