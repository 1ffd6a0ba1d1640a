"""Forms as their modellers drew them; read from the engine's store, the engine itself is not asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.errors import NotFound
from engines.documents import parsed
from engines.forms import schema
from engines.spiff.vendor import forms_in
from store.engine.instances import Instances
from store.sql.databases import ApplicationDatabases
from tasks.operate.diagrams import model_of

MOST_BYTES = 512 * 1024
"""Of a form that is drawn; of a larger one people get the fields."""


def drawn_form(
    databases: ApplicationDatabases, application: str, reference: Mapping[str, Any] | None, definition_id: str | None
) -> dict[str, Any]:
    """`{key, version, schema}` of a form that a task or a definition names; raises `NotFound`, `StoreUnavailable`."""
    if reference is None:
        raise NotFound("this has no form that is drawn")
    key, version = reference["key"], reference["version"]
    if version is None:
        source = _in_model(model_of(databases, application, definition_id), key)
    else:
        source = _deployed(databases, application, key, version)
    if source is None or len(source) > MOST_BYTES:
        raise NotFound("the form is not there any more, or too large to be drawn")
    return {"key": key, "version": version, "schema": schema(source)}


def _deployed(databases: ApplicationDatabases, application: str, key: str, version: int) -> bytes | None:
    with databases.open(databases.store_of(application)).reading() as connection:
        file = Instances(connection, application).form(key, version)
    return file.source if file else None


def _in_model(model: bytes, key: str) -> bytes | None:
    return next((text.encode() for text in forms_in(parsed(model), key) if text), None)
