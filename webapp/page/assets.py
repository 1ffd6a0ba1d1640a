"""What a browser loads for the page: built files under addresses that change with them, and how it is installed."""

from __future__ import annotations

import json
from functools import lru_cache
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path

from flask import Response, abort, url_for

_BUILT = Path(__file__).parent / "static" / "built"
"""What setting up makes of `client/`."""
_FOREVER = "public, max-age=31536000, immutable"
_VERSION_DIGITS = 16


def is_built() -> bool:
    """Whether setting up has made the page."""
    return (_BUILT / "page.js").exists()


def built(name: str) -> str:
    """The address of a built file, another one whenever it says something else."""
    return url_for("page.static", filename=f"built/{name}", v=_version(name))


def first_parts(name: str) -> list[str]:
    """Addresses of what a script cannot begin without, to be fetched beside it."""
    try:
        parts = json.loads((_BUILT / "first.json").read_text())[name]
    except (OSError, KeyError):
        return []
    return [url_for("page.static", filename=f"built/{part}") for part in parts]


def keep_long(response: Response, name: str, version: str | None) -> Response:
    """A file whose address changes with it is never asked for twice; any other is asked for each time."""
    file = name.removeprefix("built/")
    # Only what was found, directly in that folder: a name may hold "..", and nothing else is to be read.
    if response.status_code >= HTTPStatus.BAD_REQUEST or file == name or "/" in file:
        return response
    if file.startswith("part-") or (version is not None and version == _version(file)):
        response.headers["Cache-Control"] = _FOREVER
    return response


def service_worker() -> Response:
    """The script that keeps the page's shell; browsers look for a new one at every visit."""
    try:
        script = (_BUILT / "service_worker.js").read_bytes()
    except OSError:
        abort(404)
    return Response(script, mimetype="text/javascript", headers={"Cache-Control": "no-cache"})


def manifest() -> Response:
    """How the page is called and looks when it is installed."""
    icon = {"sizes": "any", "type": "image/svg+xml"}
    said = {
        "name": "Taskpool",
        "short_name": "Taskpool",
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f4f6f9",
        "theme_color": "#2457d6",
        "icons": [
            {"src": url_for("page.static", filename="mark.svg"), "purpose": "any", **icon},
            {"src": url_for("page.static", filename="mark_whole.svg"), "purpose": "maskable", **icon},
        ],
    }
    return Response(json.dumps(said), mimetype="application/manifest+json", headers={"Cache-Control": "no-cache"})


def _version(name: str) -> str:
    try:
        stamp = (_BUILT / name).stat().st_mtime_ns
    except OSError:
        return ""
    return _digest(name, stamp)


# By when it was written: building again while the page is served is seen.
@lru_cache(maxsize=32)
def _digest(name: str, stamp: int) -> str:  # noqa: ARG001
    return sha256((_BUILT / name).read_bytes()).hexdigest()[:_VERSION_DIGITS]
