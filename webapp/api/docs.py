"""The API's own description, and a page to browse it that needs no other server."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import cast

from flask import Blueprint, Response, current_app, jsonify, render_template, send_from_directory
from flask_openapi3.openapi import OpenAPI

docs = Blueprint("docs", __name__, url_prefix="/api/v1")

_ASSETS = Path(str(files("flask_openapi3_swagger"))) / "templates" / "swagger"
# Swagger's page styles itself inline; only this page may.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'"
)


@docs.get("/openapi.json")
def openapi() -> Response:
    """What this API can do, as OpenAPI 3.1."""
    return jsonify(cast("OpenAPI", current_app).api_doc)


@docs.get("/docs")
def browse() -> Response:
    """A page to browse and try the API."""
    response = Response(render_template("docs.html"))
    response.headers["Content-Security-Policy"] = _POLICY
    return response


@docs.get("/docs/<path:name>")
def asset(name: str) -> Response:
    """A file of that page."""
    return send_from_directory(_ASSETS, name)
