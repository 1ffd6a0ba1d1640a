"""The model of a process instance, for its picture; read from its engine's store, the engine itself is not asked."""

from __future__ import annotations

from domain.errors import NotFound
from store.engine.instances import Instances
from store.sql.databases import ApplicationDatabases


def model_of(databases: ApplicationDatabases, application: str, definition_id: str | None) -> bytes:
    """The BPMN that was deployed; raises `NotFound` where no engine of ours has it, and `StoreUnavailable`."""
    if definition_id is not None:
        with databases.open(databases.store_of(application)).reading() as connection:
            stored = Instances(connection, application).definition(definition_id)
        # One store may hold the definitions of several applications, whose engines name them as they like.
        if stored is not None and stored.definition.application == application:
            return stored.source
    raise NotFound("there is no diagram of this process here: its engine keeps the model to itself")
