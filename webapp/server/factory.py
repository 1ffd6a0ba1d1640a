"""Puts the web application together."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI
from werkzeug.middleware.proxy_fix import ProxyFix

from settings import PRODUCTION
from webapp import problems, refusals, tracing
from webapp.api import (
    audit,
    bulk,
    calendar_feed,
    changes,
    commands,
    data_entries,
    docs,
    drawn_forms,
    engine_events,
    events,
    external_tasks,
    instances,
    left,
    notifications,
    operations,
    people,
    processes,
    sessions,
    tasks,
    untold,
)
from webapp.api.described import SCHEMES
from webapp.api.held import Held
from webapp.page import pages
from webapp.server import health, metrics
from webapp.server.clients import per_address
from webapp.server.paths import TaskId
from webapp.services import Services
from webapp.sign_in import csrf

_MAX_BODY = 5 * 2**20
_YEAR_SECONDS = 365 * 24 * 3600
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class _Sessions(SecureCookieSessionInterface):
    """What everybody is given alike brings nobody's session: it may be kept where many share it."""

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        return request.endpoint != "page.static" and super().should_set_cookie(app, session)


def create_app(services: Services) -> Flask:
    """One web application over these services; the caller starts the hub."""
    app = OpenAPI(
        __name__,
        info=Info(title="Taskpool", version="1", description="One live task list over many process engines"),
        security_schemes=SCHEMES,
        validation_error_status=400,
        validation_error_callback=problems.unreadable,
        validation_error_model=problems.Problem,
        doc_ui=False,
        # What is static belongs to the page.
        static_folder=None,
    )
    _configure(app, services)
    app.extensions["taskpool"] = services
    app.extensions["held"] = Held(services.settings.held_per_person)
    csrf.init_app(app)
    problems.install(app)
    refusals.install(app)
    tracing.install(app)
    health.install(app, services)
    metrics.install(app, services)
    app.url_map.converters["task"] = TaskId
    for module in (
        changes,
        tasks,
        bulk,
        commands,
        processes,
        instances,
        drawn_forms,
        events,
        data_entries,
        left,
        people,
        notifications,
        engine_events,
        operations,
        sessions,
        untold,
        audit,
        external_tasks,
    ):
        app.register_api(module.api)
    for blueprint in (pages.page, docs.docs, calendar_feed.feed):
        app.register_blueprint(blueprint)
    app.session_interface = _Sessions()
    app.after_request(_secure)
    _guard(app, services)
    return app


def _guard(app: Flask, services: Services) -> None:
    """Outermost, so that whatever is open counts, and for the address that the nearest proxy names."""
    inner = app.wsgi_app
    guarded: Any = per_address(inner, services.settings.requests_per_address)
    if n := services.settings.proxies:
        guarded = ProxyFix(guarded, x_for=n, x_proto=n, x_host=n)
    app.wsgi_app = guarded  # type: ignore[method-assign]


def _configure(app: Flask, services: Services) -> None:
    app.config.update(
        SECRET_KEY=services.settings.secret_key,
        MAX_CONTENT_LENGTH=_MAX_BODY,
        SESSION_COOKIE_NAME="taskpool",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=services.settings.profile == PRODUCTION,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=services.settings.session_hours),
        # Calls with credentials of their own need no token; `sign_in` asks for it where the session is what counts.
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
    )


def _secure(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", _POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Referrer-Policy", "same-origin")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", f"max-age={_YEAR_SECONDS}")
    if request.path.startswith(("/api/", "/engine-rest/")):
        headers.setdefault("Cache-Control", "no-store")
    return response
